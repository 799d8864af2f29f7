/// Chance that depends on a row alone, so that every worker and every replay draws the same.
public enum RowHash {
  /// The finaliser of SplitMix64: every bit of the result depends on every bit of `value`.
  public static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Of a row's id, wherever and whenever it is counted.
  public static func hash(_ id: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0
    var word: UInt64 = 0
    var length: UInt64 = 0
    for byte in id {
      word = word << 8 | UInt64(byte)
      length += 1
      if length % 8 == 0 {
        hash = mix(hash ^ word)
        word = 0
      }
    }
    return mix(mix(hash ^ word) ^ length)
  }

  /// A number in [0, 1) for one column of the row whose hash is `row`.
  public static func unit(_ row: UInt64, salt: UInt64) -> Double {
    Double(mix(row ^ mix(salt)) >> 11) * 0x1p-53
  }
}
