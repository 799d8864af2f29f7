import Foundation

/// A file of what a process has printed: all of it, or where that is too much its beginning and its end.
struct BoundedLog {
  private let descriptor: Int32
  private let head: Int
  private let tail: Int
  private var written = 0
  /// What comes behind the beginning; the newest `used` bytes count.
  private var end: [UInt8] = []
  private var used = 0
  private var dropped = 0

  /// - Parameters:
  ///   - descriptor: open for writing.
  ///   - head: bytes that are kept of the beginning.
  ///   - tail: bytes that are kept of the end.
  init(_ descriptor: Int32, head: Int = 8 << 20, tail: Int = 2 << 20) {
    self.descriptor = descriptor
    self.head = head
    self.tail = tail
  }

  /// - Parameter bytes: at most `tail`.
  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    let front = min(bytes.count, head - written)
    write(UnsafeRawBufferPointer(rebasing: bytes[..<front]))
    written += front
    let rest = UnsafeRawBufferPointer(rebasing: bytes[front...])
    guard !rest.isEmpty else { return }
    if end.isEmpty { end = [UInt8](repeating: 0, count: 2 * tail) }
    if used + rest.count > end.count { shorten() }
    end.withUnsafeMutableBytes { end in
      UnsafeMutableRawBufferPointer(rebasing: end[used..<used + rest.count]).copyMemory(from: rest)
    }
    used += rest.count
  }

  /// Forgets what lies before the last `tail` bytes.
  private mutating func shorten() {
    guard used > tail else { return }
    let excess = used - tail
    end.withUnsafeMutableBytes { end in
      let kept = UnsafeRawBufferPointer(rebasing: end[excess..<excess + tail])
      UnsafeMutableRawBufferPointer(rebasing: end[..<tail]).copyMemory(from: kept)
    }
    dropped += excess
    used = tail
  }

  /// Writes what is held back.
  mutating func finish() {
    shorten()
    if dropped > 0 { Array("\n[\(dropped) bytes of the log are left out here]\n".utf8).withUnsafeBytes { write($0) } }
    end.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[..<used])) }
    (used, dropped) = (0, 0)
  }

  /// A full disk costs the log and nothing else.
  private func write(_ bytes: UnsafeRawBufferPointer) {
    _ = writeWhole(bytes, to: descriptor)
  }
}
