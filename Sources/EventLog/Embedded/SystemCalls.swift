#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Milliseconds since 1970 by the machine's clock.
public func wallClockMilliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

/// The few calls to the operating system that SQLite does not make for us.
enum SystemCalls {
  /// Milliseconds that only ever run forward.
  static func steadyMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// A copy for a C library that frees it by itself.
  static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawPointer? {
    let copy = malloc(max(bytes.count, 1))
    copy?.copyMemory(from: bytes, byteCount: bytes.count)
    return copy
  }

  static func sleep(microseconds: UInt32) {
    usleep(microseconds)
  }

  static var processIdentifier: Int32 { getpid() }

  /// A time for people, in UTC.
  static func text(ofTime milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "\(milliseconds) ms after 1970" }
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
  }

  static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown host" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Size in bytes, or `nil` where there is no such file. Does not open it: opening and closing a database file
  /// beside SQLite would drop the locks of the whole process.
  static func size(of path: String) -> Int64? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Int64(status.st_size)
  }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
  }

  static func isWritable(_ path: String) -> Bool {
    access(path, W_OK) == 0
  }

  /// Opens a file for reading and writing, creating it, closed in child processes.
  /// - Returns: the descriptor, or the error number.
  static func open(_ path: String, exclusive: Bool = false) -> Result<Int32, SystemError> {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | (exclusive ? O_EXCL : 0)
    while true {
      #if canImport(Darwin)
        let descriptor = Darwin.open(path, flags, 0o644)
      #elseif canImport(Musl)
        let descriptor = Musl.open(path, flags, 0o644)
      #else
        let descriptor = Glibc.open(path, flags, 0o644)
      #endif
      if descriptor >= 0 { return .success(descriptor) }
      if errno != EINTR { return .failure(SystemError(number: errno)) }
    }
  }

  static func close(_ descriptor: Int32) {
    #if canImport(Darwin)
      _ = Darwin.close(descriptor)
    #elseif canImport(Musl)
      _ = Musl.close(descriptor)
    #else
      _ = Glibc.close(descriptor)
    #endif
  }

  static func remove(_ path: String) {
    _ = unlink(path)
  }

  /// Takes an advisory lock without waiting.
  static func tryLock(_ descriptor: Int32) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno != EINTR { return false }
    }
    return true
  }

  static func unlock(_ descriptor: Int32) {
    _ = flock(descriptor, LOCK_UN)
  }

  /// Writes zeros and waits for the disk. Returns whether all of them found room.
  static func fill(_ descriptor: Int32, bytes: Int) -> Bool {
    let zeros = [UInt8](repeating: 0, count: min(bytes, 64 << 10))
    var left = bytes
    while left > 0 {
      let written = write(descriptor, zeros, min(left, zeros.count))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return false }
      left -= written
    }
    return fsync(descriptor) == 0
  }

  static func touch(_ descriptor: Int32) {
    _ = futimens(descriptor, nil)
  }
}

/// An error number of the operating system.
struct SystemError: Error {
  let number: Int32

  var isNoSpace: Bool { number == ENOSPC || number == EDQUOT }
  var isReadOnly: Bool { number == EACCES || number == EROFS || number == EPERM }
  var text: String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}
