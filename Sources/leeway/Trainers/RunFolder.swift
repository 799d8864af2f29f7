import Bytes
import Crypto
import Engine
import Foundation

/// A folder of one attempt at a run. What is made is made anew: an attempt that was left behind, and a process of it that
/// still lives, has another folder.
struct RunFolder {
  let path: String

  /// A folder that no attempt has had.
  ///
  /// - Parameters:
  ///   - parent: made where it is not there.
  ///   - name: the same for each attempt at a run.
  static func make(in parent: String, name: String) throws -> RunFolder {
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw TrainingFailure("the folder \(parent) for runs cannot be made: \(error.localizedDescription)")
    }
    for attempt in 1...9_999 {
      let path = "\(parent)/\(name)-\(attempt)"
      if mkdir(path, 0o755) == 0 { return RunFolder(path: path) }
      guard errno == EEXIST else { throw failure("cannot be made", path) }
    }
    throw TrainingFailure("\(parent)/\(name) has been tried 9,999 times: remove its folders")
  }

  /// The name of a model as the name of a folder.
  static func name(of model: String) -> String {
    let plain = model.utf8.map { byte in
      let scalar = Character(UnicodeScalar(byte))
      let isPlain = scalar.isASCII && (scalar.isLetter || scalar.isNumber || scalar == "-" || scalar == "_")
      return isPlain ? String(scalar) : "%" + hexadecimal([byte])
    }.joined()
    return plain.utf8.count <= 100 ? plain : plain.prefix(80) + "-" + fingerprint(model)
  }

  /// Eight digits that tell names apart.
  static func fingerprint(_ text: String) -> String {
    String(hexadecimal(SHA256.hash(data: Array(text.utf8))).prefix(8))
  }

  /// Removes the oldest folders that begin so, except the newest `count`.
  static func prune(_ parent: String, beginning: String, keeping count: Int) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    let folders = names.filter { $0.hasPrefix(beginning) }.map { name in
      var status = stat()
      return (path: "\(parent)/\(name)", age: lstat("\(parent)/\(name)", &status) == 0 ? status.changed : 0)
    }
    for folder in folders.sorted(by: { ($0.age, $0.path) > ($1.age, $1.path) }).dropFirst(count) {
      try? FileManager.default.removeItem(atPath: folder.path)
    }
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  static func failure(_ problem: String, _ path: String) -> TrainingFailure {
    TrainingFailure("\(path) \(problem): \(String(cString: strerror(errno)))")
  }
}

extension stat {
  /// When the file was written last, in nanoseconds.
  var changed: Int64 {
    #if canImport(Darwin)
      let time = st_mtimespec
    #else
      let time = st_mtim
    #endif
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// Writes a new file piece by piece.
struct NewFile: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []

  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RunFolder.failure("cannot be made", path) }
  }

  deinit { close(descriptor) }

  mutating func append(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= 1 << 18 { try flush() }
  }

  mutating func flush() throws {
    guard buffer.withUnsafeBytes({ writeWhole($0, to: descriptor) }) else {
      throw RunFolder.failure("cannot be written", path)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    var file = try NewFile(path)
    try file.append(bytes)
    try file.flush()
  }
}
