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
          guard let value = stored.record.value, case .example(let example) = try? ExampleRecord.decode(value),
            run.wants(example, partition: range.partition)
          else { continue }
          rows.append(TrainingRow(partition: range.partition, example: example))
        }
        seen += max(fetch.records.count, 1)
        guard fetch.next > position, fetch.next < fetch.end else { break }
        position = fetch.next
      }
    }
    return rows
  }
}
