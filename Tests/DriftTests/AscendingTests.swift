import TestSupport
import Testing

@testable import Drift

@Suite("Numbers in ascending order")
struct AscendingTests {
  private static func expectSorted(_ numbers: [Double], _ name: String) {
    #expect(numbers.ascending().map(\.bitPattern) == numbers.sorted().map(\.bitPattern), "\(name)")
  }

  @Test("What comparing gives, down to the signs of zeros", arguments: [0, 1, 2, 999, 1_000, 1_001, 5_000])
  func same(count: Int) {
    var chance = SplitMix64(seed: UInt64(count))
    let least = Double.leastNonzeroMagnitude
    let special = [0, -0.0, 1, -1, .infinity, -.infinity, least, -least, 1e300, -1e300, 1.5, .pi]
    let makers: [(String, (inout SplitMix64) -> Double)] = [
      ("normal", { $0.normal() }), ("rounded", { ($0.normal() * 10).rounded() / 10 }),
      ("special", { special[Int.random(in: 0..<special.count, using: &$0)] }),
      ("zeros", { $0.uniform() < 0.5 ? 0 : -0.0 }), ("constant", { _ in 7 }),
      ("whole", { ($0.uniform() * 1e6).rounded() - 5e5 }),
      (
        "bits",
        {
          let number = Double(bitPattern: .random(in: 0...(.max), using: &$0))
          return number.isNaN ? 0 : number
        }
      ),
    ]
    for (name, make) in makers { Self.expectSorted((0..<count).map { _ in make(&chance) }, name) }
    Self.expectSorted((0..<count).map(Double.init), "risen")
    Self.expectSorted((0..<count).map { Double(-$0) }, "falling")
  }
}
