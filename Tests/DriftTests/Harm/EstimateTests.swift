import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Estimate without labels")
struct EstimateTests {
  private static let bins = 40

  private static func bin(_ score: Double) -> Int { min(Int(score * Double(bins)), bins - 1) }

  private static func losses(_ score: Double) -> (one: Double, zero: Double) {
    let clipped = min(max(score, 0.01), 0.99)
    return (-Elementary.log(clipped), -Elementary.log(1 - clipped))
  }

  private static func calibration(rows: Int, _ generator: inout SplitMix64) throws -> ScoreCalibration {
    var builder = ScoreCalibrationBuilder(bins: bins, ordered: true)
    for _ in 0..<rows {
      let score = generator.uniform()
      let (one, zero) = losses(score)
      builder.add(
        .init(
          bin: bin(score), event: generator.uniform() < score, lossIfEvent: one, lossIfNot: zero,
          errorIfEvent: score >= 0.5 ? 0 : 1, errorIfNot: score >= 0.5 ? 1 : 0))
    }
    return try #require(builder.finish())
  }

  /// Rows of one pane: how often each bin, and what they lost.
  private static func pane(
    _ rows: Int, flipped: Bool, _ generator: inout SplitMix64
  ) -> (counts: [Int], loss: Moments, error: Moments) {
    var counts = [Int](repeating: 0, count: bins)
    var loss = Moments()
    var error = Moments()
    for _ in 0..<rows {
      // Other scores than in validation: more of the sure ones.
      let u = generator.uniform()
      let score = u < 0.5 ? 2 * u * u : 1 - 2 * (1 - u) * (1 - u)
      let event = (generator.uniform() < score) != flipped
      let (one, zero) = losses(score)
      counts[bin(score)] += 1
      loss.update(event ? one : zero)
      error.update((score >= 0.5) == event ? 0 : 1)
    }
    return (counts, loss, error)
  }

