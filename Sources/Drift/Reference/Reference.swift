public import Bytes
public import Sketches

/// What a version of a model was trained on, frozen with it: the yardstick for everything that the version later sees.
public struct Reference: Hashable, Sendable {
  /// Below this many rows a reference is provisional.
  public static let settledRows = 1_000

  /// Rows that it is made of.
  public let rows: Int
  /// In the order of the version's schema.
  public let columns: [ColumnReference]
  /// The version's own predictions on the reference's rows.
  public let prediction: ColumnReference?
  /// The version's loss on its validation rows, larger is worse.
  public var loss: Moments?
  /// A second measure on the same rows, larger is worse: the error rate, or the absolute error.
  public var error: Moments?
  /// Made from too few rows, to be replaced when there are enough.
  public let provisional: Bool

  /// - Parameter provisional: nil for what `settledRows` says of the rows.
  public init(
    rows: Int, columns: [ColumnReference], prediction: ColumnReference? = nil, loss: Moments? = nil,
    error: Moments? = nil, provisional: Bool? = nil
  ) {
    self.rows = rows
    self.columns = columns
    self.prediction = prediction
    self.loss = loss
    self.error = error
    self.provisional = provisional ?? (rows < Self.settledRows)
  }
}

extension Reference {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(count: rows)
    writer.append(columns) { $1.encode(into: &$0) }
    writer.append(prediction) { $1.encode(into: &$0) }
    writer.append(loss) { $1.encode(into: &$0) }
    writer.append(error) { $1.encode(into: &$0) }
    writer.append(provisional)
  }

  /// - Throws: `ByteError` for another format, or columns and figures that no reference has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a reference of format \(format), where \(Self.format) is known")
    }
    rows = try reader.index()
    guard rows <= SketchLimits.count else { throw reader.failure("a reference of \(rows) rows") }
    columns = try reader.array { reader throws(ByteError) in try ColumnReference(from: &reader) }
    prediction = try reader.optional { reader throws(ByteError) in
      try ColumnReference(from: &reader)
    }
    loss = try reader.optional { reader throws(ByteError) in try Moments(from: &reader) }
    error = try reader.optional { reader throws(ByteError) in try Moments(from: &reader) }
    provisional = try reader.bool()
  }
}
