import Log

/// A file of no use but its size: on a disk that is really full even a deletion needs room, and removing the ballast
/// gives it that.
struct Ballast {
  let path: String

  var exists: Bool { SystemCalls.size(of: path) != nil }

  /// Puts the ballast in place where there is room for it. Without room there is none, which is no error.
  func load() {
    guard !exists, case .success(let descriptor) = SystemCalls.open(path, exclusive: true) else { return }
    let complete = SystemCalls.fill(descriptor, bytes: EmbeddedLogLimits.ballastBytes)
    SystemCalls.close(descriptor)
    if !complete { drop() }
  }

  func drop() { SystemCalls.remove(path) }
}
