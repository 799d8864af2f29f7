#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file that takes its place when it is finished. One that is given up is removed.
final class RecordingOutput {
  private let path: String
  private let partial: String
  private let descriptor: Int32
  private var isFinished = false
  private(set) var position: Int64 = 0

  init(_ path: String) throws(RecordingError) {
    self.path = path
    partial = RecordingWriter.partialPath(of: path)
    // Of a process that was killed.
    unlink(partial)
    descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("cannot be made", partial) }
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(partial) }
  }

  func append(_ bytes: [UInt8]) throws(RecordingError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system("cannot be written", partial) }
      written += count
    }
    position += Int64(bytes.count)
  }

  func finish() throws(RecordingError) {
    guard fsync(descriptor) == 0 else { throw .system("cannot be written", partial) }
    guard rename(partial, path) == 0 else { throw .system("cannot be renamed to \(path)", partial) }
    isFinished = true
  }
}
