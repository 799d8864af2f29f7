import Bytes
import Sketches
import TestSupport
import Testing
import Windows

@Suite("Merging window")
struct MergingWindowTests {
  @Test(
    "Holds what recomputation holds after every step, out of order, over gaps and empty",
    arguments: 1...80 as ClosedRange<UInt64>)
  func recomputation(seed: UInt64) {
    let schedule = Schedule(seed: seed, count: 150, disorder: seed % 2 == 0 ? 4 : 1_000)
    let counter = Probe.Counter()
    var window = MergingWindow<Probe>(span: schedule.span)
    var expected = Recomputation(span: schedule.span)
    for (number, arrival) in schedule.arrivals.enumerated() {
      let accepted = window.push(
        Probe(number, counter: counter), rows: arrival.rows, start: arrival.start, end: arrival.end)
      #expect(accepted == expected.push(number, arrival))
      if number % 9 == 8 {
        window.advance(to: arrival.end + Int64(number * 3))
        expected.advance(to: arrival.end + Int64(number * 3))
      }
      #expect(window.starts == expected.held.map(\.start) && window.rows == expected.rows)
      #expect(window.total?.arrivals.sorted() ?? [] == expected.arrivals)
      #expect((window.total == nil) == expected.held.isEmpty)
    }
  }

  @Test("At most two merges a slide, whatever the length, and one more for the sum", arguments: [1, 2, 3, 10, 60, 240])
  func bound(panes: Int) {
    let counter = Probe.Counter()
    for span in [WindowSpan.time(Int64(panes) * 10), .rows(panes)] {
      var window = MergingWindow<Probe>(span: span)
      counter.merges = 0
      for number in 0..<5_000 {
        let accepted = window.push(
          Probe(0, counter: counter), rows: 1, start: Int64(number) * 10, end: Int64(number) * 10 + 10)
        #expect(accepted && counter.merges <= 2 * (number + 1))
      }
      #expect(window.starts.count == panes)
      let before = counter.merges
      #expect(window.total?.arrivals.count == panes && counter.merges <= before + 1)
    }
  }

  @Test("Two merges a push also where partitions deliver a pane in parts", arguments: [2, 3, 8])
  func partitions(count: Int) {
    let counter = Probe.Counter()
    var window = MergingWindow<Probe>(span: .time(600))
    for number in 0..<3_000 {
      let start = Int64(number / count) * 10
      _ = window.push(Probe(0, counter: counter), rows: 1, start: start, end: start + 10)
      #expect(counter.merges <= 2 * (number + 1))
    }
    #expect(window.total?.arrivals.count == 60 * count && window.rows == 60 * count)
  }

  @Test("A late pane costs at most one merge for each pane of the window")
  func latePanes() {
    let counter = Probe.Counter()
    for late in 0..<60 {
      for newest in [60, 61, 75, 119, 120, 121] {
        var window = MergingWindow<Probe>(span: .time(600))
        for number in 0..<newest where number != newest - 1 - late {
          _ = window.push(Probe(0, counter: counter), rows: 1, start: Int64(number) * 10, end: Int64(number) * 10 + 10)
        }
        let before = counter.merges
        let start = Int64(newest - 1 - late) * 10
        let accepted = window.push(Probe(0, counter: counter), rows: 1, start: start, end: start + 10)
        #expect(accepted && counter.merges <= before + 60 && window.total?.arrivals.count == 60)
      }
    }
  }

  @Test("Bytes: a window restored at any point goes on as the original", arguments: 1...20 as ClosedRange<UInt64>)
  func coding(seed: UInt64) throws {
    let schedule = Schedule(seed: seed, count: 60, disorder: 4)
    let counter = Probe.Counter()
    func decode(_ reader: inout ByteReader) throws(ByteError) -> MergingWindow<Probe> {
      try MergingWindow(span: schedule.span, from: &reader) { reader throws(ByteError) in
        try Probe(from: &reader, counter: counter)
      }
    }
    var window = MergingWindow<Probe>(span: schedule.span)
    var restored = window
    for (number, arrival) in schedule.arrivals.enumerated() {
      let probe = Probe(number, counter: counter)
      let both = [
        window.push(probe, rows: arrival.rows, start: arrival.start, end: arrival.end),
        restored.push(probe, rows: arrival.rows, start: arrival.start, end: arrival.end),
      ]
      // Also the order of merges, which shows in the last bits of real summaries.
      #expect(both[0] == both[1] && restored == window && restored.total == window.total)
      var writer = ByteWriter()
      window.encode(into: &writer) { $1.encode(into: &$0) }
      var reader = ByteReader(writer.bytes)
      restored = try decode(&reader)
      try reader.expectEnd()
      if number == 40, seed < 6 {
        expectHarmless(writer.bytes, decode: decode) { decoded in
          var decoded = decoded
          let times: [Int64] = [.min, 0, 10, 5_000, .max - 10]
          for time in times {
            _ = decoded.push(probe, rows: 1, start: time, end: time + 10)
          }
          return (decoded.total == nil) == decoded.starts.isEmpty
        }
      }
    }
  }
}
