import Testing
import Windows

@Suite("Panes")
struct PanesTests {
  @Test(
    "Every time lies in exactly one pane, before 1970 too", arguments: 1...7 as ClosedRange<Int64>)
  func starts(length: Int64) {
    let panes = Panes(length: length)
    for time in Int64(-40)...40 {
      let start = panes.start(of: time)
      #expect(start <= time && time < panes.end(ofPaneAt: start))
      #expect(start % length == 0 && panes.start(of: start) == start)
      #expect(panes.end(ofPaneAt: start) - start == length)
    }
  }

  @Test("The ends of time do not trap")
  func extremes() {
    for length: Int64 in [1, 7, 10_000, .max] {
      let panes = Panes(length: length)
      for time: Int64 in [.min, .min + 1, .max - 1, .max] {
        let start = panes.start(of: time)
        #expect(start <= time && panes.end(ofPaneAt: start) >= time)
      }
    }
    #expect(Panes(length: 0).length == 1 && Panes(length: -5).length == 1)
  }
}
