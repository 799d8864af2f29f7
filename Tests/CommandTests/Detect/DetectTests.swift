import Drift
import Sketches
import TestSupport
import Testing

@testable import leeway

/// What `leeway detect` finds in files with known changes.
@Suite("Detect")
struct DetectTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private static func selection(_ only: [String]? = nil) throws -> ColumnSelection {
    try ColumnSelection(only: only, categorical: [], numeric: [])
  }

  private func compare(_ before: MadeFile, _ after: MadeFile, isOrdered: Bool = true) throws -> DetectResult {
    try DetectComparison(
      reference: try scratch.write("before.csv", before.text), current: try scratch.write("after.csv", after.text),
      selection: Self.selection(), isOrdered: isOrdered
    ).run()
  }

  private func walk(
    _ file: MadeFile, rows: Int = 500, pane: Int = 16, only: [String]? = nil, joint: Bool = false
  ) throws -> DetectResult {
    let plan = DetectWalk.Plan(referenceRows: rows, pane: pane, joint: joint, detector: DetectorConfiguration())
    var walk = try DetectWalk(
      path: try scratch.write("walk.csv", file.text), selection: Self.selection(only), plan: plan)
    return try walk.run()
  }

  @Test("Between two files every kind of change is found, and none where nothing changed")
  func twoFiles() throws {
    var before = MadeFile("same,moved,wider,levels,gone,constant,new", seed: 1)
    before.add(1_500) { _, chance in
      "\(chance.normal()),\(chance.normal()),\(chance.normal()),\(chance.unit() < 0.5 ? "a" : "b"),\(chance.normal()),5,"
    }
    var after = MadeFile("constant,same,moved,wider,levels,gone,new,extra", seed: 2)
    after.add(1_200) { _, chance in
      "4,\(chance.normal()),\(chance.normal() + 0.5),\(2 * chance.normal()),\(chance.unit() < 0.3 ? "a" : "b"),"
        + (chance.unit() < 0.3 ? "?" : "\(chance.normal())") + ",\(chance.unit() < 0.5 ? "x" : "y"),1"
    }
    let result = try compare(before, after)
    #expect(result.columns.map(\.name) == ["same", "moved", "wider", "levels", "gone", "constant", "new"])
    #expect(result.column("same")?.changed == .no && result.column("same")?.verdict == .clear)
    for name in ["moved", "wider", "levels", "gone", "constant", "new"] {
      #expect(result.column(name)?.changed == .yes, "\(name)")
      #expect(result.column(name).map { $0.pValue <= 0.01 } == true, "\(name)")
    }
    #expect(result.column("constant")?.verdict == .drift && result.column("gone")?.verdict == .drift)
    let equal = try compare(before, before)
    #expect(equal.columns.allSatisfy { $0.changed == .no && $0.value == 0 }, "\(equal.columns)")
  }

  @Test("Rows that depend on each other tell little, unless their order means nothing")
  func dependence() throws {
    var files = [MadeFile("x", seed: 3), MadeFile("x", seed: 4)]
    for index in files.indices {
      var level = 0.0
      files[index].add(1_000) { _, chance in
        level = 0.995 * level + 0.1 * chance.normal()
        return "\(level)"
      }
    }
    let ordered = try compare(files[0], files[1])
    #expect(ordered.column("x")?.changed != .yes)
    #expect(ordered.notes.contains { $0.hasPrefix("x: neighbouring rows depend on each other") })
    #expect(try compare(files[0], files[1], isOrdered: false).column("x")?.changed == .yes)
  }

  @Test("A stray text makes a column of names, and it is said")
  func strays() throws {
    var before = MadeFile("x", seed: 5)
    before.add(200) { row, chance in row == 7 ? "error" : "\(Int(10 * chance.unit()))" }
    #expect(try compare(before, before).notes.contains { $0.contains("1 text such as \"error\" among 199 numbers") })
    var numbers = MadeFile("x", seed: 6)
    numbers.add(200) { _, chance in "\(chance.normal())" }
    let mixed = try compare(numbers, before)
    #expect(mixed.notes.contains { $0.contains("1 text such as \"error\" among its numbers count as missing") })
  }

  @Test(
    "Along a file an alarm names column and row; quiet columns before and behind it raise none", arguments: [1, 16])
  func alarms(pane: Int) throws {
    var file = MadeFile("time,x,c,y", seed: 7)
    file.add(1_200) { row, chance in
      "\(row / 3),\(chance.normal()),\(chance.unit() < 0.5 ? "a" : "b"),\(chance.normal())"
    }
    file.add(1_300) { row, chance in
      "\(row / 3),\(chance.normal() + 1.5),\(chance.unit() < 0.5 ? "a" : "b"),\(chance.normal())"
    }
    let result = try walk(file, pane: pane)
    #expect(result.rows == 2_500 && result.alarms.count == 1)
    let alarm = try #require(result.alarms.first)
    #expect(alarm.columns == ["x"] && alarm.change == "higher" && (1_201...1_280).contains(alarm.row))
    let (onset, evidence) = (try #require(alarm.onset), try #require(alarm.evidence))
    #expect((1_150...1_230).contains(onset) && evidence >= 1 && alarm.detector == "shiryaev_roberts")
    #expect(result.walk?.references == [1...500, alarm.row + 1...alarm.row + 500])
    #expect(result.columns.map(\.name) == ["x", "c", "y"] && result.columns.map(\.changed) == [.yes, .no, .no])
    #expect(result.column("x").map { $0.pValue < 0.01 } == true && result.column("x")?.verdict == .drift)
    #expect(result.notes.count == 1 && result.notes[0].hasPrefix("time: left out"))
    #expect(try walk(file, only: ["time"]).alarms.isEmpty == false)
  }

  @Test("A column without values in the reference shows the first ones; missing values show where there were none")
  func blank() throws {
    var file = MadeFile("late,early", seed: 8)
    file.add(800) { _, chance in ",\(chance.normal())" }
    file.add(200) { _, chance in "\(chance.normal())," }
    let result = try walk(file, rows: 400)
    #expect(result.alarms.count == 1)
    #expect(Set(result.alarms.first?.columns ?? []) == ["late", "early"])
    #expect(result.notes.contains { $0.contains("behind the last alarm are too few for another reference") })
  }

  @Test("Numbers beyond all measure, nulls and constants break nothing")
  func extremes() throws {
    var file = MadeFile("huge,nul,constant,null", seed: 9)
    file.add(600) { row, chance in "\(row % 3 == 0 ? "1e308" : "-1e300"),a\u{0}\(row % 2),7,NULL" }
    let result = try walk(file, rows: 300, joint: true)
    #expect(result.columns.count == 4 && result.alarms.isEmpty)
    #expect(result.notes.contains { $0.contains("column huge: 300 numbers beyond 1e+140 count as missing") })
    #expect(result.columns.allSatisfy { $0.changed == .no && $0.pValue <= 1 })
    #expect(try compare(file, file).columns.allSatisfy { $0.changed == .no })
  }

  @Test("The totals behind the first reference are those of single values, whatever the panes")
  func totals() throws {
    let texts = ["", "a", "b", "c", "3.0", "3", "NA", "1e200", "-4", "0", "z\u{e9}"]
    var generator = SplitMix64(seed: 10)
    for binning in [
      Binning.categories(CategoryBinning.build(counts: ["a": 9, "b": 7, "3": 6, "c": 1])),
      Binning.numeric(NumericBinning.build(sortedReference: [-5, -4, 0, 0, 3, 3, 3])),
    ] {
      var expected = ColumnSketch(binning: binning)
      var expectedCounts = [Int](repeating: 0, count: binning.binCount + 1)
      var total = ColumnTotal(binning: binning)
      var counts = expectedCounts
      var counter = CellCounter(place: 0, binning: binning, first: binning)
      for index in 0..<3_000 {
        let text = texts[Int(generator.next() % UInt64(texts.count))]
        var row = CSVRow()
        row.begin(line: 1)
        for byte in text.utf8 { row.append(byte) }
        row.endCell()
        counter.count(row, into: &counts, &total)
        if index % 700 == 0 { counter.flush(into: &counts, &total) }
        expected.add(row.columnValue(0))
        expectedCounts[binning.detectorBin(of: row.columnValue(0))] += 1
      }
      counter.flush(into: &counts, &total)
      #expect(counts == expectedCounts)
      let sketch = total.sketch
      #expect(sketch.detectorCounts == expected.detectorCounts && sketch.moments == expected.moments)
      #expect(sketch.checkInvariants() == nil)
    }
  }
}

