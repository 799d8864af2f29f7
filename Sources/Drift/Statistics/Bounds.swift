/// A figure with the range that the exact one lies in: a sketch tells less than its data.
public struct Bounds: Hashable, Sendable {
  public let low: Double
  public let value: Double
  public let high: Double

  /// - Parameters: `low` ≤ `value` ≤ `high`, infinity allowed.
  public init(low: Double, value: Double, high: Double) {
    self.low = low
    self.value = value
    self.high = high
  }

  /// Of data that is known to the last row.
  public init(exactly value: Double) {
    self.init(low: value, value: value, high: value)
  }

  public var isExact: Bool { low == high }

  /// Through an increasing function.
  func map(_ transform: (Double) -> Double) -> Bounds {
    Bounds(low: transform(low), value: transform(value), high: transform(high))
  }
}
