#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file that takes its place when it is finished; until then it lies beside it, and what stands there stays. One that is
/// given up is removed. Where a link leads, the link stays.
///
/// What is no plain file, such as a device or a pipe, is written to at once and never replaced, and so is what the process has
/// open already: /dev/stdout is standard output, whatever that leads to.
package final class UnfinishedFile {
  /// Links that are followed, as many as the system would.
  private static let mostLinks = 40
  /// What the process has open goes by its number behind these.
  private static let openFiles = ["/proc/self/fd/", "/dev/fd/"]

  private let path: String
  /// Where it is written; nil where that is its place.
  package let partial: String?
  private let descriptor: Int32
  private var isFinished = false
  package private(set) var position: Int64 = 0

  /// Where an unfinished file lies.
  package static func partialPath(of path: String) -> String { path + ".part" }

  /// - Throws: `inaccessible` where the file cannot be written, or another process is at it.
  package init(_ path: String) throws(RecordingError) {
    let place = try Self.followed(path)
    let number = Self.openNumber(place)
    guard number != nil || Self.isSpecial(path) else {
      self.path = place
      let beside = Self.partialPath(of: place)
      partial = beside
      descriptor = try Self.claim(beside)
      return
    }
    self.path = path
    partial = nil
    descriptor = number.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot be opened", path) }
  }

  deinit {
    if !isFinished, let partial { unlink(partial) }
    close(descriptor)
  }

  package func append(_ bytes: [UInt8]) throws(RecordingError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system("cannot be written", partial ?? path) }
      written += count
    }
    position += Int64(bytes.count)
  }

  /// Afterwards it survives a loss of power.
  package func finish() throws(RecordingError) {
    if let partial {
      guard fsync(descriptor) == 0 else { throw .system("cannot be written", partial) }
      guard rename(partial, path) == 0 else { throw .system("cannot be renamed to \(path)", partial) }
      keepName()
    }
    isFinished = true
  }

  /// Waits until the folder is on the disk with the new name. Where that cannot be asked for, the system does so in time.
  private func keepName() {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folderDescriptor >= 0 else { return }
    _ = fsync(folderDescriptor)
    close(folderDescriptor)
  }

  /// Where the links of this name lead, be it to nothing yet.
  private static func followed(_ path: String) throws(RecordingError) -> String {
    var place = path
    for _ in 0..<mostLinks {
      guard openNumber(place) == nil, let target = target(of: place) else { return place }
      let folder = place.lastIndex(of: "/").map { place[...$0] } ?? ""
      place = target.hasPrefix("/") ? target : folder + target
    }
    throw RecordingError(.inaccessible, "\(path) leads from link to link: name a file.")
  }

  /// Nil for what is no link.
  private static func target(of path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }

  private static func openNumber(_ path: String) -> Int32? {
    openFiles.lazy.compactMap { path.hasPrefix($0) ? Int32(path.dropFirst($0.count)) : nil }.first
  }

  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && (status.st_mode & S_IFMT) != S_IFREG
  }

  /// Takes over what a process that was killed has left there. One that lives keeps it locked until it is in its place.
  private static func claim(_ partial: String) throws(RecordingError) -> Int32 {
    while true {
      let descriptor = open(partial, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw .system("cannot be made", partial) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        close(descriptor)
        throw RecordingError(
          .inaccessible, "\(partial) is being written by another process. Wait, or name another file.")
      }
      // Its owner may have put it in its place, or given it up, before the lock was free.
      if isStill(descriptor, at: partial), ftruncate(descriptor, 0) == 0 { return descriptor }
      close(descriptor)
    }
  }

  private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
    var (own, there) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, stat(path, &there) == 0 else { return false }
    return own.st_dev == there.st_dev && own.st_ino == there.st_ino
  }
}
