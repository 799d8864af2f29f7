import Foundation

/// Seeded streams of numbers, the same in every run.
enum Samples {
  static func uniform(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in random.unit() }
  }

  static func normal(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in random.normal() }
  }

  static func lognormal(_ count: Int, seed: UInt64) -> [Double] {
    normal(count, seed: seed).map { exp($0) }
  }

  /// Normal, to three decimals: many values come again.
  static func rounded(_ count: Int, seed: UInt64) -> [Double] {
    normal(count, seed: seed).map { ($0 * 1_000).rounded() / 1_000 }
  }

  /// Cauchy: no mean, and a range far wider than where the values lie.
  static func heavyTails(_ count: Int, seed: UInt64) -> [Double] {
    uniform(count, seed: seed).map { tan(.pi * ($0 - 0.5)) }
  }

  /// Two normals, 1e9 apart.
  static func farModes(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in random.normal() + (random.unit() < 0.5 ? 0 : 1e9) }
  }
}

/// Steele, Lea and Flood (2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// In [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Box and Muller (1958).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * .pi * unit())
  }
}
