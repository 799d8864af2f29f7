public import Bytes
import Sketches

extension Reference {
  private static let format: UInt8 = 3

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(count: rows)
    writer.append(columns) { $1.encode(into: &$0) }
    writer.append(derived) { $1.encode(into: &$0) }
    writer.append(prediction) { $1.encode(into: &$0) }
    writer.append(lossColumn) { $1.encode(into: &$0) }
    writer.append(loss) { $1.encode(into: &$0) }
    writer.append(error) { $1.encode(into: &$0) }
    writer.append(calibration) { $1.encode(into: &$0) }
    writer.append(provisional)
    writer.append(isOrdered)
  }

  /// - Throws: `ByteError` for another format, or columns and figures that no reference has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a reference of format \(format), where \(Self.format) is known")
    }
    rows = try reader.index()
    guard rows <= SketchLimits.count else { throw reader.failure("a reference of \(rows) rows") }
    let columns = try reader.array { reader throws(ByteError) in try ColumnReference(from: &reader) }
    self.columns = columns
    derived = try reader.array { reader throws(ByteError) in try DerivedColumn(from: &reader) }
    prediction = try reader.optional { reader throws(ByteError) in try ColumnReference(from: &reader) }
    lossColumn = try reader.optional { reader throws(ByteError) in try ColumnReference(from: &reader) }
    loss = try reader.optional { reader throws(ByteError) in try Moments(from: &reader) }
    error = try reader.optional { reader throws(ByteError) in try Moments(from: &reader) }
    calibration = try reader.optional { reader throws(ByteError) in try ScoreCalibration(from: &reader) }
    provisional = try reader.bool()
    isOrdered = try reader.bool()
    guard derived.allSatisfy({ $0.derivation.fits(columns: columns.count, prediction: prediction != nil) }) else {
      throw reader.failure("a derived column of columns that the reference does not have")
    }
  }
}
