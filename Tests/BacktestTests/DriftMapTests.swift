import Events
import Testing

@testable import Backtest

/// Drift along the rows in bounded memory.
@Suite("Drift map")
struct DriftMapTests {
  private static func record(_ values: [(column: String, value: Double, verdict: String)]) -> DriftRecord {
    DriftRecord(
      model: "m", version: 1, time: 0, windowStart: 0, windowEnd: 1, rows: 100,
      findings: values.map {
        Finding(
          column: $0.column, statistic: "psi", value: $0.value, low: $0.value, high: $0.value, threshold: 0.2,
          critical: 0.1, referenceRows: 1_000, rows: 100, verdict: $0.verdict)
      })
  }

  @Test(
    "Cells, peaks and counts are those of all readings, however many there are",
    arguments: [1, 7, 255, 256, 257, 5_000]
  )
  func cells(readings: Int) throws {
    var map = DriftMap()
    var values: [Double] = []
    for index in 0..<readings {
      let value = 0.1 + Double(index * 7 % 13) / 10
      values.append(value)
      map.add(Self.record([("a", value, value > 1 ? "drift" : "clear")]), row: 500 + 3 * index)
    }
    let column = try #require(map.columns.first)
    #expect(map.rows == 500...500 + 3 * (readings - 1))
    #expect((1...DriftMap.mostCells).contains(column.cells.count))
    #expect(column.readings == readings && column.drifted == values.count { $0 > 1 })
    #expect(column.peak.ratio == (values.max() ?? 0) / 0.2)
    #expect(values[(column.peak.row - 500) / 3] == values.max())
    for (place, cell) in column.cells.enumerated() {
      let rows = 500 + place * map.length..<500 + (place + 1) * map.length
      let own = values.indices.filter { rows.contains(500 + 3 * $0) }.map { values[$0] }
      // A stretch without a reading of its own has that of the one before it.
      guard let largest = own.max() else { continue }
      #expect(cell == DriftMap.Cell(ratio: largest / 0.2, drifted: largest > 1))
    }
    #expect(column.cells.allSatisfy { $0 != nil })
  }

  @Test("A reading does not hold through a long silence, and a column may come later or go")
  func silence() throws {
    var map = DriftMap()
    for row in 0..<100 { map.add(Self.record([("early", 0.1, "clear")]), row: row) }
    for row in 200..<250 { map.add(Self.record([("late", 0.4, "drift")]), row: row) }
    #expect(map.length == 1 && map.columns.map(\.name) == ["late", "early"])
    let late = map.columns[0].cells
    let early = map.columns[1].cells
    #expect(late.count == 250 && early.count == 250)
    #expect(late[..<200].allSatisfy { $0 == nil } && late[200...].allSatisfy { $0?.drifted == true })
    #expect(early[..<100].allSatisfy { $0 != nil } && early[110...].allSatisfy { $0 == nil })
  }

  @Test("The strongest statistic counts; what has no bound or no value does not")
  func strongest() throws {
    var map = DriftMap()
    var record = Self.record([
      ("a", 0.3, "clear"), ("a", 0.5, "drift"), ("b", .nan, "clear"), ("c", .infinity, "drift"),
    ])
    record.findings[1].statistic = "ks"
    (record.findings[1].threshold, record.findings[1].critical, record.findings[1].low) = (0.05, 0.1, 0.4)
    map.add(record, row: 9)
    #expect(map.columns.map(\.name) == ["c", "a"])
    #expect(map.columns[1].peak == DriftMap.Peak(row: 9, statistic: "ks", value: 0.5, bound: 0.1, ratio: 4))
    #expect(map.columns[0].peak.ratio.isFinite)
    record.findings[3].threshold = .infinity
    var other = DriftMap()
    other.add(record, row: 9)
    #expect(other.columns.map(\.name) == ["a"])
    #expect(DriftMap().columns.isEmpty && DriftMap().isEmpty && DriftMap().rows == nil)
  }
}
