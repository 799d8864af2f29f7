import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Model detector")
struct ModelDetectorTests {
  private static let mixed: [TestShape] = [.normal, .categories, .zeros, .missing, .binary]

  private static func bytes(_ detector: ModelDetector) -> [UInt8] {
    var writer = ByteWriter()
    detector.encode(into: &writer)
    return writer.bytes
  }

  @Test("The same bytes however a pane lies in partitions, and whatever its order")
  func partitions() {
    var run = TestRun(Self.mixed, rows: 2_000, seed: 1)
    var parts = run.detector
    var chance = SplitMix64(seed: 2)
    for pane in 0..<40 {
      let rows = (0..<30).map { _ in run.streams.indices.map { run.streams[$0].next() } }
      var whole = run.reference.emptySketches
      for row in rows { for column in row.indices { whole[column].add(row[column]) } }
      var partitions = (0..<3).map { _ in run.reference.emptySketches }
      for row in rows.reversed() {
        let partition = chance.below(3)
        for column in row.indices { partitions[partition][column].add(row[column]) }
      }
      let layout = TableLayout(run.reference.columns.map(\.binning))
      var merged = TableSketch(layout, partitions[2])
      merged.merge(TableSketch(layout, partitions[0]))
      merged.merge(TableSketch(layout, partitions[1]))
      run.detector.observe(PaneCounts(whole), start: Int64(pane))
      parts.observe(PaneCounts(merged.columns), start: Int64(pane))
    }
    #expect(Self.bytes(run.detector) == Self.bytes(parts))
  }

  @Test("Sketches of panes count as their counts do, derived ones and predictions too", arguments: [true, false])
  func sketches(isOrdered: Bool) {
    var chance = SplitMix64(seed: 10)
    var builder = ReferenceBuilder(
      columns: [ColumnSchema(name: "x", kind: .numeric), ColumnSchema(name: "c", kind: .category)],
      prediction: .numeric, isOrdered: isOrdered, joint: true)
    func row(shift: Double = 0) -> (row: [ColumnValue], score: ColumnValue) {
      let x = chance.normal() + shift
      let number: ColumnValue = chance.below(20) == 0 ? .missing : .number(x)
      return ([number, .category(x > 0 ? "a" : "b")], .number(x / 2))
    }
    for _ in 0..<2_000 {
      let (row, score) = row()
      builder.add(row, prediction: score)
    }
    let reference = builder.finish()
    var counted = ModelDetector(reference: reference)
    #expect(counted.watched == [.column(0), .column(1), .derived(0), .derived(1), .prediction])
    var sketched = counted
    let layout = TableLayout((reference.columns + [reference.prediction].compactMap { $0 }).map(\.binning))
    let derivedLayout = TableLayout(reference.derived.map(\.column.binning))
    for pane in 0..<60 as Range<Int64> {
      var columns = layout.binnings.map(ColumnSketch.init(binning:))
      var derived = derivedLayout.binnings.map(ColumnSketch.init(binning:))
      for _ in 0..<chance.below(40) {
        let (row, score) = row(shift: pane < 40 ? 0 : 0.5)
        for (column, value) in (row + [score]).enumerated() { columns[column].add(value) }
        for index in derived.indices {
          derived[index].add(
            reference.derived[index].derivation.value(row: row, prediction: score, time: pane, hash: chance.next()))
        }
      }
      counted.observe(
        PaneCounts(Array(columns.dropLast()), derived: derived, prediction: columns.last), start: pane)
      sketched.observe(TableSketch(layout, columns), derived: TableSketch(derivedLayout, derived), start: pane)
      #expect(Self.bytes(sketched) == Self.bytes(counted))
    }
    #expect(sketched.tick().raised)
  }

  @Test("A restart in the middle changes nothing that follows", arguments: [true, false])
  func restart(isOrdered: Bool) throws {
    for stop in [3, 40, 90] {
      var run = TestRun(Self.mixed, rows: 1_000, seed: 3, isOrdered: isOrdered)
      var other = run.detector
      for pane in 0..<100 {
        if pane == 80 { run.streams[0].shift = 2 }
        let counts = run.pane(16)
        if pane == stop {
          var reader = ByteReader(Self.bytes(other))
          other = try ModelDetector(reference: run.reference, from: &reader)
          try reader.expectEnd()
        }
        run.detector.observe(counts, start: Int64(pane))
        other.observe(counts, start: Int64(pane))
        #expect(run.detector.tick() == other.tick())
      }
      #expect(Self.bytes(run.detector) == Self.bytes(other))
      #expect(run.detector.isLatched)
    }
  }

