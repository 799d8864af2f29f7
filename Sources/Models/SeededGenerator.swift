/// SplitMix64 (Steele, Lea, Flood 2014): every draw, of a model or of a backtest, comes from one of these, seeded by what
/// it is for.
package struct SeededGenerator: Hashable, Sendable {
  private(set) var state: UInt64

  init(state: UInt64) {
    self.state = state
  }

  /// - Parameter name: what the draws are for, so that no two purposes share them.
  package init(seed: UInt64, for name: String, _ more: String = "") {
    state = seed
    for byte in name.utf8 { mix(UInt64(byte)) }
    mix(0x100)
    for byte in more.utf8 { mix(UInt64(byte)) }
  }

  private mutating func mix(_ word: UInt64) {
    state ^= word
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// From 0 to below 1.
  mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// From 0 to below a positive bound.
  package mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Nearly normal with mean 0 and deviation 1: the sum of twelve uniforms, which needs no function that a platform
  /// could round its own way.
  mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }
}