@Suite("Columns that count the rows")
struct RowCountTests {
  private static func column(_ rows: Int, _ cell: (Int) -> String) throws -> FileColumn {
    let text = "x\n" + (0..<rows).map { cell($0) + "\n" }.joined()
    var reader = try CSVReader(MemorySource(Array(text.utf8), name: "t"))
    var row = CSVRow()
    var column = FileColumn(name: "x")
    while try reader.next(&row) { column.append(row, 0) }
    return column
  }

  @Test("Row numbers, ids and clocks are told from what may come back", arguments: [100, 999])
  func recognition(rows: Int) throws {
    var chance = SplitMix64(seed: 11)
    var level = 0.0
    let cases: [(name: String, isClock: Bool, isUnique: Bool, cell: (Int) -> String)] = [
      ("row number", true, true, { "\($0)" }), ("falling", true, true, { "\(-2.5 * Double($0))" }),
      ("clock with ties", true, false, { "\($0 / 4)" }),
      ("clock out of order", true, true, { "\(10 * $0 + ($0 % 5) * 7)" }),
      ("id as text", true, true, { "p-\($0 * 7_919 % 10_007)" }), ("date as text", true, false, { "d\($0 / 6)" }),
      ("constant", false, false, { _ in "5" }), ("no value", false, false, { _ in "NA" }),
      ("two sorted levels", false, false, { $0 < rows / 2 ? "a" : "b" }),
      ("sawtooth", false, false, { "\($0 % 60)" }), ("noise", false, false, { _ in "\(chance.unit())" }),
      ("trend below its noise", false, false, { "\(Double($0) / Double(rows) + 2 * chance.unit())" }),
      (
        "random walk", false, false,
        { _ in
          level += chance.normal()
          return "\((1_000 * level).rounded())"
        }
      ),
    ]
    for one in cases {
      let column = try Self.column(rows, one.cell)
      #expect(column.countsRows(isUnique: false) == one.isClock, "\(one.name)")
      #expect(column.countsRows(isUnique: true) == one.isUnique, "\(one.name)")
    }
    #expect(try !Self.column(19) { "\($0)" }.countsRows(isUnique: false))
  }
}

