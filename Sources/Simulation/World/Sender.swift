import Bytes
import Events
import Log

/// A producer of one partition: sends in order, and again what it has no answer for.
struct Sender {
  let topic: Topic
  let partition: Int
  let producer: any LogProducer
  private let items: [SimulatedInput.Item]
  private var next = 0
  private var sequence: Int64 = 0
  /// On its way.
  private var open: AppendBatch?
  /// The newest batch that has been acknowledged.
  private(set) var last: AppendBatch?
  /// Everything that it made, in order.
  private(set) var made: [Record] = []

  init(_ topic: Topic, _ partition: Int, items: [SimulatedInput.Item], producer: any LogProducer) {
    self.topic = topic
    self.partition = partition
    self.producer = producer
    self.items = items.filter { $0.partition == partition }
  }

  var isDone: Bool { next == items.count && open == nil }

  func isDue(at time: Milliseconds) -> Bool {
    open != nil || (next < items.count && items[next].due <= time)
  }

  /// Sends what is due, at most `most` records, or what it has no answer for.
  ///
  /// - Parameter encode: makes the record of a prediction that is sent at a time.
  mutating func send(
    _ name: String, at time: Milliseconds, most: Int, _ encode: (Prediction) -> [UInt8]
  ) throws(LogError) -> Int {
    let batch = open ?? make(name, at: time, most: most, encode)
    open = batch
    _ = try producer.append([batch])
    (open, last) = (nil, batch)
    return batch.records.count
  }

  /// Sends once more what has been acknowledged.
  func repeatLast() throws(LogError) {
    if let last { _ = try producer.append([last]) }
  }

  private mutating func make(
    _ name: String, at time: Milliseconds, most: Int, _ encode: (Prediction) -> [UInt8]
  ) -> AppendBatch {
    var records: [Record] = []
    while next < items.count, items[next].due <= time, records.count < most {
      switch items[next].content {
      case .prediction(let prediction):
        records.append(Record(timestamp: max(items[next].due, prediction.time), value: encode(prediction)[...]))
      case .record(let record): records.append(record)
      }
      next += 1
    }
    made += records
    defer { sequence += Int64(records.count) }
    return AppendBatch(TopicPartition(name, partition), records, sequence: sequence)
  }
}
