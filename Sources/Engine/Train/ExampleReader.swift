public import Events
public import Log
public import Parallel

/// Reads the rows of a run from `examples`.
public struct ExampleReader {
  private let reader: any LogReader
  private let topic: String

  public init(reader: any LogReader, names: TopicNames) {
    self.reader = reader
    topic = names[.examples]
  }

  /// The rows that the run wants, those for its reference among them; records that are no examples are passed over.
  /// Starts where the log's time index says, so it costs as much time as there are rows since then.
  ///
  /// - Parameters:
  ///   - mostRows: where there are more, the newest are returned; about twice as many are held in memory.
  ///   - memory: what is held on the way is entered there.
  ///   - workers: who decodes what has been read.
  ///   - checkQuota: called between reads; what it throws ends reading.
  /// - Throws: what `memory` and `checkQuota` throw; `LogError`, among others the retriable one of `settle` where an open
  ///   transaction hides rows; `TrainingFailure` where the log has them no longer.
  public func rows(
    of run: RunStarted, mostRows: Int = .max, memory: RunMemory = RunMemory(limit: .max),
    workers: Workers = .one, checkQuota: () throws -> Void = {}
  ) throws -> [TrainingRow] {
    var memory = memory
    let earliest = run.rows.from.map { min($0, run.referenceFrom ?? $0) }
    var rows: [TrainingRow] = []
    for range in run.rows.partitions {
      let place = TopicPartition(topic, range.partition)
      var position =
        if let earliest { try reader.offset(in: place, atOrAfter: earliest) } else {
          try reader.bounds(of: place).lowerBound
        }
      var last = range.first - 1
      var isSettled = false
      reading: while true {
        try checkQuota()
        try memory.check()
        if rows.count / 2 >= mostRows {
          rows = rows.newest(mostRows)
          memory.hold(rows)
        }
        let fetch = try reader.read(place, from: position, limit: ReadLimit())
        for example in workers.map(fetch.records[...], by: Self.piece, Self.examples).joined() {
          last = max(last, example.seq)
          if example.seq >= range.end { break reading }
          if run.wants(example, partition: range.partition) {
            let row = TrainingRow(partition: range.partition, example: example)
            rows.append(row)
            memory.add(row)
          }
        }
        position = fetch.next
        guard position >= fetch.end else { continue }
        guard last + 1 < range.end else { break }
        guard !isSettled else { throw missing(place, last + 1..<range.end) }
        // They are committed, but the transaction of a dead worker may hide them.
        try reader.settle(place)
        isSettled = true
      }
    }
    try memory.check()
    return rows.count > mostRows ? rows.newest(mostRows) : rows
  }

  /// Records that are decoded at a time.
  private static let piece = 500

  @Sendable
  private static func examples(_ records: ArraySlice<StoredRecord>) -> [Example] {
    // A copy of a whole record is dear while others copy what shares its storage.
    records.indices.compactMap { index in
      guard let value = records[index].record.value, case .example(let example) = try? ExampleRecord.decode(value)
      else { return nil }
      return example
    }
  }

  private func missing(_ place: TopicPartition, _ rows: Range<Int64>) -> TrainingFailure {
    TrainingFailure(
      "\(place) has no rows \(rows.lowerBound) to \(rows.upperBound - 1), which the run is to read: they have been "
        + "deleted. Keep them longer; the next run reads the rows that are there then.")
  }

  /// The number after the last example of a partition.
  public func firstFreeNumber(in partition: Int) throws(LogError) -> Int64 {
    try last(in: partition) { record in
      switch record {
      case .example(let example): example.seq.saturatingAdd(1)
      case .resolved(let resolved): resolved.nextSeq
      case .expired: nil
      }
    } ?? 0
  }

  /// What was said last of which rows of a partition are labelled.
  public func lastResolved(in partition: Int) throws(LogError) -> Resolved? {
    try last(in: partition) { record in
      if case .resolved(let resolved) = record { resolved } else { nil }
    }
  }

  /// The rows that are labelled now, as a person's trigger names them: everything before the time that is resolved in
  /// every partition.
  public func resolvedRows(partitions: Int) throws(LogError) -> RowSet? {
    var before = Milliseconds.max
    var ranges: [PartitionRows] = []
    for partition in 0..<partitions {
      guard let resolved = try lastResolved(in: partition) else { continue }
      before = min(before, resolved.upTo)
      ranges.append(PartitionRows(partition: partition, first: 0, end: resolved.nextSeq))
    }
    return ranges.isEmpty ? nil : RowSet(before: before, partitions: ranges)
  }

  private func last<T>(in partition: Int, _ pick: (ExampleRecord) -> T?) throws(LogError) -> T? {
    try reader.last(in: TopicPartition(topic, partition)) { record in
      record.value.flatMap { try? ExampleRecord.decode($0) }.flatMap(pick)
    }
  }
}
