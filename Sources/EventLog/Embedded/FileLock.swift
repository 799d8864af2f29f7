import Log

/// An advisory lock on a file. It belongs to this object alone: another one on the same file, in this process or in
/// another, waits for it, and the operating system frees it when the process dies.
final class FileLock {
  private let descriptor: Int32
  private let path: String

  init(_ path: String, in files: LogFiles) throws(LogError) {
    self.path = path
    switch SystemCalls.open(path) {
    case .success(let opened): descriptor = opened
    case .failure(let error): throw files.failure(error, opening: path)
    }
  }

  deinit { SystemCalls.close(descriptor) }

  func tryLock() -> Bool { SystemCalls.tryLock(descriptor) }

  func unlock() { SystemCalls.unlock(descriptor) }

  /// Waits at most `milliseconds`. Sleeps are short at first, because most turns last well under a millisecond; a
  /// blocking lock would have no time limit, and a stopped process would hold up all others for good.
  func lock(milliseconds: Int) throws(LogError) {
    if tryLock() { return }
    let deadline = SystemCalls.steadyMilliseconds() + Int64(milliseconds)
    var pause: UInt32 = 50
    while !tryLock() {
      guard SystemCalls.steadyMilliseconds() < deadline else {
        throw LogError(
          .unavailable,
          "Another process has held \(path) for more than \(milliseconds) ms. If it is stopped, resume or end it.",
          retriable: true)
      }
      SystemCalls.sleep(microseconds: pause)
      pause = min(pause * 2, 500)
    }
  }
}
