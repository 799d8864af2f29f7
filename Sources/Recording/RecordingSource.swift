#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where the bytes of a recording are.
protocol RecordingSource: AnyObject {
  var name: String { get }
  var count: Int64 { get }
  /// - Returns: so many bytes from `position` on, fewer where there are no more.
  func read(at position: Int64, _ count: Int) throws(RecordingError) -> [UInt8]
}

final class MemoryRecording: RecordingSource {
  let name: String
  private let bytes: [UInt8]

  init(_ bytes: [UInt8], name: String) {
    (self.bytes, self.name) = (bytes, name)
  }

  var count: Int64 { Int64(bytes.count) }

  func read(at position: Int64, _ count: Int) -> [UInt8] {
    Array(bytes.dropFirst(Int(position)).prefix(count))
  }
}

final class RecordingFile: RecordingSource {
  let name: String
  let count: Int64
  private let descriptor: Int32

  init(_ path: String) throws(RecordingError) {
    guard !path.isEmpty else { throw RecordingError(.inaccessible, "A recording without a name: name a file.") }
    name = path
    // A pipe is not waited for until somebody writes to it.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot be opened", path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw RecordingError(.inaccessible, "\(path) is no file that can be read from any place: name a file.")
    }
    (self.descriptor, count) = (descriptor, Int64(status.st_size))
  }

  deinit { close(descriptor) }

  func read(at position: Int64, _ count: Int) throws(RecordingError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, read in
      while read < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + read }, count - read, off_t(position) + off_t(read))
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          failed = got < 0
          return
        }
        read += got
      }
    }
    if failed { throw .system("cannot be read at byte \(position)", name) }
    return bytes
  }
}

extension RecordingError {
  /// With the system's own words for what it refused last.
  static func system(_ problem: String, _ path: String) -> RecordingError {
    RecordingError(.inaccessible, "\(path) \(problem): \(String(cString: strerror(errno))).")
  }
}
