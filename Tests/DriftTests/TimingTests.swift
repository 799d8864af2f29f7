import Foundation
import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Timing", .enabled(if: ProcessInfo.processInfo.environment["LEEWAY_TIMING"] != nil))
struct TimingTests {
  @Test func report() {
    var builder = ReferenceBuilder(
      columns: (0..<40).map { ColumnSchema(name: "x\($0)", kind: $0 < 20 ? .numeric : .category) })
    var random = SplitMix64(seed: 1)
    func row() -> [ColumnValue] {
      (0..<40).map { $0 < 20 ? .number(random.normal()) : .category("v\(random.below(8))") }
    }
    for _ in 0..<5_000 { builder.add(row()) }
    let reference = builder.finish()
    for (name, thresholds) in [("watched", DriftConfiguration.watched), ("all", DriftConfiguration.all)] {
      let test = DriftTest(reference: reference, configuration: DriftConfiguration(thresholds: thresholds))
      var sketches = reference.columns.map { ColumnSketch(binning: $0.binning) }
      for _ in 0..<5_000 { for (column, value) in row().enumerated() { sketches[column].add(value) } }
      var best = Double.infinity
      for _ in 0..<20 {
        let start = ContinuousClock.now
        for _ in 0..<100 { _ = test.report(version: 1, from: 0, to: 1, rows: 5_000, sketches: sketches) }
        let elapsed = start.duration(to: .now)
        best = min(best, Double(elapsed.components.attoseconds) / 1e12 / 100 / 40)
      }
      print("timing \(name): \(best) µs a column")
    }
  }
}
