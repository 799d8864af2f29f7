import Bytes
import Sketches
import TestSupport
import Testing
import Windows

@Suite("Sliding window")
struct SlidingWindowTests {
  private static let binnings: [Binning] = [
    .numeric(NumericBinning.build(sortedReference: (0..<50).map(Double.init))),
    .categories(CategoryBinning.build(counts: ["a": 4, "b": 4])),
  ]

  private static func pane(_ generator: inout SplitMix64) -> (sketches: [ColumnSketch], rows: Int) {
    var sketches = binnings.map(ColumnSketch.init(binning:))
    let rows = Int.random(in: 0...20, using: &generator)
    let scale = Bool.random(using: &generator) ? 1.0 : 1e9
    for _ in 0..<rows {
      sketches[0].add(number: scale * Double.random(in: -1...60, using: &generator))
      sketches[1].add(category: "abcdef".randomElement(using: &generator).map(String.init) ?? "a")
    }
    return (sketches, rows)
  }

  /// The window by its definition: panes that start at most `length` before the end.
  private static func expected(
    _ pushed: [(start: Int64, sketches: [ColumnSketch], rows: Int)], _ end: Int64,
    _ span: WindowSpan
  ) -> [(start: Int64, sketches: [ColumnSketch], rows: Int)] {
    pushed.filter { $0.start >= end - span.length }
  }

  @Test(
    "Equals recomputation after every step of a random schedule",
    arguments: 1...60 as ClosedRange<UInt64>)
  func recomputation(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let span = WindowSpan(length: Int64.random(in: 1...80, using: &generator))
    var window = SlidingWindow<[ColumnSketch]>(span: span)
    var pushed: [(start: Int64, sketches: [ColumnSketch], rows: Int)] = []
    var time = Int64.random(in: -200...0, using: &generator)
    var end = Int64.min
    for _ in 0..<60 {
      let pane = Self.pane(&generator)
      let start = time
      time += [0, 10, 10, 10, 30, 100].randomElement(using: &generator) ?? 10
      let accepted = window.push(pane.sketches, rows: pane.rows, start: start, end: start + 10)
      #expect(accepted)
      end = max(end, start + 10)
      if let newest = pushed.indices.last, pushed[newest].start == start {
        pushed[newest].sketches.merge(pane.sketches)
        pushed[newest].rows += pane.rows
      } else {
        pushed.append((start, pane.sketches, pane.rows))
      }
      pushed = Self.expected(pushed, end, span)
      Self.compare(window, pushed)
    }
  }

  private static func compare(
    _ window: SlidingWindow<[ColumnSketch]>,
    _ panes: [(start: Int64, sketches: [ColumnSketch], rows: Int)]
  ) {
    #expect(window.panes.map(\.start) == panes.map(\.start))
    #expect(window.rows == panes.reduce(0) { $0 + $1.rows })
    var sum = panes.first?.sketches
    for pane in panes.dropFirst() { sum?.merge(pane.sketches) }
    #expect((window.total == nil) == (sum == nil))
    for (left, right) in zip(window.total ?? [], sum ?? []) {
      #expect(left.bins == right.bins && left.unseen == right.unseen && left.count == right.count)
      #expect(left.checkInvariants() == nil)
      let scale = max(1, right.moments.mean.magnitude)
      #expect((left.moments.mean - right.moments.mean).magnitude <= 1e-9 * scale)
      #expect((left.moments.m2 - right.moments.m2).magnitude <= 1e-9 * max(1, right.moments.m2))
    }
  }

  @Test("Late panes are refused and change nothing")
  func late() {
    var window = SlidingWindow<Moments>(span: WindowSpan(length: 100))
    let first = window.push(Moments([1]), rows: 1, start: 50, end: 60)
    let before = window
    let late = window.push(Moments([2]), rows: 1, start: 40, end: 50)
    #expect(first && !late)
    #expect(window == before)
  }

  @Test("The ends of time, and a pane longer than the window")
  func extremes() {
    var window = SlidingWindow<Moments>(span: WindowSpan(length: .max))
    let starts: [Int64] = [.min, -5, 0, 10, .max - 1]
    for start in starts {
      let accepted = window.push(Moments([Double(start)]), rows: 1, start: start, end: start + 1)
      #expect(accepted)
    }
    // The last pane ends at the largest time, so the window reaches back to 0.
    #expect(window.start == 0 && window.rows == 3 && window.total?.count == 3)
    var short = SlidingWindow<Moments>(span: WindowSpan(length: 5))
    let early = short.push(Moments([1]), rows: 1, start: .min, end: .min + 1)
    #expect(early && short.rows == 1)
    let long = short.push(Moments([1]), rows: 1, start: 0, end: .max)
    #expect(long && short.total == nil && short.start == nil && short.rows == 0)
    #expect(WindowSpan(length: 0).length == 1 && WindowSpan(length: -5).length == 1)
  }

  @Test("Bytes: round trip goes on like the original; hostile bytes are refused or harmless")
  func coding() throws {
    var generator = SplitMix64(seed: 77)
    let span = WindowSpan(length: 45)
    var window = SlidingWindow<[ColumnSketch]>(span: span)
    for step in 0..<9 {
      let pane = Self.pane(&generator)
      let start = Int64(step) * 10 - 40
      let accepted = window.push(pane.sketches, rows: pane.rows, start: start, end: start + 10)
      #expect(accepted)
    }
    var writer = ByteWriter()
    window.encode(into: &writer) { writer, sketches in
      for sketch in sketches { sketch.encode(into: &writer) }
    }
    func decode(_ reader: inout ByteReader) throws(ByteError) -> SlidingWindow<[ColumnSketch]> {
      try SlidingWindow(span: span, from: &reader) { reader throws(ByteError) in
        var sketches: [ColumnSketch] = []
        for binning in Self.binnings {
          sketches.append(try ColumnSketch(from: &reader, binning: binning))
        }
        return sketches
      }
    }
    var reader = ByteReader(writer.bytes)
    var decoded = try decode(&reader)
    try reader.expectEnd()
    let next = Self.pane(&generator)
    let both = [
      decoded.push(next.sketches, rows: next.rows, start: 60, end: 70),
      window.push(next.sketches, rows: next.rows, start: 60, end: 70),
    ]
    #expect(both == [true, true])
    #expect(decoded == window)
    expectHarmless(writer.bytes, decode: decode) { window in
      window.total?.allSatisfy { $0.checkInvariants() == nil } ?? true
    }
  }
}
