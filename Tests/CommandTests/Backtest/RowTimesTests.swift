import Events
import Testing

@testable import leeway

@Suite("The times under the rows of a chart")
struct RowTimesTests {
  private static let start: Milliseconds = 1_762_345_600_000

  /// Rows so many milliseconds apart, of which every third is known.
  private static func times(_ rows: Int, apart: Milliseconds) -> RowTimes {
    var times = RowTimes()
    for row in stride(from: 0, to: rows, by: 3) { times.note(row: row, time: start + Milliseconds(row) * apart) }
    return times
  }

  @Test("Between what is known, behind it, and of however many rows, they are right to a thousandth")
  func lookUp() {
    for rows in [4, 100, 1_000, 100_000] {
      let times = Self.times(rows, apart: 1_000)
      for row in [0, 1, rows / 2, rows - 1, rows] {
        let time = RFC3339.format(Self.start + Milliseconds(row) * 1_000)
        let expected =
          rows > 86_400
          ? String(time.dropFirst(5).prefix(11)).replacing("T", with: " ") : String(time.dropFirst(11).prefix(8))
        #expect(times.text(ofRow: Double(row)) == expected, "\(row) of \(rows)")
      }
    }
  }

  @Test("They are as exact as the span asks for; of one point or none nothing is told, and nothing goes back")
  func forms() {
    #expect(Self.times(3, apart: 1).text(ofRow: 0) == nil && RowTimes().text(ofRow: 0) == nil)
    #expect(Self.times(100, apart: 86_400_000).text(ofRow: 1) == "2025-11-06")
    #expect(Self.times(100, apart: 3_600_000).text(ofRow: 1) == "11-05 13:26")
    var times = Self.times(100, apart: 1_000)
    let before = times
    times.note(row: 50, time: Self.start + 900_000)
    times.note(row: 200, time: Self.start)
    #expect(times == before)
  }

  @Test("A chart has a line for them where they are known")
  func chart() {
    let scale = Scale(exactly: 0...100, ticks: 5)
    let charts = [nil, Self.times(100, apart: 1_000)].map {
      Chart(title: "t", description: "d", across: scale, up: scale, times: $0)
    }
    #expect(charts[1].height == charts[0].height + 14)
    #expect(charts[1].svg.contains(">12:26:40</text>") && !charts[0].svg.contains(":40</text>"))
  }
}
