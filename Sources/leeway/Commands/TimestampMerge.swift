import Log

/// Reads several partitions as one stream, always taking the partition whose next record has the earliest timestamp, of
/// equal ones the first. Memory is one read per partition.
struct TimestampMerge {
  private struct Source {
    let partition: TopicPartition
    var next: Int64
    /// Where it ends; nil for wherever the partition does.
    let end: Int64?
    var records: [StoredRecord] = []
    var place = 0
    /// Of the record that comes next.
    var time: Int64 = 0

    var isDone: Bool { end.map { next >= $0 } ?? false }
  }

  private static let limit = ReadLimit(records: 1_000, bytes: 1 << 20)

  private let readers: [any LogReader]
  private var sources: [Source]
  /// Whether records that cannot be read end the stream with an error.
  private let isStrict: Bool
  /// Whether damaged records were left out.
  private(set) var hasSkipped = false

  /// From these offsets on. Damaged records are reported on standard error and skipped; what retention takes is passed over.
  init(_ reader: any LogReader, _ positions: [(TopicPartition, Int64)]) {
    readers = [reader]
    isStrict = false
    sources = positions.map { Source(partition: $0.0, next: $0.1, end: nil) }
  }

  /// These offsets, all of them: what cannot be read or is gone is an error.
  ///
  /// - Parameter readers: each reads its share of the partitions, in turn.
  init(_ readers: [any LogReader], ranges: [(TopicPartition, Range<Int64>)]) {
    self.readers = readers
    isStrict = true
    sources = ranges.map { Source(partition: $0.0, next: $0.1.lowerBound, end: $0.1.upperBound) }
  }

  /// The next record and the number of its partition among those that were given; `nil` where every partition is at its end
  /// for now.
  mutating func next() throws(LogError) -> (source: Int, stored: StoredRecord)? {
    var first: Int?
    var earliest = Int64.max
    for index in sources.indices {
      if sources[index].place == sources[index].records.count {
        guard !sources[index].isDone else { continue }
        try fill(index)
        guard !sources[index].records.isEmpty else { continue }
      }
      let time = sources[index].time
      if first == nil || time < earliest { (first, earliest) = (index, time) }
    }
    guard let index = first else { return nil }
    let stored = sources[index].records[sources[index].place]
    sources[index].place += 1
    if sources[index].place < sources[index].records.count {
      sources[index].time = sources[index].records[sources[index].place].record.timestamp
    }
    return (index, stored)
  }

  /// Waits until a partition holds more, at most this long.
  func wait(milliseconds: Int) throws(LogError) {
    let positions = Dictionary(sources.map { ($0.partition, $0.next) }, uniquingKeysWith: { first, _ in first })
    _ = try readers[0].wait(for: positions, milliseconds: milliseconds)
  }

  private mutating func fill(_ index: Int) throws(LogError) {
    let (partition, end) = (sources[index].partition, sources[index].end)
    sources[index].records = []
    sources[index].place = 0
    while !sources[index].isDone {
      do throws(LogError) {
        let fetch = try readers[index % readers.count].read(partition, from: sources[index].next, limit: Self.limit)
        let isStuck = fetch.next <= sources[index].next
        sources[index].next = fetch.next
        sources[index].records = fetch.records
        if let end { sources[index].records = fetch.records.filter { $0.offset < end } }
        if let first = sources[index].records.first { sources[index].time = first.record.timestamp }
        // Compaction leaves stretches without records.
        if !sources[index].records.isEmpty || fetch.next >= fetch.end || isStuck { return }
      } catch {
        guard !isStrict else { throw error }
        sources[index].next = try resume(partition, at: sources[index].next, after: error)
      }
    }
  }

  /// Where to read on: behind what is damaged, or at the first offset that retention has left.
  private mutating func resume(
    _ partition: TopicPartition, at offset: Int64, after error: LogError
  ) throws(LogError) -> Int64 {
    switch error.code {
    case .damaged:
      guard let end = error.offsets?.upperBound, end > offset else { throw error }
      Terminal.complain(error.message)
      hasSkipped = true
      return end
    case .offsetOutOfRange:
      let first = try readers[0].bounds(of: partition).lowerBound
      guard first > offset else { throw error }
      return first
    default:
      throw error
    }
  }
}
