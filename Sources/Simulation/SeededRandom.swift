/// Steele, Lea and Flood's SplitMix64: the only source of chance in a simulation, so that a seed names a run.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Whether something happens that happens once in `count` times; never for 0.
  mutating func once(in count: Int) -> Bool { count > 0 && Int.random(in: 0..<count, using: &self) == 0 }

  /// One of several values, of which there is at least one.
  mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &self)] }

  /// A generator whose draws do not move this one.
  mutating func branch() -> SeededRandom { SeededRandom(seed: next()) }
}
