import Foundation
import Log
import Testing

@Suite(.blocking) struct ConcurrencyConformance {
  /// Producers in several threads, an engine that copies what they append, and a subscriber: every record arrives
  /// once, and each producer's in its order.
  @Test(arguments: LogUnderTest.all) func manyAtOnce(kind: LogUnderTest) throws {
    let opened = try kind.make(TopicSpec(name: "in", partitions: 2), TopicSpec(name: "out", partitions: 2))
    let (producers, batches, size) = (4, 40, 25)
    let total = producers * batches * size
    let log = opened.log
    let other = try opened.again()
    let writers = try (0..<producers).map { number in
      try BackgroundThread {
        let producer = try (number % 2 == 0 ? log : other).makeProducer(id: "p\(number)")
        for batch in 0..<batches {
          let records = (0..<size).map { Record(Int64(batch), key: "\(number)", "\(batch * size + $0)") }
          try producer.append([AppendBatch(TopicPartition("in", number % 2), records)])
        }
      }
    }
    let engine = try BackgroundThread {
      let consumer = try other.join(group: "copy", topics: ["in"], member: "m")
      _ = try consumer.start(["in"])
      var done = 0
      while done < total {
        switch try consumer.poll(["in"], limit: ReadLimit(records: 500)) {
        case .records(let fetches):
          let outputs = fetches.map {
            AppendBatch(TopicPartition("out", $0.partition.partition), $0.records.map(\.record))
          }
          let offsets = fetches.map { ($0.partition, $0.next) }
          try consumer.commit(outputs: outputs, offsets: Dictionary(offsets) { max($0, $1) })
          done += fetches.reduce(0) { $0 + $1.records.count }
        case .idle: try consumer.wait(["in"], milliseconds: 1_000)
        default:
          Issue.record("an assignment in the middle of things")
          return
        }
      }
    }
    let reader = try log.makeReader()
    var positions = [TopicPartition("out", 0): Int64(0), TopicPartition("out", 1): 0]
    var orders: [String: [Int]] = [:]
    var seen = 0
    while seen < total, try reader.wait(for: positions, milliseconds: 20_000) {
      for (partition, position) in positions {
        let fetch = try reader.read(partition, from: position, limit: ReadLimit())
        positions[partition] = fetch.next
        for record in fetch.records {
          orders[record.record.keyText ?? "", default: []].append(Int(record.record.text ?? "") ?? -1)
          seen += 1
        }
      }
    }
    try writers.forEach { try $0.join() }
    try engine.join()
    #expect(orders.count == producers)
    for order in orders.values { #expect(order == Array(0..<batches * size)) }
  }
}
