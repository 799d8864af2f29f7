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

  /// `counts` must have one count for each bin.
  public init(name: String, binning: Binning, counts: [Int], missing: Int, moments: Moments?) {
    precondition(counts.count == binning.binCount, "a reference's counts must cover its bins")
    self.name = name
    self.binning = binning
    self.counts = counts
    self.missing = missing
    self.moments = moments
  }

  /// All rows, missing ones included.
  public var rows: Int { counts.reduce(missing, +) }

  public func encode(into writer: inout ByteWriter) {
    writer.append(name)
    binning.encode(into: &writer)
    for count in counts { writer.append(count: count) }
    writer.append(count: missing)
    writer.append(moments) { $1.encode(into: &$0) }
  }

  /// - Throws: `ByteError` for bins or counts that no column has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let name = try reader.string()
    let binning = try Binning(from: &reader)
    var counts: [Int] = []
    for _ in 0..<binning.binCount { counts.append(try Self.count(from: &reader)) }
    let missing = try Self.count(from: &reader)
    let moments = try reader.optional { reader throws(ByteError) in try Moments(from: &reader) }
    self.init(name: name, binning: binning, counts: counts, missing: missing, moments: moments)
  }

  private static func count(from reader: inout ByteReader) throws(ByteError) -> Int {
    let value = try reader.index()
    guard value <= SketchLimits.count else { throw reader.failure("a count of \(value)") }
    return value
  }
}
