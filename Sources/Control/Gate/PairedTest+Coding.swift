public import Bytes

extension PairedTest {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(priorDependence)
    writer.append(bound)
    for wealth in logWealth { writer.append(wealth) }
    differences.encode(into: &writer)
    blocks.encode(into: &writer)
  }

  /// ln(1 + λx) of a row is between ln 0.1 and what the largest difference gives at the least bound.
  static func fortunes(of rows: Int) -> ClosedRange<Double> { -2.31 * Double(rows)...17 * Double(rows) }

  /// - Throws: `ByteError` for another format, or figures that no rows give.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a paired test of format \(format), where \(Self.format) is known")
    }
    let prior = try reader.double()
    guard prior >= 1, prior.isFinite else { throw reader.failure("a dependence below 1") }
    self.init(priorDependence: prior)
    bound = try reader.double()
    guard bound >= Self.leastBound, bound <= GateLimits.difference else {
      throw reader.failure("a bound that no row has")
    }
    for bet in logWealth.indices { logWealth[bet] = try reader.double() }
    differences = try RunningMean(from: &reader)
    blocks = try BlockSums(from: &reader)
    let fortunes = Self.fortunes(of: differences.count)
    guard blocks.rows == differences.count, logWealth.allSatisfy(fortunes.contains) else {
      throw reader.failure("evidence that no rows give")
    }
  }
}
