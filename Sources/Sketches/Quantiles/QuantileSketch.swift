/// The quantiles of a stream of numbers in a few kilobytes: the sketch of Karnin, Lang and Liberty (2016, "Optimal
/// Quantile Approximation in Streams"), with the binary format of Apache DataSketches' `kll_doubles_sketch` and
/// `kll_floats_sketch`.
///
/// A rank that it gives is within `normalizedRankError()` of the true one with 99 % confidence (1.33 % at k = 200),
/// whatever the values and their order, and whatever tree of merges made it. It is exact while few values were seen
/// (`isExact`). Values that are not numbers (NaN) are passed over, as the library does; the caller counts them.
///
/// All random choices follow from the seed, and values are taken in blocks of 1,024 that count from the first value:
/// the same seed and the same values give the same bytes, however the values came in batches.
///
/// Memory at k = 200, for doubles: 2.5 KB after a thousand values, 3 to 4 KB after more, and at most 9 KB besides while a
/// block is being filled; `seal()` at the end of a pane gives those back. Cost of an update by batch: about 5 ns a value.
public struct QuantileSketch<Value: QuantileValue>: Sendable {
  /// How many items the widest level of the library's sketch of this accuracy holds, 8 to 65,535.
  public let k: Int
  /// The smallest k of all inexact sketches merged so far, this one included: the error follows from it.
  var smallestK: Int
  /// Values in `levels`.
  var settled = 0
  /// Extremes of the values in `levels`.
  var low = Value.infinity
  var high = -Value.infinity
  var levels = QuantileLevels<Value>()
  var coins: QuantileCoins
  /// The block that is being filled, in order of arrival.
  @usableFromInline
  var pending: [Value] = []
  var habit = QuantileBlock.Habit()

  /// - Parameters:
  ///   - k: 8 to 65,535; the error falls about as 1 / k, memory rises with k. What lies outside is moved to the nearest.
  ///   - seed: of all random choices. Sketches that are merged should have different ones.
  public init(k: Int = 200, seed: UInt64) {
    self.k = min(max(k, QuantileCapacity.parameters.lowerBound), QuantileCapacity.parameters.upperBound)
    smallestK = self.k
    coins = QuantileCoins(seed: seed)
  }

  /// Values seen, without NaN.
  public var count: Int { settled + pending.count }

  public var isEmpty: Bool { count == 0 }

  /// Values kept, each standing for one or more of those seen.
  public var retained: Int { levels.retained + pending.count }

  /// Whether every value is still there, so that all answers are exact.
  public var isExact: Bool { retained == count }

  /// Smallest value seen, exactly; nil when empty. Cost: one pass over the block that is being filled.
  public var minimum: Value? { isEmpty ? nil : pending.reduce(low) { $1 < $0 ? $1 : $0 } }

  /// Largest value seen, exactly; nil when empty. Cost: one pass over the block that is being filled.
  public var maximum: Value? { isEmpty ? nil : pending.reduce(high) { $1 > $0 ? $1 : $0 } }
}

extension QuantileSketch: Equatable {
  /// Whether both hold the same items and will go on alike.
  public static func == (left: Self, right: Self) -> Bool {
    left.k == right.k && left.smallestK == right.smallestK && left.settled == right.settled
      && left.low == right.low && left.high == right.high && left.levels == right.levels
      && left.coins == right.coins && left.pending == right.pending
  }
}
