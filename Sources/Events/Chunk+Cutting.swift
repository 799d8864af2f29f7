/// Cutting a large value into records, and putting it together again.
extension Chunk {
  /// Most bytes of one record of `artifacts`: 512 KiB.
  public static let artifactPieceBytes = 512 * 1024

  /// The key of a record of `artifacts`: the SHA-256 of the whole in lower-case hexadecimal, and the piece's number.
  public static func artifactKey(checksum: String, index: Int) -> String {
    "\(checksum)/\(index)"
  }

  /// Pieces of `size` bytes, the last perhaps shorter; one empty piece where there are no bytes.
  ///
  /// - Parameter size: taken as 1 where it is less.
  public static func cut(_ bytes: [UInt8], size: Int = artifactPieceBytes) -> [Chunk] {
    let size = max(size, 1)
    let count = max(1, bytes.count / size + (bytes.count % size == 0 ? 0 : 1))
    return (0..<count).map { index in
      let start = index * size
      return Chunk(
        index: index, count: count, total: bytes.count,
        bytes: Array(bytes[start..<start + min(size, bytes.count - start)]))
    }
  }

  /// The whole that was cut into `chunks`, which come in order.
  ///
  /// - Throws: `bad_header` where a piece is missing, comes twice, or belongs to another whole, and where the pieces'
  ///   bytes do not add up.
  public static func join(_ chunks: [Chunk]) throws(EventError) -> [UInt8] {
    guard let first = chunks.first else { throw EventError(.badHeader, at: 0, "there is no chunk") }
    var bytes: [UInt8] = []
    for (place, chunk) in chunks.enumerated() {
      guard chunk.index == place, chunk.count == chunks.count, chunk.total == first.total else {
        throw EventError(
          .badHeader, at: 0,
          "chunk \(chunk.index) of \(chunk.count) (\(chunk.total) bytes in all) stands where chunk \(place) of "
            + "\(chunks.count) (\(first.total) bytes in all) should be")
      }
      bytes += chunk.bytes
    }
    guard bytes.count == first.total else {
      throw EventError(.badHeader, at: 0, "chunks of \(first.total) bytes in all hold \(bytes.count)")
    }
    return bytes
  }
}
