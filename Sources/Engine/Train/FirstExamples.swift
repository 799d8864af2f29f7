public import Events
public import Log

/// A glance at the rows of a run: enough to see what they look like, at the cost of a read or two.
public struct FirstExamples {
  private let reader: any LogReader
  private let topic: String
  /// Records that are looked at in a partition at most.
  private static let mostRecords = 2_000

  public init(reader: any LogReader, names: TopicNames) {
    self.reader = reader
    topic = names[.examples]
  }

  /// At most `count` of the run's first rows; fewer, or none, where other rows lie before them.
  public func rows(of run: RunStarted, count: Int) throws(LogError) -> [TrainingRow] {
    var rows: [TrainingRow] = []
    for range in run.rows.partitions {
      let place = TopicPartition(topic, range.partition)
      var position =
        if let from = run.rows.from { try reader.offset(in: place, atOrAfter: from) } else {
          try reader.bounds(of: place).lowerBound
        }
      var seen = 0
      while rows.count < count, seen < Self.mostRecords {
        let fetch = try reader.readOverDamage(place, from: position, limit: ReadLimit(records: 100))
        for stored in fetch.records where rows.count < count {
          if let row = Self.row(stored.record, of: run, in: range.partition) { rows.append(row) }
        }
        seen += max(fetch.records.count, 1)
        guard fetch.next > position, fetch.next < fetch.end else { break }
        position = fetch.next
      }
    }
    return rows
  }

  /// At most `count` of the run's last rows. Costs as much as lies behind them.
  public func lastRows(of run: RunStarted, count: Int) throws(LogError) -> [TrainingRow] {
    var rows: [TrainingRow] = []
    for range in run.rows.partitions where rows.count < count {
      var found: [TrainingRow] = []
      _ = try reader.last(in: TopicPartition(topic, range.partition)) { record -> Bool? in
        guard let row = Self.row(record, of: run, in: range.partition) else { return nil }
        found.append(row)
        return true
      }
      rows += found.suffix(count - rows.count)
    }
    return rows
  }

  private static func row(_ record: Record, of run: RunStarted, in partition: Int) -> TrainingRow? {
    guard let value = record.value, case .example(let example) = try? ExampleRecord.decode(value),
      run.wants(example, partition: partition)
    else { return nil }
    return TrainingRow(partition: partition, example: example)
  }
}
