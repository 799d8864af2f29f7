import Foundation
import Testing

@testable import Sketches

/// Exchanges sketches with `Tests/interop/kll.py` through the folder that `LEEWAY_INTEROP` names; `Tests/interop/run.sh`
/// runs both sides.
@Suite("Quantiles: interop", .enabled(if: Interop.folder != nil))
struct QuantileInteropTests {
  private static let ranks = [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1]

  private static func stream<Value: QuantileValue>(_ count: Int) -> [Value] {
    (0..<count).map { Value(nearest: Double($0 * 7_919_317 % 1_048_573 - 500_000) / 8) }
  }

  /// Count, minimum, maximum, error, then for each rank both quantiles, and both ranks of the inclusive one.
  private static func answers<Value: QuantileValue>(_ sketch: QuantileSketch<Value>) throws -> [Double] {
    guard let minimum = sketch.minimum, let maximum = sketch.maximum else { return [0] }
    let error = QuantileSketch<Value>.normalizedRankError(k: sketch.smallestK)
    var answers = [Double(sketch.count), minimum.exactDouble, maximum.exactDouble, error]
    for rank in ranks {
      let quantile = try #require(sketch.quantile(rank))
      answers += [quantile.exactDouble, try #require(sketch.quantile(rank, inclusive: false)).exactDouble]
      answers += [
        try #require(sketch.rank(of: quantile)), try #require(sketch.rank(of: quantile, inclusive: false)),
      ]
    }
    return answers
  }

  private static func leave<Value: QuantileValue>(_ sketch: QuantileSketch<Value>, _ name: String) throws {
    let bytes = sketch.encode()
    try Interop.write(bytes, to: "\(name).bin")
    let text = try answers(QuantileSketch<Value>(decoding: bytes)).map { "\($0)\n" }.joined()
    try Interop.write(Array(text.utf8), to: "\(name).txt")
  }

  private static func exchange<Value: QuantileValue>(_: Value.Type, _ type: String, k: Int, count: Int) throws {
    let values: [Value] = stream(count)
    var own = QuantileSketch<Value>(k: k, seed: 1)
    own.update(values.span)
    try leave(own, "kll-leeway-\(type)-\(k)-\(count)")
    for writer in ["library", "libmerged"] {
      let name = "kll-\(writer)-\(type)-\(k)-\(count)"
      let theirs = try QuantileSketch<Value>(decoding: try Interop.read("\(name).bin"))
      #expect(theirs.checkInvariants() == nil, "\(name)")
      let lines = String(decoding: try Interop.read("\(name).txt"), as: UTF8.self).split(separator: "\n")
      let found = try answers(theirs)
      #expect(found.count == lines.count, "\(name)")
      for (ours, line) in zip(found, lines) {
        let expected = try #require(Double(line))
        #expect(abs(ours - expected) <= 1e-12 * abs(expected), "\(name): \(ours), \(expected)")
      }
      guard writer == "library" else { continue }
      try leave(theirs, "kll-reencoded-\(type)-\(k)-\(count)")
      var merged = theirs
      merged.merge(own)
      try leave(merged, "kll-merged-\(type)-\(k)-\(count)")
    }
  }

  @Test("The library's sketches are read, and ours are left for it", arguments: [8, 200, 1_000])
  func exchange(k: Int) throws {
    for count in [0, 1, 2, 150, 1_000, 100_000] {
      try Self.exchange(Double.self, "doubles", k: k, count: count)
      try Self.exchange(Float.self, "floats", k: k, count: count)
    }
  }
}
