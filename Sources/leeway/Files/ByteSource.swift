import Foundation

/// Bytes that arrive in order, such as a file's or those of a decompressed stream.
protocol ByteSource: AnyObject {
  /// What error messages call it.
  var name: String { get }
  /// Fills the front of `buffer`.
  /// - Returns: how many bytes it holds now; 0 only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int
}

/// A file or a descriptor that is open already, read in order. Closes what it opened.
final class FileSource: ByteSource {
  let name: String
  private let descriptor: Int32
  private let isOwned: Bool

  init(path: String) throws(CommandError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    isOwned = true
    name = path
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw CommandError("cannot be opened (\(reason))", at: path, remedy: "check the path and its permissions")
    }
  }

  private init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
    isOwned = false
  }

  static func standardInput() -> FileSource {
    FileSource(descriptor: STDIN_FILENO, name: "standard input")
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int {
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw CommandError("cannot be read (\(String(cString: strerror(errno))))", at: name) }
    }
  }

  deinit {
    if isOwned { close(descriptor) }
  }
}

/// Bytes in memory, handed out in pieces.
final class MemorySource: ByteSource {
  let name: String
  private let bytes: [UInt8]
  private let piece: Int
  private var next = 0

  /// - Parameter piece: the most that one read returns.
  init(_ bytes: [UInt8], name: String, piece: Int = 1 << 16) {
    self.bytes = bytes
    self.name = name
    self.piece = max(piece, 1)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int {
    let count = min(buffer.count, bytes.count - next, piece)
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[next..<next + count])) }
    next += count
    return count
  }
}

/// A source whose first bytes have been looked at.
final class PeekedSource: ByteSource {
  let name: String
  /// The first bytes, as many as were asked for unless the source ends before.
  let front: [UInt8]
  private let source: any ByteSource
  private var next = 0

  init(_ source: any ByteSource, count: Int) throws(CommandError) {
    self.source = source
    name = source.name
    var front: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: count)
    while front.count < count {
      let got = try buffer.readFront(of: source, count: count - front.count)
      if got == 0 { break }
      front += buffer[..<got]
    }
    self.front = front
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int {
    guard next < front.count else { return try source.read(into: buffer) }
    let count = min(buffer.count, front.count - next)
    front.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[next..<next + count])) }
    next += count
    return count
  }
}

extension [UInt8] {
  /// Reads at most `count` bytes of a source into the front of this buffer.
  mutating func readFront(of source: any ByteSource, count: Int? = nil) throws(CommandError) -> Int {
    // The closure's error is passed through a result, because `withUnsafeMutableBytes` rethrows untyped errors.
    let outcome = withUnsafeMutableBytes { buffer -> Result<Int, CommandError> in
      let wanted = Swift.min(count ?? buffer.count, buffer.count)
      do throws(CommandError) {
        return .success(try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])))
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }
}

/// Opens files of rows, packed or not.
enum DataFile {
  /// A file's contents; a gzip file's decompressed contents, told by its first bytes rather than its name.
  /// - Parameter path: `-` is standard input.
  static func open(_ path: String) throws(CommandError) -> any ByteSource {
    let file = path == "-" ? FileSource.standardInput() : try FileSource(path: path)
    let peeked = try PeekedSource(file, count: 2)
    return peeked.front == [0x1f, 0x8b] ? try GzipSource(peeked) : peeked
  }
}
