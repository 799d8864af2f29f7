/// Unpacks one block. Every length is checked against both buffers, so hostile bytes cost a refusal and nothing else.
struct LZ4Unpacker {
  private typealias Chunk = SIMD16<UInt8>
  private static let chunk = 16
  /// A length of 15 and more does not fit into its half of the token.
  private static let long = 15
  /// Bytes that a short match writes, however short it is.
  private static let shortMatch = 18

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
      if unpackShort(token, from, to, &next, &written) { continue }
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

  /// Unpacks what nearly all sequences are, with the same copies whatever their lengths, which nobody could guess: few
  /// literals and a short match that lies eight bytes back or more. False, and nothing moved on, for any other, and where
  /// either buffer has too little room for copies that go beyond the lengths.
  @inline(__always)
  private func unpackShort(
    _ token: Int, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ next: inout Int, _ written: inout Int
  ) -> Bool {
    let (literals, match) = (token >> 4, token & 15)
    guard literals < Self.long, match < Self.long, next <= source.count - Self.chunk - 2,
      written <= target.count - Self.long - Self.shortMatch
    else { return false }
    copyChunk(from + next, to + written)
    let start = written &+ literals
    let offset = Int(UInt16(littleEndian: from.loadUnaligned(fromByteOffset: next &+ literals, as: UInt16.self)))
    guard offset >= 8, offset <= start else { return false }
    let earlier = UnsafeRawPointer(to + (start &- offset))
    copy(UInt64.self, earlier, to + start)
    copy(UInt64.self, earlier + 8, to + (start &+ 8))
    copy(UInt16.self, earlier + 16, to + (start &+ 16))
    next &+= literals &+ 2
    written = start &+ match &+ LZ4.leastMatch
    return true
  }

  /// A length of which the token holds up to 15; nil where it is cut short.
  @inline(__always)
  private func length(_ start: Int, _ next: inout Int) -> Int? {
    guard start == Self.long else { return start }
    var length = Self.long
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
  private func copyChunk(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) { copy(Chunk.self, from, to) }

  @inline(__always)
  private func copy<T: BitwiseCopyable>(_ type: T.Type, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    to.storeBytes(of: from.loadUnaligned(as: T.self), as: T.self)
  }
}
