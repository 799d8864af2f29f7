import Bytes
import Events

/// Which examples of each source partition a trigger names: those between two moments of the stream, by number.
///
/// An example is numbered no earlier than its prediction is taken. So where a tick found `next` as the number to come,
/// every row predicted at or after that tick has that number or a higher one.
struct ExampleNumbers {
  private struct Mark {
    let tick: Milliseconds
    let next: [Int64]
  }

  /// Every prediction before this is labelled or expired in its source partition.
  private var resolvedBySource: [Milliseconds]
  /// The number of the next example, by source partition.
  private(set) var current: [Int64]
  /// Ticks from the last one that is resolved everywhere on; of ticks that found the same numbers, the first.
  private var marks = Fifo<Mark>()

  init(sources: Int) {
    resolvedBySource = Array(repeating: .min, count: sources)
    current = Array(repeating: 0, count: sources)
  }

  /// Every prediction before this is labelled or expired, in every source partition.
  var resolved: Milliseconds { resolvedBySource.min() ?? .min }

  /// Numbers from which on all rows of `resolved` or later are found.
  var settled: [Int64] {
    guard let first = marks.first, first.tick <= resolved else { return Array(repeating: 0, count: current.count) }
    return first.next
  }

  mutating func note(_ progress: Progress) {
    let source = progress.partition
    resolvedBySource[source] = max(resolvedBySource[source], progress.resolved)
    current[source] = max(current[source], progress.nextSeq)
  }

  /// Ends a tick of which every source partition has been noted.
  mutating func close(_ tick: Milliseconds) {
    if marks.last?.next != current { marks.append(Mark(tick: tick, next: current)) }
    while marks.count > 1, marks[1].tick <= resolved { marks.removeFirst() }
  }

  func encode(into writer: inout ByteWriter) {
    writer.append(resolvedBySource) { $0.append(signed: $1) }
    writer.append(current) { $0.append(signed: $1) }
    writer.append(marks.prefix(marks.count)) { writer, mark in
      writer.append(signed: mark.tick)
      writer.append(mark.next) { $0.append(signed: $1) }
    }
  }

  mutating func restore(from reader: inout ByteReader) throws(ByteError) {
    let sources = current.count
    resolvedBySource = try Self.numbers(from: &reader)
    current = try Self.numbers(from: &reader)
    let kept = try reader.array { reader throws(ByteError) in
      Mark(tick: try reader.signed(), next: try Self.numbers(from: &reader))
    }
    marks = Fifo(kept)
    guard resolvedBySource.count == sources, current.count == sources, kept.allSatisfy({ $0.next.count == sources })
    else { throw reader.failure("a snapshot of another number of source partitions") }
  }

  private static func numbers(from reader: inout ByteReader) throws(ByteError) -> [Int64] {
    try reader.array { reader throws(ByteError) in try reader.signed() }
  }
}
