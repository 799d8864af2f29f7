import Bytes
import Engine
import Events
import Foundation
import Log
import Models

/// What the stage holds after many events beside what it held after the first million: the same, where the events that
/// it has to keep are as many. The log is one in memory, so that no file's cache counts.
enum StageSoak {
  /// How long a prediction is kept without its label: as many of them, as one comes every millisecond.
  private static let horizon: Milliseconds = 100_000
  private static let first = 1_000_000

  /// A hundred million events take minutes.
  static func run(events: Int, into table: inout Table) throws {
    var intake = IntakeConfiguration()
    intake.labelHorizon = horizon
    let configuration = EngineConfiguration(
      inputPartitions: 1, intake: intake,
      models: [ModelConfiguration(name: BenchmarkEvents.model, task: .binary)])
    let data = BenchmarkEvents(count: 2_000)
    let directory = FixedDirectory(VersionFacts(published: 0, task: "binary", reference: data.reference))
    let worker = try Worker(
      JoinStage.self, log: EndlessLog(configuration.names, EndlessEvents(data)), configuration: configuration,
      settings: WorkerSettings(pollRecords: 10_000)
    ) { partition, _ in
      JoinStage(partition: partition, configuration: configuration, versions: directory, firstFreeNumber: 0)
    }
    var read = 0
    func work(upTo count: Int) throws { while read < count { read += try worker.step().records } }
    try work(upTo: first)
    guard let before = Residency.kilobytes else { return }
    var mark = first
    while mark < events {
      mark = min(10 * mark, events)
      try work(upTo: mark)
      guard let after = Residency.kilobytes else { return }
      table.add(
        Row(
          figure: Figure("resident after \(mark) events", .kilobytes, targets: [.ratio(1.05)]), ours: after,
          peer: .measured(name: "after \(first)", version: "", value: before)))
    }
    try worker.close()
  }
}

/// Predictions without end, and a watermark that lets them pass; forgets whatever is written.
private final class EndlessLog: Log {
  private let names: TopicNames
  private let events: EndlessEvents

  init(_ names: TopicNames, _ events: EndlessEvents) {
    self.names = names
    self.events = events
  }

  func create(_ topic: TopicSpec) {}
  func topics() -> [TopicSpec] { Topic.allCases.map { TopicSpec(name: names[$0], partitions: 1) } }
  func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    throw LogError(.unavailable, "This log takes no records from outside.")
  }
  func makeReader() -> any LogReader { EmptyReader() }
  func join(group: String, topics: [String], member: String) -> any LogConsumer {
    EndlessConsumer(names, events)
  }
  func maintain(now: Int64, workedOff: Int64) {}
}

private final class EmptyReader: LogReader {
  func bounds(of partition: TopicPartition) -> Range<Int64> { 0..<0 }
  func offset(in partition: TopicPartition, atOrAfter time: Int64) -> Int64 { 0 }
  func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) -> Fetch {
    Fetch(partition: partition, records: [], next: 0, end: 0)
  }
  func wait(for positions: [TopicPartition: Int64], milliseconds: Int) -> Bool { false }
  func committed(group: String) -> [TopicPartition: Int64] { [:] }
  func close() {}
}

private final class EndlessConsumer: LogConsumer {
  private let names: TopicNames
  private let events: EndlessEvents
  private var isAssigned = false
  private var isMarked = false
  private var next: Int64 = 0

  init(_ names: TopicNames, _ events: EndlessEvents) {
    self.names = names
    self.events = events
  }

  func poll(_ topics: [String], limit: ReadLimit) -> Polled {
    guard isAssigned else {
      isAssigned = true
      return .assigned([0], committed: [:])
    }
    if topics.contains(names[.watermarks]), !isMarked {
      isMarked = true
      return .records([fetch(.watermarks, [events.watermark])])
    }
    guard topics.contains(names[.predictions]) else { return .idle }
    let records = events.records(from: next, count: limit.records)
    next += Int64(records.count)
    return .records([fetch(.predictions, records)])
  }

  private func fetch(_ topic: Topic, _ records: [StoredRecord]) -> Fetch {
    let end = (records.last?.offset ?? -1) + 1
    return Fetch(partition: TopicPartition(names[topic], 0), records: records, next: end, end: end)
  }

  func wait(_ topics: [String], milliseconds: Int) {}
  func hasReadAll(_ topics: [String]) -> Bool { false }
  func seek(_ partition: TopicPartition, to offset: Int64) {}
  func send(_ outputs: [AppendBatch]) {}
  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) {}
  func close() {}
}

/// The same events again and again, each with an id and a time of its own, a millisecond apart.
private struct EndlessEvents {
  private let bytes: [UInt8]
  private let ends: [Int]
  /// Where the digits of each id begin.
  private let digits: [Int]
  private static let start: Milliseconds = 1_700_000_000_000

  init(_ data: BenchmarkEvents) {
    bytes = data.binary
    ends = data.binaryEnds
    var start = 0
    digits = zip(data.binaryEnds, data.predictions).map { end, prediction in
      defer { start = end }
      let id = Array(prediction.id.utf8)
      return (start..<end).first { data.binary[$0..<end].starts(with: id) }.map { $0 + 2 } ?? start
    }
  }

  /// Says that no label comes.
  var watermark: StoredRecord {
    let time = Self.start * 2
    let offsets = [TopicOffset(topic: Topic.labels.rawValue, offset: 0)]
    let value = Watermark(partition: 0, time: time, offsets: offsets).encoded()
    return StoredRecord(offset: 0, record: Record(timestamp: time, value: value[...]))
  }

  func records(from first: Int64, count: Int) -> [StoredRecord] {
    var records: [StoredRecord] = []
    records.reserveCapacity(count)
    while records.count < count {
      let number = first + Int64(records.count)
      let some = min(count - records.count, ends.count)
      var row = Array(bytes[..<ends[some - 1]])
      for place in 0..<some { stamp(&row, place, number + Int64(place)) }
      for place in 0..<some {
        let range = (place == 0 ? 0 : ends[place - 1])..<ends[place]
        let record = Record(timestamp: Self.start + number + Int64(place), value: row[range])
        records.append(StoredRecord(offset: number + Int64(place), record: record))
      }
    }
    return records
  }

  private func stamp(_ row: inout [UInt8], _ place: Int, _ number: Int64) {
    let event = place == 0 ? 0 : ends[place - 1]
    for step in 0..<8 { row[event + 8 + step] = UInt8(truncatingIfNeeded: (Self.start + number) >> (8 * step)) }
    var rest = number
    for step in (0..<8).reversed() {
      row[digits[place] + step] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
