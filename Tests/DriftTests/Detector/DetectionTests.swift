import Sketches
import TestSupport
import Testing

@testable import Drift

/// Small versions of `Benchmarks detector`: enough seeds that a detector which broke its promise would fail.
@Suite("Detection")
struct DetectionTests {
  @Test("Quiet streams stay quiet: of 10 seeds at most 2 alarm", arguments: TestShape.allCases)
  func quiet(shape: TestShape) {
    let alarmed = (1...10).count { seed in
      var run = TestRun([shape], rows: 1_000, seed: UInt64(100 + seed), runLength: 10_000)
      return run.run(events: 8_000, pane: 64) != nil
    }
    #expect(alarmed <= 2, "\(alarmed) of 10")
  }

  private static func delays(
    _ shapes: [TestShape], rows: Int = 4_000, seeds: Int = 5, change: (inout TestStream) -> Void
  ) -> [(delay: Int, reading: DetectorReading)] {
    (1...seeds).compactMap { seed in
      var run = TestRun(shapes, rows: rows, seed: UInt64(200 + seed))
      guard run.run(events: 800) == nil else { return nil }
      change(&run.streams[0])
      return run.run(events: 8_000).map { ($0.events, $0.reading) }
    }.sorted { $0.delay < $1.delay }
  }

  @Test("A shift by one deviation is found within 80 events, named, and dated")
  func shift() {
    let found = Self.delays([.normal, .categories]) { $0.shift = 1 }
    #expect(found.count == 5 && found[2].delay <= 64, "\(found.map(\.delay))")
    for (_, reading) in found {
      #expect(reading.leading?.column == "normal0" && reading.leading?.change == .higher)
      #expect((752...880).contains(reading.onset ?? 0), "\(reading.onset ?? 0)")
      #expect(reading.columns.map(\.share).reduce(0, +) > 0.999)
    }
  }

  @Test("A fall is told from a rise, and one of many columns is found")
  func manyColumns() {
    let found = Self.delays([TestShape](repeating: .normal, count: 8), rows: 2_000, seeds: 2) { $0.shift = -1 }
    #expect(found.count == 2 && found[0].delay <= 80)
    #expect(found.allSatisfy { $0.reading.leading?.change == .lower && $0.reading.leading?.column == "normal0" })
  }

  @Test("Categories, rates, integers, and rows with a memory")
  func others() {
    #expect(Self.delays([.categories]) { $0.evenly = true }.dropFirst(2).first?.delay ?? .max <= 128)
    #expect(Self.delays([.binary]) { $0.shift = 0.2 }.dropFirst(2).first?.delay ?? .max <= 144)
    #expect(Self.delays([.integers]) { $0.shift = 1 }.dropFirst(2).first?.delay ?? .max <= 64)
    #expect(Self.delays([.memory], rows: 10_000) { $0.shift = 1.5 }.dropFirst(2).first?.delay ?? .max <= 1_200)
  }

  @Test("A constant that becomes another shows within a few events")
  func constant() {
    for shift in [-1.0, 1, 1e-9] {
      var run = TestRun([.constant], rows: 2_000, seed: 1)
      #expect(run.run(events: 1_000, pane: 1) == nil)
      run.streams[0].shift = shift
      let found = run.run(events: 100, pane: 1)
      #expect((found?.events ?? 100) <= 6, "\(shift): \(found?.events ?? 100)")
    }
  }

  @Test("A new category, and values that go missing, show and are named")
  func bursts() {
    var run = TestRun([.categories, .normal], rows: 2_000, seed: 2)
    var chance = SplitMix64(seed: 3)
    for (column, value, change) in [
      (0, ColumnValue.category("new"), ColumnChange.newCategory), (1, .missing, .moreMissing),
    ] {
      run.detector.rearm()
      var events = 0
      var reading = run.detector.tick()
      while !reading.raised, events < 1_000 {
        var sketches = run.reference.emptySketches
        for _ in 0..<10 {
          for index in sketches.indices {
            let own = run.streams[index].next()
            sketches[index].add(index == column && chance.uniform() < 0.2 ? value : own)
          }
        }
        run.detector.observe(PaneCounts(sketches), start: Int64(events))
        events += 10
        reading = run.detector.tick()
      }
      #expect(events <= 60 && reading.leading?.role == .column(column) && reading.leading?.change == change)
    }
  }

  @Test("A changed shape of the same mean and deviation is found by what has been learned")
  func shape() {
    var run = TestRun([.normal], rows: 4_000, seed: 4)
    var chance = SplitMix64(seed: 5)
    var reading = run.detector.tick()
    var events = 0
    while !reading.raised, events < 1_000 {
      var sketch = run.reference.columns[0].emptySketch
      for _ in 0..<16 {
        sketch.add(number: (chance.uniform() < 0.5 ? -0.954 : 0.954) + 0.3 * chance.normal())
      }
      run.detector.observe(PaneCounts([sketch]), start: 0)
      events += 16
      reading = run.detector.tick()
    }
    #expect(events <= 200 && reading.leading?.change == .shape)
  }

  @Test("Loss that arrives later than features is watched beside them")
  func loss() {
    var chance = SplitMix64(seed: 6)
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)], prediction: .numeric)
    for _ in 0..<4_000 {
      builder.add([.number(chance.normal())], prediction: .number(chance.uniform()))
      builder.add(loss: chance.uniform() < 0.1 ? 1 : 0)
    }
    let reference = builder.finish()
    var detector = ModelDetector(reference: reference)
    #expect(detector.watched == [.column(0), .prediction, .loss])
    var reading = detector.tick()
    var labels = 0
    for pane in 0..<200 where !reading.raised {
      var sketch = reference.columns[0].emptySketch
      var predictions = ColumnSketch(binning: reference.prediction?.binning ?? sketch.binning)
      for _ in 0..<16 {
        sketch.add(number: chance.normal())
        predictions.add(number: chance.uniform())
      }
      detector.observe(PaneCounts([sketch], prediction: predictions), start: Int64(pane * 16))
      if pane >= 20, let losses = reference.lossColumn {
        var sketch = losses.emptySketch
        for _ in 0..<16 { sketch.add(number: chance.uniform() < 0.3 ? 1 : 0) }
        detector.observeLoss(sketch.detectorCounts, start: Int64((pane - 20) * 16))
        labels += 16
      }
      reading = detector.tick()
    }
    #expect(reading.raised && labels <= 250 && reading.leading?.role == .loss)
  }

  @Test("Without the reference's order, dependence is learned before anything is judged")
  func shuffled() {
    let alarmed = (1...6).count { seed in
      var stream = TestStream(.memory, seed: UInt64(300 + seed))
      var rows = (0..<2_000).map { _ in stream.next() }
      var chance = SplitMix64(seed: UInt64(seed))
      for last in rows.indices.dropFirst().reversed() { rows.swapAt(last, chance.below(last + 1)) }
      var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)], isOrdered: false)
      for row in rows { builder.add([row]) }
      let reference = builder.finish()
      var detector = ModelDetector(
        reference: reference, configuration: DetectorConfiguration(averageRunLength: 10_000))
      for pane in 0..<400 {
        var sketch = reference.columns[0].emptySketch
        for _ in 0..<16 { sketch.add(stream.next()) }
        detector.observe(PaneCounts([sketch]), start: Int64(pane))
        if detector.tick().raised { return true }
      }
      return false
    }
    #expect(alarmed <= 1, "\(alarmed) of 6")
  }
}
