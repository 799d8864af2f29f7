import Bytes

/// Running mean and deviation by Welford's method, guarded so that no value can spoil them: a value enters cut to
/// `ModelLimits.magnitude` and, once `warm` values are in, to `reach` deviations around the mean. A true change of
/// scale still gets through, since every cut value widens the deviation.
struct Moments: Hashable, Sendable {
  static let warm = 30.0
  static let reach = 10.0
  /// Below this deviation a column is constant.
  static let constant = 1e-9

  private(set) var count = 0.0
  private(set) var mean = 0.0
  private(set) var squares = 0.0
  /// These two follow from the others. The reciprocal is 0 where the column is constant.
  private(set) var deviation = 0.0
  private(set) var precision = 0.0

  /// The caller passes finite values only.
  mutating func add(_ value: Double) {
    var value = value.clipped(ModelLimits.magnitude)
    if count >= Moments.warm && precision > 0 {
      value = mean + (value - mean).clipped(Moments.reach * deviation)
    }
    count += 1
    let delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
    refresh()
  }

  /// (value − mean)/deviation, 0 where the column is constant.
  func standardized(_ value: Double) -> Double {
    (value.clipped(ModelLimits.magnitude) - mean) * precision
  }

  private mutating func refresh() {
    deviation = count > 0 ? (squares / count).squareRoot() : 0
    precision = deviation < Moments.constant ? 0 : 1 / deviation
  }
}

extension Moments {
  func encode(into writer: inout ByteWriter) {
    writer.append(count)
    writer.append(mean)
    writer.append(squares)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    count = try reader.finite(in: 0...0x1p53).rounded(.down)
    mean = try reader.finite(in: -2 * ModelLimits.magnitude...2 * ModelLimits.magnitude)
    squares = try reader.finite(in: 0...1e250)
    // The first value would otherwise make the sum of squares negative.
    guard count > 0 || (mean == 0 && squares == 0) else { throw reader.failure("moments of no value that are not 0") }
    refresh()
  }
}
