import CZlib

/// Decompresses gzip (RFC 1952) as it is read, in bounded memory: 64 KiB of packed bytes and zlib's window.
/// Members that follow one another are one stream. Lengths and checksums are verified.
final class GzipSource: ByteSource {
  let name: String
  private let source: any ByteSource
  /// zlib keeps a pointer back to its stream, so the stream stays where it is.
  private let stream: UnsafeMutablePointer<z_stream>
  private var packed = [UInt8](repeating: 0, count: 1 << 16)
  /// The packed bytes that zlib has not taken yet.
  private var pending = 0..<0
  /// How many packed bytes zlib has taken.
  private(set) var position = 0
  private var state = State.between
  /// Whether the last call filled its buffer, so that zlib may hold more without new input.
  private var mayHoldMore = false

  private enum State {
    /// No member is open. At the start one must follow; later the stream may end.
    case between, inside, ended
  }

  init(_ source: any ByteSource) throws(CommandError) {
    self.source = source
    name = source.name
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 more than the window's bits: gzip, not zlib's own format.
    let status = inflateInit2_(
      stream, MAX_WBITS + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw CommandError("zlib refused to start (status \(status))", at: name)
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int {
    guard buffer.count > 0 else { return 0 }
    while state != .ended {
      if state == .between, try skipsToEnd() { return 0 }
      if pending.isEmpty && !mayHoldMore { try fill() }
      let (status, written) = inflateOnce(into: buffer)
      mayHoldMore = status == Z_OK && stream.pointee.avail_out == 0
      switch status {
      case Z_STREAM_END:
        state = .between
        guard inflateReset(stream) == Z_OK else { throw damaged("cannot go on") }
      case Z_OK:
        state = .inside
      case Z_BUF_ERROR where pending.isEmpty:
        state = .inside
      default:
        throw damaged(stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)")
      }
      if written > 0 { return written }
    }
    return 0
  }

  private func fill() throws(CommandError) {
    let count = try packed.readFront(of: source)
    pending = 0..<count
    guard count == 0 else { return }
    if state == .inside || position == 0 {
      throw CommandError(
        "the compressed data is cut short at byte \(position)", at: name, remedy: "fetch the file again")
    }
    state = .ended
  }

  /// Between members: whether nothing but the padding of zeros that tape and block tools add is left.
  private func skipsToEnd() throws(CommandError) -> Bool {
    guard position > 0 else { return false }
    while state != .ended {
      while let byte = pending.first.map({ packed[$0] }), byte == 0 {
        pending = pending.dropFirst()
        position += 1
      }
      if !pending.isEmpty { return false }
      try fill()
    }
    return true
  }

  private func inflateOnce(into buffer: UnsafeMutableRawBufferPointer) -> (status: Int32, written: Int) {
    let room = min(buffer.count, Int(UInt32.max))  // zlib counts in 32 bits
    let stream = stream
    let range = pending
    let status = packed.withUnsafeMutableBufferPointer { bytes in
      stream.pointee.next_in = bytes.baseAddress?.advanced(by: range.lowerBound)
      stream.pointee.avail_in = UInt32(range.count)
      stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(room)
      return inflate(stream, Z_NO_FLUSH)
    }
    let taken = range.count - Int(stream.pointee.avail_in)
    pending = range.lowerBound + taken..<range.upperBound
    position += taken
    return (status, room - Int(stream.pointee.avail_out))
  }

  private func damaged(_ reason: String) -> CommandError {
    CommandError(
      "the compressed data is damaged at or before byte \(position) (\(reason))", at: name,
      remedy: "fetch the file again")
  }
}
