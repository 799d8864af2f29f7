import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

/// What decodes can be used and written without a trap.
@Suite("Hostile bytes in place of references and monitors' states")
struct FuzzTests {
  private func fuzz<T>(
    _ name: String, _ value: T, cost: Int = 1, encode: (T, inout ByteWriter) -> Void,
    decode: (inout ByteReader) throws -> T, use: (inout T) -> Void
  ) {
    var writer = ByteWriter()
    encode(value, &writer)
    Fuzz.run("drift \(name)", [writer.bytes], cost: cost) { bytes in
      var reader = ByteReader(bytes)
      var value = try decode(&reader)
      use(&value)
      var writer = ByteWriter()
      encode(value, &writer)
    }
  }

  private static func reference(rows: Int) -> Reference {
    var builder = ReferenceBuilder(
      columns: [ColumnSchema(name: "x", kind: .numeric), ColumnSchema(name: "c", kind: .category)],
      prediction: .numeric, cycle: 86_400_000, joint: true)
    var random = SplitMix64(seed: 5)
    for row in 0..<rows {
      let x = random.normal()
      builder.add(
        [.number(x), .category(x > 0 ? "a" : "b")], prediction: .number(x),
        time: Int64(row) * 3_600_000 * 97 / Int64(rows))
    }
    return builder.finish(loss: Moments([0.1, 0.3]), error: Moments([0, 1]), provisional: false)
  }

  private static func pane(_ reference: Reference) -> PaneCounts {
    func counts(_ column: ColumnReference) -> [Int] {
      var sketch = ColumnSketch(binning: column.binning)
      for value in [ColumnValue.number(1), .number(-1), .category("a"), .missing] { sketch.add(value) }
      return sketch.detectorCounts
    }
    return PaneCounts(
      columns: reference.columns.map(counts), derived: reference.derived.map { counts($0.column) },
      prediction: reference.prediction.map(counts))
  }

  @Test func references() {
    let reference = Self.reference(rows: 1_000)
    #expect(!reference.derived.isEmpty)
    fuzz("references", reference, cost: 20, encode: { $0.encode(into: &$1) }, decode: { try Reference(from: &$0) }) {
      reference in
      let row: [ColumnValue] = [.number(1), .category("a")]
      for derived in reference.derived {
        _ = derived.derivation.value(row: row, prediction: .number(0.5), time: .max, hash: 7)
        _ = derived.derivation.value(row: [], time: .min, hash: .max)
      }
      var detector = ModelDetector(reference: reference)
      detector.observe(Self.pane(reference), start: 5)
      _ = detector.tick()
    }
  }

  @Test func detectors() {
    let reference = Self.reference(rows: 300)
    var detector = ModelDetector(reference: reference)
    for start in 0..<5 as Range<Int64> { detector.observe(Self.pane(reference), start: start) }
    fuzz(
      "detectors", detector, cost: 20, encode: { $0.encode(into: &$1) },
      decode: { try ModelDetector(reference: reference, from: &$0) }
    ) { detector in
      for start in [Int64.min, 0, .max] { detector.observe(Self.pane(reference), start: start) }
      #expect(detector.tick().evidence.isFinite)
    }
  }

  @Test func performance() {
    let configuration = PerformanceConfiguration(windowLength: 10)
    var monitor = PerformanceMonitor(measure: .error, configuration: configuration)
    func pane(_ start: Int64, _ version: Int = 1) -> JudgedPane {
      JudgedPane(version: version, start: start, end: start + 1, loss: Moments([0, 1, 0.5]))
    }
    for start in 0..<14 as Range<Int64> { _ = monitor.push(pane(start), validation: Moments([0.2, 0.3])) }
    fuzz(
      "performance monitors", monitor, encode: { $0.encode(into: &$1) },
      decode: { try PerformanceMonitor(measure: .error, configuration: configuration, from: &$0) }
    ) { monitor in
      for start in [-3, 14, 1_000, Int64.max - 1] { _ = monitor.push(pane(start), validation: Moments([0.2])) }
      _ = monitor.evidence()
    }
    var estimates = EstimateMonitor(measure: .error, windowLength: 3)
    for start in -2..<6 as Range<Int64> {
      estimates.add(version: 7, start: start, end: start + 1, rows: 5, expected: 1.5)
    }
    estimates.judge(pane(-2, 7))
    fuzz(
      "estimate monitors", estimates, encode: { $0.encode(into: &$1) },
      decode: { try EstimateMonitor(measure: .error, windowLength: 3, from: &$0) }
    ) { estimates in
      estimates.add(version: 7, start: 9, end: 10, rows: 1, expected: 1)
      estimates.judge(pane(5, 7))
      _ = estimates.estimate
    }
  }
}
