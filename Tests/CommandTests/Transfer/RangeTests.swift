import ArgumentParser
import Events
import Log
import TestSupport
import Testing

@testable import leeway

@Suite("Ranges of topics")
struct RangeTests {
  private static let place = TopicPartition("t", 0)

  /// A partition of which retention has taken what lies before `first`; what lies between records is not shown to readers.
  private final class KeptReader: LogReader {
    let bounds: Range<Int64>
    let records: [StoredRecord]

    init(first: Int64, end: Int64, times: [Int64: Int64]) {
      bounds = first..<end
      records = times.filter { (first..<end).contains($0.key) }.sorted { $0.key < $1.key }.map {
        StoredRecord(offset: $0.key, record: Record(timestamp: $0.value, value: []))
      }
    }

    func bounds(of partition: TopicPartition) -> Range<Int64> { bounds }
    /// As a cluster does, which looks at marks too: those carry the time at which they were written.
    func offset(in partition: TopicPartition, atOrAfter time: Int64) -> Int64 { bounds.lowerBound }
    func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) -> Fetch {
      let found = records.filter { $0.offset >= offset }.prefix(1)
      let next = found.last.map { $0.offset + 1 } ?? bounds.upperBound
      return Fetch(partition: partition, records: Array(found), next: next, end: bounds.upperBound)
    }
    func wait(for positions: [TopicPartition: Int64], milliseconds: Int) -> Bool { false }
    func committed(group: String) -> [TopicPartition: Int64] { [:] }
    func close() {}
  }

  @Test("A time before what retention has left is an error, wherever a partition's first record lies")
  func timesThatAreGone() throws {
    let times: [Int64: Int64] = [1: 10, 2: 20, 5: 30, 6: 40]
    for first in Int64(0)...8 {
      let reader = KeptReader(first: first, end: 8, times: times)
      for time in stride(from: Int64(5), through: 45, by: 5) {
        var range = try RangeOptions.parse([])
        range.from = .time(time)
        let oldest = reader.records.first?.record.timestamp
        if first > 0, let oldest, oldest > time {
          let error = #expect(throws: CommandError.self) { try range.ranges(of: [Self.place], reader) }
          #expect(error?.problem.hasPrefix("retention has taken") == true, "\(first) \(time)")
        } else {
          let start = reader.records.first { $0.record.timestamp >= time }?.offset ?? 8
          #expect(try range.ranges(of: [Self.place], reader).map(\.1) == [start..<8], "\(first) \(time)")
        }
      }
    }
  }
}