  @Test("Hostile bytes are refused or harmless", arguments: [true, false])
  func hostile(isOrdered: Bool) {
    var run = TestRun([.binary], rows: 200, seed: 4, isOrdered: isOrdered)
    for _ in 0..<3 { run.detector.observe(run.pane(8), start: 5) }
    let reference = run.reference
    expectHarmless(Self.bytes(run.detector)) { reader throws(ByteError) in
      try ModelDetector(reference: reference, from: &reader)
    } check: { detector in
      var detector = detector
      detector.observe(PaneCounts(columns: [reference.columns[0].counts + [1]]), start: 0)
      return detector.tick().evidence.isFinite
    }
  }

  @Test("An alarm is raised once, until the detector is armed again; a successor starts clean")
  func latch() {
    var run = TestRun([.normal], rows: 2_000, seed: 5)
    #expect(run.run(events: 3_000) == nil)
    run.streams[0].shift = 1
    #expect(run.run(events: 400) != nil)
    #expect(run.run(events: 5_000) == nil)
    #expect(run.detector.tick().state == .alarm)
    run.detector.rearm()
    #expect(run.detector.reading().state == .quiet && run.detector.statistic == 0)
    #expect(run.run(events: 400) != nil)
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)])
    for _ in 0..<2_000 { builder.add([run.streams[0].next()]) }
    run.detector = ModelDetector(reference: builder.finish())
    var events = 0
    while events < 5_000 {
      var sketch = ColumnSketch(binning: run.detector.detectors[0].reference.binning)
      for _ in 0..<16 { sketch.add(run.streams[0].next()) }
      run.detector.observe(PaneCounts([sketch]), start: 0)
      #expect(run.detector.tick().state != .alarm)
      events += 16
    }
  }

  @Test("A warning comes before the alarm of a small change")
  func warning() {
    var run = TestRun([.normal], rows: 5_000, seed: 6)
    run.streams[0].shift = 0.3
    var states: [DetectorReading.State] = []
    while states.last != .alarm, run.events < 5_000 {
      run.detector.observe(run.pane(16), start: Int64(run.events))
      run.events += 16
      let state = run.detector.tick().state
      if states.last != state { states.append(state) }
    }
    #expect(states.first == .quiet && states.dropLast().last == .warning && states.last == .alarm)
  }

  @Test("Empty panes, panes of one event and the event form")
  func smallPanes() {
    var run = TestRun([.normal], rows: 2_000, seed: 7)
    let before = Self.bytes(run.detector)
    run.detector.observe(run.pane(0), start: 1)
    #expect(Self.bytes(run.detector) == before)
    run.streams[0].shift = 1.5
    #expect(run.run(events: 100, pane: 1) != nil)
  }

  @Test("Counts over other bins, columns or predictions do not fit")
  func fits() {
    var run = TestRun([.normal, .categories], rows: 500, seed: 9)
    let pane = run.pane(5)
    #expect(pane.fits(run.reference))
    #expect(!PaneCounts(columns: [pane.columns[0]]).fits(run.reference))
    #expect(!PaneCounts(columns: [pane.columns[1], pane.columns[0]]).fits(run.reference))
    #expect(!PaneCounts(columns: pane.columns, derived: [[1]]).fits(run.reference))
    #expect(!PaneCounts(columns: pane.columns, prediction: [1]).fits(run.reference))
    #expect(!PaneCounts(columns: pane.columns.map { $0.map { -$0 - 1 } }).fits(run.reference))
  }

  @Test("A pane of a billion rows overflows nothing")
  func hugePane() {
    var run = TestRun([.normal], rows: 2_000, seed: 8)
    var counts = run.reference.columns[0].countsWithMissing
    counts[0] = SketchLimits.count
    for _ in 0..<5 { run.detector.observe(PaneCounts(columns: [counts]), start: 0) }
    let reading = run.detector.tick()
    #expect(reading.raised && reading.evidence.isFinite && reading.leading?.share == 1)
  }

  @Test("Too few reference rows are not watched; few effective ones are told of")
  func thin() {
    #expect(TestRun([.normal], rows: 49, seed: 1).detector.watched.isEmpty)
    #expect(TestRun([.normal], rows: 50, seed: 1).detector.thinColumns.isEmpty)
    #expect(TestRun([.memory], rows: 500, seed: 1).detector.thinColumns == ["memory0"])
    #expect(TestRun([], rows: 500, seed: 1).detector.reading().evidence == -100)
  }
}
