/// The random choices of one quantile sketch: SplitMix64 (Steele, Lea and Flood 2014), and for every level the coin that
/// is still to be turned over.
///
/// Each second coin of a level is the first one's opposite. A coin still lands either way with probability one half, so
/// estimates stay unbiased, but the errors of the two halvings partly cancel: half the variance of independent coins
/// (Ivkin, Liberty, Lang, Karnin and Braverman 2019, "Streaming Quantiles Algorithms with Small Space and Update Time").
struct QuantileCoins: Equatable, Sendable {
  var state: UInt64
  /// Bit h: level h has tossed a coin whose opposite comes next.
  var tossed: UInt64 = 0
  /// Bit h: how that coin fell.
  var fallen: UInt64 = 0

  /// The word drawn last, and whether its complement comes next.
  var drawn: UInt64 = 0
  var complement = false

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A random word, or each second time the complement of the last.
  mutating func draw() -> UInt64 {
    drawn = ~drawn
    complement.toggle()
    if complement { drawn = next() }
    return drawn
  }

  /// 0 or 1: which item of each pair a halving of this level keeps.
  mutating func toss(level: Int) -> Int {
    let bit: UInt64 = 1 << UInt64(level)
    tossed ^= bit
    if tossed & bit == 0 { return fallen & bit == 0 ? 1 : 0 }
    let side = next() >> 63
    fallen = side == 1 ? fallen | bit : fallen & ~bit
    return Int(side)
  }
}
