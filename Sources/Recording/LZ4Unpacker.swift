/// Unpacks one block. Every length is checked against both buffers, so hostile bytes cost a refusal and nothing else.
struct LZ4Unpacker {
  private typealias Chunk = SIMD16<UInt8>
  private static let chunk = 16

  private let source: UnsafeRawBufferPointer
  private let target: UnsafeMutableRawBufferPointer

  /// - Parameter target: as many bytes as are to come.
  init(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) {
    self.source = source
    self.target = target
  }

  /// - Returns: whether the packed bytes were a whole block that fills the target.
  func unpack() -> Bool {
    guard let from = source.baseAddress, let to = target.baseAddress else { return false }
    var (next, written) = (0, 0)
    while next < source.count {
      let token = Int(source[next])
      next += 1
      guard let literals = length(token >> 4, &next), literals <= source.count - next,
        literals <= target.count - written
      else { return false }
      if literals <= Self.chunk, source.count - next >= Self.chunk, target.count - written >= Self.chunk {
        copyChunk(from + next, to + written)
      } else {
        (to + written).copyMemory(from: from + next, byteCount: literals)
      }
      next += literals
      written += literals
      if next == source.count { return written == target.count }
      guard source.count - next >= 2 else { return false }
      let offset = Int(source[next]) | Int(source[next + 1]) << 8
      next += 2
      guard offset > 0, offset <= written, let more = length(token & 15, &next),
        more + LZ4.leastMatch <= target.count - written
      else { return false }
      repeatBytes(to + written, offset: offset, count: more + LZ4.leastMatch, room: target.count - written)
      written += more + LZ4.leastMatch
    }
    return false
  }

  /// A length of which the token holds up to 15; nil where it is cut short.
  @inline(__always)
  private func length(_ start: Int, _ next: inout Int) -> Int? {
    guard start == 15 else { return start }
    var length = 15
    while next < source.count {
      let byte = Int(source[next])
      next += 1
      length += byte
      if byte < 255 { return length }
    }
    return nil
  }

  /// Writes again what lies `offset` bytes before `place`; what is written may be part of it.
  @inline(__always)
  private func repeatBytes(_ place: UnsafeMutableRawPointer, offset: Int, count: Int, room: Int) {
    let earlier = UnsafeRawPointer(place - offset)
    if offset >= Self.chunk, room - count >= Self.chunk {
      var done = 0
      while done < count {
        copyChunk(earlier + done, place + done)
        done += Self.chunk
      }
    } else if offset >= count {
      place.copyMemory(from: earlier, byteCount: count)
    } else {
      for index in 0..<count {
        place.storeBytes(of: earlier.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
      }
    }
  }

  @inline(__always)
  private func copyChunk(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    to.storeBytes(of: from.loadUnaligned(as: Chunk.self), as: Chunk.self)
  }
}