@Suite("Evidence over the rows")
struct EvidenceLineTests {
  @Test("No peak is lost, rows stay in order and memory is bounded", arguments: [10, 2_000, 2_001, 50_000])
  func bounded(scores: Int) {
    var line = EvidenceLine()
    var chance = SplitMix64(seed: 12)
    var peaks: [Double] = []
    // As rows of references are, some are left out between two segments.
    func row(_ index: Int) -> Int { 16 * index + 2_000 * (index / 7_001) }
    for index in 0..<scores {
      if index % 7_001 == 0 {
        line.begin()
        peaks.append(0)
      }
      let evidence = chance.unit()
      line.add(row: row(index), evidence: evidence)
      peaks[peaks.count - 1] = max(peaks[peaks.count - 1], evidence)
    }
    #expect(line.segments.map { $0.map(\.evidence).max() ?? 0 } == peaks)
    let points = line.segments.flatMap { $0 }
    #expect(points.count <= EvidenceLine.mostPoints && zip(points, points.dropFirst()).allSatisfy { $0.row < $1.row })
    #expect(points.last?.row == row(scores - 1) && (scores > EvidenceLine.mostPoints || points.count == scores))
  }
  @Test("However many references there are, memory is bounded and the highest peak stays", arguments: [1, 3])
  func references(scores: Int) {
    var line = EvidenceLine()
    var row = 0
    for reference in 0..<100_000 {
      line.begin()
      row += 100
      for _ in 0..<scores {
        row += 1
        line.add(row: row, evidence: reference == 31_415 ? 2 : 0.5)
      }
    }
    let points = line.segments.flatMap { $0 }
    #expect((EvidenceLine.mostPoints / 4...EvidenceLine.mostPoints).contains(points.count))
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.row < $1.row } && points.last?.row == row)
    #expect(points.count { $0.evidence == 2 } == 1 && line.segments.allSatisfy { !$0.isEmpty })
  }
}
