public import Bytes
import Drift
public import Models

/// Stops a canary whose outputs are not those that were validated, long before a label comes.
///
/// Watches the mean of q − p and of |q − p|, where p is what the version before says of a row and q what the new one
/// says: of several classes, of the likeliest class's probability, and half the sum of all distances. Either is wrong
/// when it lies further than 0.05 from its mean on the validation rows, beyond what chance does at α = 0.001: half width
/// of an `AnytimeInterval` on the canary's rows and a normal one on validation's, added as independent errors are. A
/// constant or a turned-round output is found within 50 to 120 rows; at most 1.7 % of healthy ones are stopped.
///
/// Regression values are divided by `unit` first. Constant space.
public struct CanaryGuard: Hashable, Sendable {
  public static let tolerance = 0.05
  public static let alpha = 0.001
  /// Rows on either side below which nothing is said.
  public static let minimumRows = 30

  private struct Sample: Hashable, Sendable {
    var rows = RunningMean()
    var blocks = BlockSums()

    mutating func add(_ value: Double) {
      rows.add(value)
      blocks.add(value)
    }

    var dependence: Double { max(blocks.inflation(mean: rows.mean, variance: rows.variance), 1) }
  }

  /// What one row's number is divided by; 1 for probabilities.
  public let unit: Double
  /// Of q − p and of |q − p|.
  private var validation = [Sample(), Sample()]
  private var canary = [Sample(), Sample()]
  /// Rows of the canary whose output is no number, or not of the other's kind.
  public private(set) var unscored = 0

  public init(unit: Double = 1) {
    self.unit = unit.isFinite && unit > 0 ? unit : 1
  }

  public mutating func addValidation(previous: Output, current: Output) {
    guard let change = change(previous, current) else { return }
    validation[0].add(change.signed)
    validation[1].add(change.absolute)
  }

  public mutating func add(previous: Output, current: Output) {
    guard let change = change(previous, current) else {
      unscored += 1
      return
    }
    canary[0].add(change.signed)
    canary[1].add(change.absolute)
  }

  public var rows: Int { canary[0].rows.count }

  /// Whether the canary is to be stopped; every row may be followed by a look.
  public var fires: Bool {
    if unscored > 0 { return true }
    guard rows >= Self.minimumRows, validation[0].rows.count >= Self.minimumRows else { return false }
    return zip(validation, canary).contains { known, seen in
      let own = AnytimeInterval.halfWidth(
        rows: Double(rows), variance: seen.rows.variance, alpha: Self.alpha, dependence: seen.dependence)
      let normal = Self.normal * (known.rows.variance * known.dependence / Double(known.rows.count)).squareRoot()
      let chance = (own * own + normal * normal).squareRoot()
      return (seen.rows.mean - known.rows.mean).magnitude - chance > Self.tolerance
    }
  }

  /// Mean of q − p and of |q − p|, on validation rows and on the canary's.
  public var means: (validation: [Double], canary: [Double]) {
    (validation.map(\.rows.mean), canary.map(\.rows.mean))
  }

  private static let normal = Normal.quantile(upper: alpha / 2)

  private func change(_ previous: Output, _ current: Output) -> (signed: Double, absolute: Double)? {
    switch (previous, current) {
    case (.number(let p), .number(let q)):
      let change = (q - p) / unit
      return change.magnitude <= GateLimits.difference ? (change, change.magnitude) : nil
    case (.probabilities(let p), .probabilities(let q)):
      guard p.count == q.count, !p.isEmpty, (p + q).allSatisfy((0...1).contains) else { return nil }
      let best = PairedLosses.likeliest(p)
      return (q[best] - p[best], zip(p, q).reduce(0) { $0 + ($1.0 - $1.1).magnitude } / 2)
    default: return nil
    }
  }
}

extension CanaryGuard {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(unit)
    writer.append(count: unscored)
    for sample in validation + canary {
      sample.rows.encode(into: &writer)
      sample.blocks.encode(into: &writer)
    }
  }

  /// - Throws: `ByteError` for another format, or figures that no rows give.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a canary's guard of format \(format), where \(Self.format) is known")
    }
    let unit = try reader.double()
    guard unit > 0, unit.isFinite else { throw reader.failure("a unit that is none") }
    self.init(unit: unit)
    unscored = try reader.index(upTo: GateLimits.rows)
    var samples: [Sample] = []
    for _ in 0..<4 {
      let sample = Sample(rows: try RunningMean(from: &reader), blocks: try BlockSums(from: &reader))
      guard sample.rows.count == sample.blocks.rows else { throw reader.failure("a sample that no rows give") }
      samples.append(sample)
    }
    (validation, canary) = (Array(samples[..<2]), Array(samples[2...]))
    guard validation[0].rows.count == validation[1].rows.count, canary[0].rows.count == canary[1].rows.count else {
      throw reader.failure("a guard that no rows give")
    }
  }
}
