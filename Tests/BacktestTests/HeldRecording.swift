import Backtest
import Drift
import Engine
import Events
import Log
import Sketches

/// Topics held in memory, handed over in the order of their timestamps.
struct HeldRecording: TopicRecording {
  struct Held: Sendable {
    let topic: Topic
    let partition: Int
    let stored: StoredRecord
  }

  let partitions: Int
  private(set) var records: [Held] = []
  private var next: [Topic: [Int: Int64]] = [:]
  /// Records that are handed over together at most.
  var cut = 100

  init(partitions: Int) {
    self.partitions = partitions
  }

  mutating func append(_ topic: Topic, _ value: [UInt8], in partition: Int = 0, at time: Milliseconds) {
    let offset = next[topic, default: [:]][partition, default: 0]
    next[topic, default: [:]][partition] = offset + 1
    let stored = StoredRecord(offset: offset, record: Record(timestamp: time, value: value[...]))
    let place = records.lastIndex { $0.stored.record.timestamp <= time }.map { $0 + 1 } ?? 0
    records.insert(Held(topic: topic, partition: partition, stored: stored), at: place)
  }

  func count(of topic: Topic) -> Int { records.count { $0.topic == topic } }

  func read(_ topics: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
    var run: [Held] = []
    func hand() throws {
      guard let last = run.last else { return }
      try take(RecordRun(last.topic, last.partition, run.map(\.stored)[...], next: last.stored.offset + 1))
      run = []
    }
    for record in records where topics.contains(record.topic) {
      if let last = run.last, last.topic != record.topic || last.partition != record.partition || run.count >= cut {
        try hand()
      }
      run.append(record)
    }
    try hand()
  }

  private static let reference: [Double] = (0..<1_000).map { Double($0) / 1_000 }

  /// Version 1, whose only column is `x`, even from 0 to 1.
  mutating func appendVersion() {
    let binning = NumericBinning.build(sortedReference: Self.reference)
    let column = ColumnReferenceRecord(
      name: "x", edges: binning.edges, counts: binning.counts(of: Self.reference.span), missing: 0)
    let version = ModelRecord(
      model: Stream.model, version: 1, status: .champion, reason: "first", time: 0, family: "mixture", task: "binary",
      configuration: "", code: "", seed: 1,
      reference: ReferenceRecord(rows: Self.reference.count, provisional: false, columns: [column]))
    append(.models, version.encoded(), at: 0)
  }

  /// A row of that version, a second after the last.
  mutating func appendPrediction(_ row: Int, _ partition: Int = 0, x: Double, at time: Milliseconds? = nil) {
    let prediction = Prediction(
      id: "r\(row)", model: Stream.model, version: 1, time: Milliseconds(row) * 1_000,
      features: [Feature(name: "x", value: .number(x))], score: .number(0.5))
    append(.predictions, prediction.encoded(), in: partition, at: time ?? prediction.time)
  }

  mutating func appendLabel(_ row: Int, _ partition: Int = 0, delay: Int, at timestamp: Milliseconds? = nil) {
    let time = Milliseconds(row + delay) * 1_000
    let label = Label(prediction: "r\(row)", model: Stream.model, time: time, value: .number(1))
    append(.labels, label.encoded(), in: partition, at: timestamp ?? time)
  }
}
