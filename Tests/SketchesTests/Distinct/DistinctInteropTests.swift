import TestSupport
import Testing

@testable import Sketches

/// Exchanges images with `Tests/interop/hll.py` through the folder that `LEEWAY_INTEROP` names; `Tests/interop/run.sh`
/// runs both sides.
@Suite("Distinct counts: interop", .enabled(if: Interop.folder != nil))
struct DistinctInteropTests {
  private enum Kind: String, CaseIterable {
    case integers, numbers, texts
  }

  private static func sketch(_ lgK: Int, _ kind: Kind, _ indices: Range<Int>) -> DistinctSketch {
    var sketch = DistinctSketch(lgK: lgK)
    for index in indices {
      switch kind {
      case .integers: sketch.update(Int64(index * 7 - 3))
      case .numbers: sketch.update(Double(index) / 8 - 1)
      case .texts:
        sketch.update(index % 2 == 1 ? "value \(index)" : "a value of more than sixteen bytes, \(index)")
      }
    }
    return sketch
  }

  @Test("The library's images are ours, and ours are left for it", arguments: [4, 8, 12], [0, 1, 5, 100, 20_000])
  func exchange(lgK: Int, count: Int) throws {
    for kind in Kind.allCases {
      let own = Self.sketch(lgK, kind, 0..<count)
      let shifted = Self.sketch(lgK, kind, count / 2..<count / 2 + count)
      for (packing, bits) in zip(RegisterPacking.allCases, [4, 6, 8]) {
        let name = "\(lgK)-\(bits)-\(kind.rawValue)-\(count).bin"
        for writer in ["library", "updatable"] {
          let theirs = try DistinctSketch(decoding: try Interop.read("hll-\(writer)-\(name)"))
          #expect(theirs == own && theirs.estimate == own.estimate, "\(writer) \(name)")
          var merged = theirs
          merged.merge(shifted)
          if writer == "library" { try Interop.write(merged.encode(packing), to: "hll-merged-\(name)") }
        }
        try Interop.write(own.encode(packing), to: "hll-leeway-\(name)")
      }
    }
  }
}
