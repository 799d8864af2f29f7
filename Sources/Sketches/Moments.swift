public import Bytes

/// Count, mean, sum of squared deviations and range of a stream of numbers, in constant space.
///
/// Updates follow Welford (1962), merges Chan, Golub and LeVeque (1979); the mean of 1e9 ± 1 keeps eight digits.
/// Values must be finite and at most `SketchLimits.magnitude` in size; the caller sees to that.
public struct Moments: Hashable, Sendable {
  /// More than `SketchLimits.count` values within the magnitude can have, and so little that sums stay finite.
  private static let mostSquares = 1e300

  public private(set) var count: Int
  /// 0 when empty.
  public private(set) var mean: Double
  /// Sum of squared deviations from the mean, never negative.
  public private(set) var m2: Double
  /// Positive infinity when empty. After `subtract` only a lower bound of what remains.
  public private(set) var min: Double
  /// Negative infinity when empty. After `subtract` only an upper bound of what remains.
  public private(set) var max: Double

  public init() {
    count = 0
    mean = 0
    m2 = 0
    min = .infinity
    max = -.infinity
  }

  /// Of `count` numbers whose figures are known. Negative `m2`, which only rounding produces, counts as 0.
  public init(count: Int, mean: Double, m2: Double, min: Double, max: Double) {
    self.init()
    guard count > 0 else { return }
    self.count = count
    self.mean = mean
    self.m2 = Swift.max(m2, 0)
    self.min = min
    self.max = max
  }

  /// Of the values, one by one.
  public init(_ values: some Sequence<Double>) {
    self.init()
    for value in values { update(value) }
  }

  /// The same, quicker.
  public init(_ values: Span<Double>) {
    self.init()
    for index in values.indices { update(values[index]) }
  }

  public var isEmpty: Bool { count == 0 }

  /// Whether a stream can have these figures: look where they came from outside.
  public var isValid: Bool {
    guard count > 0 else { return true }
    // Twice the limit, as the mean of what was subtracted is not exact.
    let limit = 2 * SketchLimits.magnitude
    let inRange = [mean, min, max].allSatisfy { $0.magnitude <= limit }
    return count <= SketchLimits.count && inRange && (0...Self.mostSquares).contains(m2) && min <= max
  }

  /// Mean squared deviation, divided by n; 0 when empty.
  public var variance: Double { count > 0 ? m2 / Double(count) : 0 }

  /// Unbiased variance, divided by n − 1; 0 below two values.
  public var sampleVariance: Double { count > 1 ? m2 / Double(count - 1) : 0 }

  /// Root of `variance`.
  public var standardDeviation: Double { variance.squareRoot() }

  /// To within the rounding of `mean`.
  public var sum: Double { mean * Double(count) }

  /// 5 ns a value.
  public mutating func update(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / Double(count)
    m2 += delta * (value - mean)
    if value < min { min = value }
    if value > max { max = value }
  }
}

extension Moments: Subtractable {
  public mutating func merge(_ other: Moments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = count + other.count
    let delta = other.mean - mean
    let share = Double(other.count) / Double(total)
    m2 += other.m2 + delta * delta * (Double(count) * share)
    mean += delta * share
    count = total
    min = Swift.min(min, other.min)
    max = Swift.max(max, other.max)
  }

  /// The count is exact. Mean and `m2` carry the rounding of everything merged before, which is large where the part
  /// taken away dwarfs the rest; minimum and maximum stay as bounds.
  public mutating func subtract(_ other: Moments) {
    guard other.count > 0 else { return }
    precondition(
      other.count <= count, "moments of more values than were merged cannot be subtracted")
    let rest = count - other.count
    guard rest > 0 else {
      self = Moments()
      return
    }
    let total = Double(count)
    mean += (mean - other.mean) * (Double(other.count) / Double(rest))
    let delta = mean - other.mean
    m2 = Swift.max(m2 - other.m2 - delta * delta * (Double(other.count) * Double(rest) / total), 0)
    count = rest
  }

  /// All of it.
  public var inexact: Moments {
    get { self }
    set { self = newValue }
  }
}

extension Moments {
  /// At most 42 bytes; 1 when empty.
  public func encode(into writer: inout ByteWriter) {
    writer.append(count: count)
    guard count > 0 else { return }
    for figure in [mean, m2, min, max] { writer.append(figure) }
  }

  /// Refuses figures that no stream has: not finite, a negative sum of squares, a minimum above the maximum.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let count = try reader.index()
    guard count <= SketchLimits.count else { throw reader.failure("moments of \(count) values") }
    self.init()
    guard count > 0 else { return }
    self.count = count
    mean = try reader.double()
    m2 = try reader.double()
    min = try reader.double()
    max = try reader.double()
    guard isValid else { throw reader.failure("moments that no stream has") }
  }
}
