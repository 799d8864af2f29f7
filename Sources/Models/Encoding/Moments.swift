import Bytes

/// Running mean and deviation by Welford's method, guarded so that no value can spoil them.
///
/// A value enters cut to `reach` deviations around the mean. A true change of scale still gets through, since every cut
/// value widens the deviation. Where the deviation is not known yet, at the start and when a constant column ceases to be
/// one, the next `warm` values are kept, and cut by a scale of their own that a fifth of them cannot move; until then
/// mean and deviation are computed anew with each.
struct Moments: Hashable, Sendable {
  static let warm = 30
  static let reach = 10.0
  /// Up to this part of the mean a deviation is what rounding leaves of none, and the column constant.
  private static let constant = 1e-12
  /// Below it a square would be no normal number.
  private static let leastDeviation = 1e-150

  /// What has been added for good.
  private var settled = Sums()
  /// What came since the column ceased to be constant, until there is enough of it.
  private var opening: [Double] = []
  /// These follow from the others. The reciprocal is 0 where the column is constant.
  private(set) var mean = 0.0
  private(set) var deviation = 0.0
  private(set) var precision = 0.0

  private struct Sums: Hashable {
    var count = 0.0
    var mean = 0.0
    var squares = 0.0

    /// Returns 1/count: a division is dear.
    @inline(__always)
    @discardableResult
    mutating func add(_ value: Double) -> Double {
      count += 1
      let share = 1 / count
      let delta = value - mean
      mean += delta * share
      squares += delta * (value - mean)
      return share
    }
  }

  /// The caller passes finite values only.
  @inline(__always)
  mutating func add(_ value: Double) {
    let value = value.clipped(ModelLimits.magnitude)
    guard opening.isEmpty, precision > 0 || value == mean || settled.count == 0 else { return open(with: value) }
    let share = settled.add(precision > 0 ? mean + (value - mean).clipped(Moments.reach * deviation) : value)
    follow(settled, share: share)
  }

  /// (value − mean)/deviation, 0 where the column is constant.
  func standardized(_ value: Double) -> Double {
    (value.clipped(ModelLimits.magnitude) - mean) * precision
  }

  private mutating func open(with value: Double) {
    opening.append(value)
    let sums = opened
    if opening.count == Moments.warm { (settled, opening) = (sums, []) }
    follow(sums, share: 1 / sums.count)
  }

  /// The sums with the opening in them.
  private var opened: Sums {
    guard !opening.isEmpty else { return settled }
    let before = repeatElement(settled.mean, count: Int(min(settled.count, Double(Moments.warm))))
    let cut = Cut(before + opening)
    var sums = settled
    sums.mean = cut(settled.mean)
    for value in opening { sums.add(cut(value)) }
    return sums
  }

  /// - Parameter share: 1/count.
  @inline(__always)
  private mutating func follow(_ sums: Sums, share: Double) {
    mean = sums.mean
    deviation = (sums.squares * share).squareRoot()
    precision = deviation < max(Moments.constant * mean.magnitude, Moments.leastDeviation) ? 0 : 1 / deviation
  }
}

/// Cuts few values to where most of them are: to `Moments.reach` times the distance from their median that four in five
/// of those which differ from it keep.
private struct Cut {
  private let median: Double
  private let bound: Double

  /// At least one value.
  init(_ values: [Double]) {
    let median = values.sorted()[(values.count - 1) / 2]
    let distances = values.map { abs($0 - median) }.filter { $0 > 0 }.sorted()
    bound = distances.isEmpty ? 0 : Moments.reach * distances[(distances.count - 1) * 4 / 5]
    self.median = median
  }

  func callAsFunction(_ value: Double) -> Double {
    abs(value - median) <= bound ? value : median + (value - median).clipped(bound)
  }
}

extension Moments {
  func encode(into writer: inout ByteWriter) {
    writer.append(settled.count)
    writer.append(settled.mean)
    writer.append(settled.squares)
    writer.append(opening) { $0.append($1) }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    settled.count = try reader.finite(in: 0...0x1p53).rounded(.down)
    settled.mean = try reader.finite(in: -2 * ModelLimits.magnitude...2 * ModelLimits.magnitude)
    settled.squares = try reader.finite(in: 0...1e250)
    opening = try reader.doubles(
      try reader.count(ofAtLeast: 8), in: -ModelLimits.magnitude...ModelLimits.magnitude)
    // The first value would otherwise make the sum of squares negative.
    guard settled.count > 0 || (settled.mean == 0 && settled.squares == 0 && opening.isEmpty) else {
      throw reader.failure("moments of no value that are not 0")
    }
    guard opening.count < Moments.warm else { throw reader.failure("an opening of \(opening.count) values") }
    let sums = opened
    if sums.count > 0 { follow(sums, share: 1 / sums.count) }
  }
}
