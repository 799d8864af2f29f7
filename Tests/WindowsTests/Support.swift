import Bytes
import Sketches
import TestSupport
import Windows

/// The panes of a random stream, in the order in which they arrive.
struct Schedule {
  struct Arrival {
    let start: Int64
    let end: Int64
    let rows: Int
  }

  let span: WindowSpan
  let arrivals: [Arrival]

  /// Panes of 10 ms with gaps; about one in `disorder` comes after newer ones, some too late for the window.
  init(seed: UInt64, count: Int, disorder: Int) {
    var generator = SplitMix64(seed: seed)
    span = generator.below(2) == 0 ? .time(Int64(1 + generator.below(300))) : .rows(1 + generator.below(400))
    var time = Int64(generator.below(200)) - 400
    arrivals = (0..<count).map { _ in
      time += [0, 10, 10, 10, 10, 30, 400][generator.below(7)]
      let back = generator.below(disorder) == 0 ? Int64(10 * generator.below(20)) : 0
      return Arrival(start: time - back, end: time - back + 10, rows: generator.below(30))
    }
  }
}

/// A window by its definition, from all panes that were accepted so far.
struct Recomputation {
  struct Held: Equatable {
    let start: Int64
    var rows: Int
    /// Numbers of the arrivals merged into the pane.
    var arrivals: [Int]
  }

  let span: WindowSpan
  private(set) var held: [Held] = []
  private(set) var end = Int64.min

  init(span: WindowSpan) { self.span = span }

  var rows: Int { held.reduce(0) { $0 + $1.rows } }
  var arrivals: [Int] { held.flatMap(\.arrivals).sorted() }

  mutating func push(_ number: Int, _ arrival: Schedule.Arrival) -> Bool {
    let newer = held.filter { $0.start > arrival.start }.reduce(0) { $0 + $1.rows }
    let known = held.firstIndex { $0.start == arrival.start }
    switch span {
    case .time(let length): if known == nil, end != .min, arrival.start < end - length { return false }
    case .rows(let most): if known == nil, newer >= most { return false }
    }
    if let known {
      held[known].rows += arrival.rows
      held[known].arrivals.append(number)
    } else {
      held.append(Held(start: arrival.start, rows: arrival.rows, arrivals: [number]))
      held.sort { $0.start < $1.start }
    }
    advance(to: arrival.end)
    return true
  }

  mutating func advance(to time: Int64) {
    end = max(end, time)
    switch span {
    case .time(let length): held.removeAll { $0.start < end - length }
    case .rows(let most): while held.count > 1, rows - held[0].rows >= most { held.removeFirst() }
    }
  }
}

/// The arrivals that a summary holds, and a count of the merges that made it.
struct Probe: Mergeable, Equatable {
  final class Counter {
    var merges = 0
  }

  let counter: Counter
  var arrivals: [Int]

  init(_ arrival: Int, counter: Counter) {
    self.counter = counter
    arrivals = [arrival]
  }

  init(from reader: inout ByteReader, counter: Counter) throws(ByteError) {
    self.counter = counter
    arrivals = try reader.array { reader throws(ByteError) in try reader.index() }
  }

  func encode(into writer: inout ByteWriter) { writer.append(arrivals) { $0.append(count: $1) } }

  mutating func merge(_ other: Probe) {
    counter.merges += 1
    arrivals += other.arrivals
  }

  static func == (left: Probe, right: Probe) -> Bool { left.arrivals == right.arrivals }
}
