/// A piece of a large value: one record of `artifacts` (keyed by the SHA-256 of the whole and the piece's number) or of
/// `checkpoints` (keyed by stage, partition, generation and number). The bytes are the record's value, as they are; what describes them stands in its headers.
public struct Chunk: Hashable, Sendable {
  public var index: Int
  public var count: Int
  /// Bytes of the whole.
  public var total: Int
  public var bytes: [UInt8]

  public init(index: Int, count: Int, total: Int, bytes: [UInt8]) {
    self.index = index
    self.count = count
    self.total = total
    self.bytes = bytes
  }
}