  @Test("Right where the scores keep their meaning, flattering where it flips, and the figure beside it says so")
  func badge() throws {
    var generator = SplitMix64(seed: 41)
    let calibration = try Self.calibration(rows: 20_000, &generator)
    for measure in [LossMeasure.error, .logLoss] {
      var monitor = EstimateMonitor(measure: measure, windowLength: 10)
      #expect(monitor.estimate == nil)
      for flipped in [false, true] {
        for index in 0..<20 as Range<Int64> {
          let start = index + (flipped ? 20 : 0)
          let pane = Self.pane(500, flipped: flipped, &generator)
          monitor.add(
            version: 1, start: start, end: start + 1, rows: 500,
            expected: try #require(calibration.expectedSum(measure, counts: pane.counts)))
          monitor.judge(
            JudgedPane(version: 1, start: start, end: start + 1, loss: measure == .error ? pane.error : pane.loss))
        }
        let estimate = try #require(monitor.estimate)
        let matured = try #require(estimate.matured)
        #expect(estimate.rows == 5_000 && matured.rows == 5_000 && matured.estimate == estimate.estimate)
        #expect(flipped ? matured.flattery > 0.3 : matured.flattery.magnitude < 0.025)
      }
    }
  }

  @Test("Labels that lag leave the estimate of the newest rows beside the error of the last labelled ones")
  func lag() throws {
    var monitor = EstimateMonitor(measure: .error, windowLength: 3)
    for start in 0..<10 as Range<Int64> {
      // A pane comes in two parts, from two partitions.
      monitor.add(version: 1, start: start, end: start + 1, rows: 4, expected: Double(start))
      monitor.add(version: 1, start: start, end: start + 1, rows: 6, expected: 0)
    }
    for start in 0..<5 as Range<Int64> {
      monitor.judge(JudgedPane(version: 1, start: start, end: start + 1, loss: Moments([0, 1])))
    }
    let estimate = try #require(monitor.estimate)
    #expect(estimate.from == 7 && estimate.to == 10 && estimate.rows == 30)
    #expect((estimate.estimate - 0.8).magnitude < 1e-12)
    let matured = try #require(estimate.matured)
    #expect(matured.from == 2 && matured.to == 5 && matured.rows == 6 && matured.actual == 0.5)
    #expect((matured.estimate - 0.3).magnitude < 1e-12 && (matured.flattery - 0.2).magnitude < 1e-12)
    #expect(monitor.panes.map(\.start) == Array(2..<10))
  }

  /// The same by looking at every pane each time.
  private struct Plain {
    let length: Int64
    var panes: [EstimateMonitor.Pane] = []
    var judgedStart: Int64?
    var judgedEnd: Int64?

    mutating func add(version: Int, start: Int64, end: Int64, rows: Int, expected: Double) {
      if let place = panes.firstIndex(where: { $0.start == start && $0.version == version }) {
        panes[place].rows += rows
        panes[place].expected += expected
      } else {
        panes.append(EstimateMonitor.Pane(version: version, start: start, end: end, rows: rows, expected: expected))
        panes.sort { ($0.start, $0.version) < ($1.start, $1.version) }
      }
    }

    mutating func judge(_ judged: JudgedPane) {
      judgedStart = max(judgedStart ?? judged.start, judged.start)
      judgedEnd = max(judgedEnd ?? judged.end, judged.end)
      for place in panes.indices where panes[place].start == judged.start && panes[place].version == judged.version {
        panes[place].judgedRows += judged.loss.count
        panes[place].actual += judged.loss.sum
      }
      guard let judgedStart, let judgedEnd, let newest = panes.last?.end else { return }
      panes.removeAll {
        $0.start < newest - length
          && ($0.judgedRows > 0 ? $0.start < judgedEnd - length : $0.start < judgedStart)
      }
    }

    var figures: [Double] {
      guard let newest = panes.last else { return [] }
      func sum(_ panes: [EstimateMonitor.Pane], _ value: (EstimateMonitor.Pane) -> Double) -> Double {
        panes.reduce(0) { $0 + value($1) }
      }
      let window = panes.filter { $0.start >= newest.end - length }
      let scored = window.isEmpty ? [newest] : window
      let rows = sum(scored) { Double($0.rows) }
      let all = [Double(scored[0].start), Double(newest.end), rows, sum(scored, \.expected) / rows]
      let labelled = panes.filter { $0.judgedRows > 0 && $0.start >= (judgedEnd ?? .max) - length }
      guard let first = labelled.first, let last = labelled.last else { return all }
      let known = sum(labelled) { Double($0.judgedRows) }
      return all + [
        Double(first.start), Double(last.end), known,
        sum(labelled) { Double($0.judgedRows) * $0.expectedMean } / known, sum(labelled, \.actual) / known,
      ]
    }
  }

  @Test(
    "Panes and labels in any order: what is kept and told is what a look at every pane gives",
    arguments: 0..<40 as Range<UInt64>)
  func anyOrder(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let length = Int64(generator.next() % 12) + 1
    // Some panes are longer than the window.
    let pane = seed % 5 == 0 ? length + 2 : 1
    var monitor = EstimateMonitor(measure: .logLoss, windowLength: length)
    var plain = Plain(length: length)
    for step in 0..<300 as Range<Int64> {
      let version = Int(generator.next() % 2) + 1
      let start = max(0, step / 2 - Int64(generator.next() % 40)) * pane
      if generator.next() % 2 == 0 {
        let (rows, expected) = (Int(generator.next() % 9) + 1, generator.uniform())
        monitor.add(version: version, start: start, end: start + pane, rows: rows, expected: expected)
        plain.add(version: version, start: start, end: start + pane, rows: rows, expected: expected)
      } else {
        let judged = JudgedPane(
          version: version, start: start, end: start + pane, loss: Moments([generator.uniform(), generator.uniform()]))
        monitor.judge(judged)
        plain.judge(judged)
      }
      #expect(Array(monitor.panes) == plain.panes)
      let figures = monitor.estimate.map { estimate in
        [Double(estimate.from), Double(estimate.to), Double(estimate.rows), estimate.estimate]
          + (estimate.matured.map { [Double($0.from), Double($0.to), Double($0.rows), $0.estimate, $0.actual] } ?? [])
      }
      #expect(figures ?? [] == plain.figures)
    }
  }

  @Test("Shares of ordered bins rise; bins without rows take their nearest neighbour's; classes keep their own")
  func pooling() throws {
    func made(_ events: [[Bool]], ordered: Bool) throws -> [Double] {
      var builder = ScoreCalibrationBuilder(bins: events.count, ordered: ordered)
      for (bin, events) in events.enumerated() {
        for event in events {
          builder.add(.init(bin: bin, event: event, lossIfEvent: 1, lossIfNot: 2, errorIfEvent: 0, errorIfNot: 1))
        }
      }
      builder.add(.init(bin: 99, event: true, lossIfEvent: 1, lossIfNot: 2, errorIfEvent: 0, errorIfNot: 1))
      builder.add(.init(bin: 0, event: true, lossIfEvent: .nan, lossIfNot: 2, errorIfEvent: 0, errorIfNot: 1))
      return try #require(builder.finish()).bins.map(\.event)
    }
    let events = [[], [true, false], [false, false], [], [], [true, true], []]
    #expect(try made(events, ordered: true) == [0.25, 0.25, 0.25, 0.25, 1, 1, 1])
    #expect(try made(events, ordered: false) == [0.5, 0.5, 0, 0, 1, 1, 1])
    #expect(ScoreCalibrationBuilder(bins: 3, ordered: true).finish() == nil)
    for events in everyArray(over: [[false], [true], [true, false]], upTo: 5) where !events.isEmpty {
      let shares = try made(events, ordered: true)
      #expect(shares == shares.sorted())
      // Pooling keeps the number of events.
      let expected = zip(events, shares).reduce(0) { $0 + Double($1.0.count) * $1.1 }
      #expect((expected - Double(events.joined().count { $0 })).magnitude < 1e-9)
    }
  }

  @Test("No estimate of a regression, nor over other bins")
  func none() throws {
    var generator = SplitMix64(seed: 42)
    let calibration = try Self.calibration(rows: 100, &generator)
    #expect(calibration.expectedSum(.absoluteError, counts: .init(repeating: 1, count: Self.bins)) == nil)
    #expect(calibration.expectedSum(.error, counts: [1]) == nil)
    #expect(calibration.expectedSum(.error, counts: .init(repeating: 0, count: Self.bins)) == 0)
  }

  @Test("Bytes: round trip and hostile")
  func coding() throws {
    var generator = SplitMix64(seed: 43)
    let calibration = try Self.calibration(rows: 200, &generator)
    var writer = ByteWriter()
    calibration.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try ScoreCalibration(from: &reader) == calibration)
    try reader.expectEnd()
    expectHarmless(writer.bytes) { reader throws(ByteError) in
      try ScoreCalibration(from: &reader)
    } check: {
      $0.bins.allSatisfy { 0...1 ~= $0.event }
    }

    var monitor = EstimateMonitor(measure: .error, windowLength: 3)
    for start in -2..<6 as Range<Int64> {
      monitor.add(version: 7, start: start, end: start + 1, rows: 5, expected: 1.5)
    }
    monitor.judge(JudgedPane(version: 7, start: -2, end: -1, loss: Moments([0, 1, 1])))
    writer = ByteWriter()
    monitor.encode(into: &writer)
    func decode(_ reader: inout ByteReader) throws(ByteError) -> EstimateMonitor {
      try EstimateMonitor(measure: .error, windowLength: 3, from: &reader)
    }
    reader = ByteReader(writer.bytes)
    #expect(try decode(&reader) == monitor)
    try reader.expectEnd()
    expectHarmless(writer.bytes, decode: decode) { decoded in
      var decoded = decoded
      decoded.add(version: 7, start: 9, end: 10, rows: 1, expected: 1)
      decoded.judge(JudgedPane(version: 7, start: 5, end: 6, loss: Moments([1])))
      return !(decoded.estimate?.estimate.isNaN ?? false)
    }
  }
}
