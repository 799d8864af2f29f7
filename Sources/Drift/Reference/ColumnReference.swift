public import Bytes
public import Sketches

/// What one column looked like in the rows that a version learned from.
public struct ColumnReference: Hashable, Sendable {
  public let name: String
  public let binning: Binning
  /// Rows per bin. For categories a row counts as if the reference held only the other rows (see
  /// `CategoryBinning.referenceCounts`).
  public let counts: [Int]
  /// Rows without a usable value.
  public let missing: Int
  /// Of a numeric column.
  public let moments: Moments?
  /// How many rows carry the evidence of one independent row, at least 1: the column's memory over time as the
  /// detector's bets see it (`BetDependence`).
  public let dependence: Double

  /// Most that `dependence` can be.
  static let mostDependence = 1e9

  /// `counts` must have one count for each bin. What is not a number of at least 1 counts as a dependence of 1.
  public init(
    name: String, binning: Binning, counts: [Int], missing: Int, moments: Moments?, dependence: Double = 1
  ) {
    precondition(counts.count == binning.binCount, "a reference's counts must cover its bins")
    self.name = name
    self.binning = binning
    self.counts = counts
    self.missing = missing
    self.moments = moments
    self.dependence = dependence >= 1 ? min(dependence, Self.mostDependence) : 1
  }

  /// All rows, missing ones included.
  public var rows: Int { counts.reduce(missing, +) }

  /// Rows per bin, then missing: the form in which the detector takes a pane.
  public var countsWithMissing: [Int] { counts + [missing] }

  public func encode(into writer: inout ByteWriter) {
    writer.append(name)
    binning.encode(into: &writer)
    for count in counts { writer.append(count: count) }
    writer.append(count: missing)
    writer.append(moments) { $1.encode(into: &$0) }
    writer.append(dependence)
  }

  /// - Throws: `ByteError` for bins or counts that no column has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let name = try reader.string()
    let binning = try Binning(from: &reader)
    var counts: [Int] = []
    for _ in 0..<binning.binCount { counts.append(try Self.count(from: &reader)) }
    let missing = try Self.count(from: &reader)
    let moments = try reader.optional { reader throws(ByteError) in try Moments(from: &reader) }
    let dependence = try reader.double()
    guard dependence >= 1, dependence <= Self.mostDependence else {
      throw reader.failure("a dependence of \(dependence)")
    }
    self.init(
      name: name, binning: binning, counts: counts, missing: missing, moments: moments, dependence: dependence)
  }

  static func count(from reader: inout ByteReader) throws(ByteError) -> Int {
    let value = try reader.index()
    guard value <= SketchLimits.count else { throw reader.failure("a count of \(value)") }
    return value
  }
}
