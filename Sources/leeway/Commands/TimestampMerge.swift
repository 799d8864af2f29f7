import Log

/// Reads several partitions of one topic as one stream, always taking the partition whose next record has the earliest
/// timestamp. Memory is one read per partition. Damaged records are reported on standard error and skipped.
struct TimestampMerge {
  private struct Source {
    let partition: TopicPartition
    var next: Int64
    var records: ArraySlice<StoredRecord> = []
  }

  private static let limit = ReadLimit(records: 1_000, bytes: 1 << 20)

  private let reader: any LogReader
  private var sources: [Source]
  /// Whether damaged records were left out.
  private(set) var hasSkipped = false

  init(_ reader: any LogReader, _ positions: [(TopicPartition, Int64)]) {
    self.reader = reader
    sources = positions.map { Source(partition: $0.0, next: $0.1) }
  }

  /// The next record; `nil` where every partition is at its end for now.
  mutating func next() throws(LogError) -> (TopicPartition, StoredRecord)? {
    var first: (index: Int, timestamp: Int64)?
    for index in sources.indices {
      if sources[index].records.isEmpty { try fill(index) }
      guard let record = sources[index].records.first else { continue }
      if first.map({ record.record.timestamp < $0.timestamp }) ?? true { first = (index, record.record.timestamp) }
    }
    guard let index = first?.index, let record = sources[index].records.popFirst() else { return nil }
    return (sources[index].partition, record)
  }

  /// Waits until a partition holds more, at most this long.
  func wait(milliseconds: Int) throws(LogError) {
    let positions = Dictionary(sources.map { ($0.partition, $0.next) }, uniquingKeysWith: { first, _ in first })
    _ = try reader.wait(for: positions, milliseconds: milliseconds)
  }

  private mutating func fill(_ index: Int) throws(LogError) {
    let partition = sources[index].partition
    while true {
      do throws(LogError) {
        let fetch = try reader.read(partition, from: sources[index].next, limit: Self.limit)
        let isStuck = fetch.next <= sources[index].next
        sources[index].next = fetch.next
        sources[index].records = fetch.records[...]
        // Compaction leaves stretches without records.
        if !fetch.records.isEmpty || fetch.next >= fetch.end || isStuck { return }
      } catch {
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
      let first = try reader.bounds(of: partition).lowerBound
      guard first > offset else { throw error }
      return first
    default:
      throw error
    }
  }
}
