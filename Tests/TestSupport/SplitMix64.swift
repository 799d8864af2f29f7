/// Steele, Lea and Flood's SplitMix64: every random test names its seed, so that every run sees the same cases.
public struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
  public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// Sum of twelve uniforms: close enough to normal, and without a logarithm.
  public mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
