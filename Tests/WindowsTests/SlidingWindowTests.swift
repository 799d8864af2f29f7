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
  private static let layout = TableLayout(binnings)

  private static func pane(_ generator: inout SplitMix64) -> (sketches: TableSketch, rows: Int) {
    var sketches = binnings.map(ColumnSketch.init(binning:))
    let rows = Int.random(in: 0...20, using: &generator)
    let scale = Bool.random(using: &generator) ? 1.0 : 1e9
    for _ in 0..<rows {
      sketches[0].add(number: scale * Double.random(in: -1...60, using: &generator))
      sketches[1].add(category: "abcdef".randomElement(using: &generator).map(String.init) ?? "a")
    }
    return (TableSketch(layout, sketches), rows)
  }

  @Test(
    "Equals recomputation after every step, out of order, over gaps and empty",
    arguments: 1...60 as ClosedRange<UInt64>)
  func recomputation(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let schedule = Schedule(seed: seed, count: 60, disorder: seed % 2 == 0 ? 4 : 1_000)
    var window = SlidingWindow<TableSketch>(span: schedule.span)
    var expected = Recomputation(span: schedule.span)
    var pushed: [TableSketch] = []
    for (number, arrival) in schedule.arrivals.enumerated() {
      let pane = Self.pane(&generator)
      pushed.append(pane.sketches)
      let accepted = window.push(pane.sketches, rows: arrival.rows, start: arrival.start, end: arrival.end)
      #expect(accepted == expected.push(number, arrival))
      if number % 9 == 8 {
        window.advance(to: arrival.end + Int64(number * 3))
        expected.advance(to: arrival.end + Int64(number * 3))
      }
      #expect(window.starts == expected.held.map(\.start) && window.rows == expected.rows)
      // Asked for at some steps, or hardly ever: that must not show.
      if number % 60 < seed { Self.compare(window.total, expected.arrivals.map { pushed[$0] }) }
    }
  }

  private static func compare(_ total: TableSketch?, _ panes: [TableSketch]) {
    var sum = panes.first
    for pane in panes.dropFirst() { sum?.merge(pane) }
    #expect((total == nil) == (sum == nil))
    for (left, right) in zip(total?.columns ?? [], sum?.columns ?? []) {
      #expect(left.bins == right.bins && left.unseen == right.unseen && left.count == right.count)
      #expect(left.checkInvariants() == nil)
      let scale = max(1, right.moments.mean.magnitude)
      #expect((left.moments.mean - right.moments.mean).magnitude <= 1e-9 * scale)
      #expect((left.moments.m2 - right.moments.m2).magnitude <= 1e-9 * max(1, right.moments.m2))
      #expect(left.moments.min == right.moments.min && left.moments.max == right.moments.max)
    }
  }

  @Test("Panes before the window are refused and change nothing; those inside it are taken")
  func late() {
    var window = SlidingWindow<Moments>(span: WindowSpan(length: 100))
    let first = window.push(Moments([1]), rows: 1, start: 150, end: 160)
    let before = window
    let late = window.push(Moments([2]), rows: 1, start: 59, end: 70)
    #expect(first && !late && window == before)
    let inside = window.push(Moments([3]), rows: 1, start: 60, end: 70)
    let total = window.total
    #expect(inside && window.starts == [60, 150] && total == Moments([3, 1]))
    var rows = SlidingWindow<Moments>(span: .rows(2))
    for start: Int64 in [10, 20] { _ = rows.push(Moments([1]), rows: 1, start: start, end: start + 1) }
    let tooOld = rows.push(Moments([2]), rows: 1, start: 5, end: 6)
    #expect(!tooOld)
    let between = rows.push(Moments([2]), rows: 1, start: 15, end: 16)
    let count = rows.total?.count
    #expect(between && rows.starts == [15, 20] && count == 2)
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
    let count = window.total?.count
    #expect(window.start == 0 && window.rows == 3 && count == 3)
    var short = SlidingWindow<Moments>(span: WindowSpan(length: 5))
    let early = short.push(Moments([1]), rows: 1, start: .min, end: .min + 1)
    #expect(early && short.rows == 1)
    let long = short.push(Moments([1]), rows: 1, start: 0, end: .max)
    let nothing = short.total
    #expect(long && nothing == nil && short.start == nil && short.rows == 0)
    for span: WindowSpan in [WindowSpan(length: 0), .time(-5), .rows(0), .rows(-3)] {
      var shortest = SlidingWindow<Moments>(span: span)
      for start: Int64 in 0..<3 {
        let accepted = shortest.push(Moments([1]), rows: 1, start: start, end: start + 1)
        #expect(accepted && shortest.starts == [start])
      }
    }
  }

  @Test("Bytes: a window restored at any point goes on to the same bytes", arguments: 1...12 as ClosedRange<UInt64>)
  func coding(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let schedule = Schedule(seed: seed, count: 40, disorder: 4)
    func encoded(_ window: SlidingWindow<TableSketch>) -> [UInt8] {
      var (window, writer) = (window, ByteWriter())
      window.encode(into: &writer) { writer, sketches in
        for sketch in sketches.columns { sketch.encode(into: &writer) }
      }
      for sketch in window.total?.columns ?? [] { sketch.encode(into: &writer) }
      return writer.bytes
    }
    func decode(_ reader: inout ByteReader) throws(ByteError) -> SlidingWindow<TableSketch> {
      try SlidingWindow(span: schedule.span, from: &reader) { reader throws(ByteError) in
        var sketches: [ColumnSketch] = []
        for binning in Self.binnings { sketches.append(try ColumnSketch(from: &reader, binning: binning)) }
        return TableSketch(Self.layout, sketches)
      }
    }
    var window = SlidingWindow<TableSketch>(span: schedule.span)
    var restored = window
    for arrival in schedule.arrivals {
      let pane = Self.pane(&generator)
      let both = [
        window.push(pane.sketches, rows: pane.rows, start: arrival.start, end: arrival.end),
        restored.push(pane.sketches, rows: pane.rows, start: arrival.start, end: arrival.end),
      ]
      #expect(both[0] == both[1] && restored == window && encoded(restored) == encoded(window))
      var reader = ByteReader(encoded(window))
      restored = try decode(&reader)
    }
    guard seed == 1 else { return }
    var small = SlidingWindow<TableSketch>(span: schedule.span)
    for start: Int64 in [0, 10, 20] {
      _ = small.push(Self.pane(&generator).sketches, rows: 5, start: start, end: start + 1)
    }
    var writer = ByteWriter()
    small.encode(into: &writer) { writer, sketches in
      for sketch in sketches.columns { sketch.encode(into: &writer) }
    }
    expectHarmless(writer.bytes, decode: decode) {
      var window = $0
      return window.total?.columns.allSatisfy { $0.checkInvariants() == nil } ?? true
    }
  }
}
