import Bytes

/// The bytes of many ids, one behind the other in blocks, so that keeping one allocates nothing. A block is used anew once
/// all its ids have gone: as ids go in nearly the order in which they came, few blocks are kept for the last ones in them.
struct IdBytes {
  /// Where an id stands.
  struct Place {
    fileprivate let block: Int32
    fileprivate let start: UInt16
    fileprivate let size: UInt16

    fileprivate var range: Range<Int> { Int(start)..<Int(start) + Int(size) }
  }

  struct Block {
    fileprivate var bytes: [UInt8] = []
    /// Ids that have not gone.
    fileprivate var ids = 0
  }

  private static let blockBytes = 1 << 16

  private(set) var blocks = [Block()]
  private var free: [Int] = []
  /// The block that is being filled.
  private var last = 0

  /// - Parameter id: of at most `Limits.idBytes`.
  @inline(__always)
  mutating func append(_ id: UnsafeBufferPointer<UInt8>) -> Place {
    if blocks[last].bytes.count + id.count > Self.blockBytes { beginBlock() }
    let start = blocks[last].bytes.count
    blocks[last].bytes.append(contentsOf: id)
    blocks[last].ids += 1
    return Place(
      block: Int32(truncatingIfNeeded: last), start: UInt16(truncatingIfNeeded: start),
      size: UInt16(truncatingIfNeeded: id.count))
  }

  private mutating func beginBlock() {
    if blocks[last].ids == 0 { return blocks[last].bytes.removeAll(keepingCapacity: true) }
    last = free.popLast() ?? blocks.count
    if last == blocks.count { blocks.append(Block()) }
  }

  /// Lets an id go. Once only.
  mutating func remove(_ place: Place) {
    let block = Int(place.block)
    blocks[block].ids -= 1
    guard blocks[block].ids == 0, block != last else { return }
    blocks[block].bytes.removeAll(keepingCapacity: true)
    free.append(block)
  }

  subscript(place: Place) -> ByteSlice { blocks[Int(place.block)].bytes[place.range] }
}
