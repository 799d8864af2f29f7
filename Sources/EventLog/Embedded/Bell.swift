#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Log

/// A file that is touched after each commit, so that waiting readers wake at once. The write-ahead log itself would
/// not do: it changes before the commit can be seen.
final class Bell {
  private let descriptor: Int32

  init(_ files: LogFiles) throws(LogError) {
    switch SystemCalls.open(files.bell) {
    case .success(let opened): descriptor = opened
    case .failure(let error): throw files.failure(error, opening: files.bell)
    }
  }

  deinit { SystemCalls.close(descriptor) }

  func ring() { SystemCalls.touch(descriptor) }
}

/// Hears the bell through inotify on Linux. Elsewhere, and where inotify has no watch to give, it only naps: a nap is
/// never longer than `EmbeddedLogLimits.napMilliseconds`.
final class BellListener {
  #if os(Linux)
    private let watch: Int32

    init(_ files: LogFiles) {
      let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
      if descriptor >= 0, inotify_add_watch(descriptor, files.bell, UInt32(IN_ATTRIB)) < 0 {
        SystemCalls.close(descriptor)
        watch = -1
      } else {
        watch = descriptor
      }
    }

    deinit { if watch >= 0 { SystemCalls.close(watch) } }

    /// Forgets what has been heard so far. Call it before looking, so that a ring after the look is not missed.
    func clear() {
      guard watch >= 0 else { return }
      withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { buffer in
        while read(watch, buffer.baseAddress, buffer.count) == buffer.count {}
      }
    }

    func nap(milliseconds: Int) {
      let limit = Int32(max(0, min(milliseconds, EmbeddedLogLimits.napMilliseconds)))
      guard watch >= 0 else {
        SystemCalls.sleep(microseconds: UInt32(limit) * 1_000)
        return
      }
      var waiting = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
      _ = poll(&waiting, 1, limit)
    }
  #else
    init(_ files: LogFiles) {}

    func clear() {}

    func nap(milliseconds: Int) {
      let limit = max(0, min(milliseconds, EmbeddedLogLimits.napMilliseconds))
      SystemCalls.sleep(microseconds: UInt32(limit) * 1_000)
    }
  #endif
}
