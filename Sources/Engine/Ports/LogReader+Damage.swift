public import Log

extension LogReader {
  /// Records from `offset` on; none of a batch that is damaged, but where to read on behind it.
  public func readOverDamage(
    _ partition: TopicPartition, from offset: Int64, limit: ReadLimit = ReadLimit()
  ) throws(LogError) -> Fetch {
    do throws(LogError) {
      return try read(partition, from: offset, limit: limit)
    } catch {
      guard error.code == .damaged, let next = error.offsets?.upperBound, next > offset else { throw error }
      return Fetch(partition: partition, records: [], next: next, end: try bounds(of: partition).upperBound)
    }
  }
}
