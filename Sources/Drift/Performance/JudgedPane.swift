public import Bytes
public import Sketches

/// The rows of one version in one pane of prediction time whose labels are known.
public struct JudgedPane: Hashable, Sendable {
  public let version: Int
  /// Event time of the pane, milliseconds; `end` is the first time after it.
  public let start: Int64
  public let end: Int64
  /// Of any `LossMeasure`.
  public let loss: Moments

  public init(version: Int, start: Int64, end: Int64, loss: Moments) {
    self.version = version
    self.start = start
    self.end = end
    self.loss = loss
  }

  public func encode(into writer: inout ByteWriter) {
    writer.append(signed: Int64(version))
    writer.append(signed: start)
    writer.append(signed: end)
    loss.encode(into: &writer)
  }

  /// - Throws: `ByteError` for a pane that ends before it starts, or figures that no stream has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    version = Int(try reader.signed())
    start = try reader.signed()
    end = try reader.signed()
    guard start < end else { throw reader.failure("a pane that ends before it starts") }
    loss = try Moments(from: &reader)
  }
}
