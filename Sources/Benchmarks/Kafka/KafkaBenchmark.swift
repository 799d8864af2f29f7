import CRdKafka
import Engine
import EventLog
import Events
import Foundation
import Log

/// The Kafka log on the cluster that `LEEWAY_KAFKA` names, which must keep its data, beside a bare consumer of librdkafka
/// that reads the same topic and does nothing with it. Without that variable it measures nothing.
///
/// A cluster on the same machine takes processors from both. What the threads use of processors is therefore counted as
/// well: on a machine with processors to spare the slower of the stage's thread and the library's threads sets the rate.
struct KafkaBenchmark: Benchmark {
  let name = "kafka"
  var events = 300_000

  func run(into table: inout Table) throws {
    guard let servers = ProcessInfo.processInfo.environment["LEEWAY_KAFKA"], !servers.isEmpty else { return }
    let log = try KafkaLog(KafkaOptions(servers: servers))
    let data = BenchmarkEvents(count: events)
    let facts = VersionFacts(published: 0, task: "binary", reference: data.reference)
    let forms: [(String, [[UInt8]])] = [
      ("JSON", data.predictions.map { $0.encoded() }), ("binary", data.binaryRecords),
    ]
    let folder = table.folder
    for (form, records) in forms {
      // Every round has topics, and so states and offsets, of its own.
      func filled(_ log: any Log) throws -> EngineConfiguration {
        let configuration = StageWork.configuration(prefix: Self.freshPrefix)
        try StageWork.fill(log, configuration, data, records)
        return configuration
      }
      func stage(_ log: any Log, by watch: Stopwatch) throws -> Double {
        try StageWork.summarize(events, of: log, filled(log), facts, member: Self.freshPrefix, by: watch)
      }
      let names = try filled(log).names
      func copied(by watch: Stopwatch) -> Contender {
        .reporting("copy") { try copy(log, names[.predictions], to: names[.deadletters], by: watch) }
      }
      func bare(by watch: Stopwatch) -> Contender {
        .reporting("a bare consumer, batches of 10,000") {
          try BareConsumer.seconds(servers, topic: names[.predictions], records: events, by: watch)
        }
      }
      let (summaries, copies) = (
        "\(form) events, cluster to summaries", "\(form) records, copied in transactions of 100 ms"
      )
      try table.compare(
        Figure(summaries, .perSecond("event"), targets: [.ratio(0.8)]), items: events,
        ours: .reporting("stage") { try stage(log, by: .elapsed) }, peer: .contender(bare(by: .elapsed)))
      try table.compare(
        Figure(copies, .perSecond("record"), targets: [.value(400_000)]), items: events, ours: copied(by: .elapsed),
        peer: .contender(bare(by: .elapsed)))
      try table.compare(
        Figure("\(summaries), by its thread's processor", .perSecond("event")), items: events,
        ours: .reporting("stage") { try stage(log, by: .ownProcessor) },
        peer: .contender(
          .reporting("on the embedded log") {
            let file = folder.appending(path: "\(Self.freshPrefix)db").path
            return try stage(EmbeddedLog(path: file), by: .ownProcessor)
          }))
      try table.compare(
        Figure("\(summaries), by the library's processors", .perSecond("event")), items: events,
        ours: .reporting("stage") { try stage(log, by: .otherProcessors) },
        peer: .contender(bare(by: .otherProcessors)))
      for watch in [Stopwatch.ownProcessor, .otherProcessors] {
        let whose = watch == .ownProcessor ? "its thread's processor" : "the library's processors"
        try table.compare(
          Figure("\(copies), by \(whose)", .perSecond("record")), items: events, ours: copied(by: watch), peer: .none)
      }
    }
  }

  /// Of names that nobody has used before.
  private static var freshPrefix: String { "bench-\(String(UInt64.random(in: .min ... .max), radix: 36))." }

  /// One output for every input, with the offsets, committed every 100 ms.
  private func copy(_ log: KafkaLog, _ from: String, to: String, by watch: Stopwatch) throws -> Double {
    let group = "\(Self.freshPrefix)copy"
    let consumer = try log.join(group: group, topics: [from], member: group)
    defer { consumer.close() }
    let target = TopicPartition(to, 0)
    var (read, next) = (0, Int64(0))
    var (start, last) = (0.0, ContinuousClock.now)
    while read < events {
      switch try consumer.poll([from], limit: ReadLimit(records: 10_000)) {
      case .assigned(let numbers, _):
        for number in numbers { try consumer.seek(TopicPartition(from, number), to: 0) }
      case .records(let fetches):
        if read == 0 { (start, last) = (watch.now, .now) }
        for fetch in fetches where !fetch.records.isEmpty {
          try consumer.send([AppendBatch(target, fetch.records.map(\.record))])
          read += fetch.records.count
          next = fetch.next
        }
        if ContinuousClock.now - last >= .milliseconds(100) || read >= events {
          try consumer.commit(outputs: [], offsets: [TopicPartition(from, 0): next])
          last = .now
        }
      case .revoked, .idle: continue
      }
    }
    return watch.now - start
  }
}

/// librdkafka as a C program would use it.
private enum BareConsumer {
  static func seconds(_ servers: String, topic: String, records: Int, by watch: Stopwatch) throws -> Double {
    let configuration = rd_kafka_conf_new()
    var text = [CChar](repeating: 0, count: 512)
    for (name, value) in [
      ("bootstrap.servers", servers), ("group.id", "leeway-bare"), ("enable.auto.commit", "false"),
      ("queued.min.messages", "1000000"), ("isolation.level", "read_committed"),
    ] { rd_kafka_conf_set(configuration, name, value, &text, text.count) }
    guard let client = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, &text, text.count) else {
      throw PeerFault(reason: "librdkafka makes no consumer")
    }
    defer { rd_kafka_destroy(client) }
    rd_kafka_poll_set_consumer(client)
    let list = rd_kafka_topic_partition_list_new(1)
    defer { rd_kafka_topic_partition_list_destroy(list) }
    rd_kafka_topic_partition_list_add(list, topic, 0).pointee.offset = 0
    rd_kafka_assign(client, list)
    guard let queue = rd_kafka_queue_get_consumer(client) else { throw PeerFault(reason: "there is no queue") }
    defer { rd_kafka_queue_destroy(queue) }
    let slots = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: 10_000)
    slots.initialize(repeating: nil)
    defer { slots.deallocate() }
    var read = 0
    func take() {
      let count = rd_kafka_consume_batch_queue(queue, 10, slots.baseAddress, slots.count)
      for index in 0..<max(count, 0) {
        if slots[index]?.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR { read += 1 }
        rd_kafka_message_destroy(slots[index])
      }
    }
    while read == 0 { take() }
    return watch.seconds { while read < records { take() } }
  }
}
