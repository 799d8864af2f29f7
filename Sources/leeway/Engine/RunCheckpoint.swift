import Bytes
import Crypto
import Engine
import Events
import Foundation

/// The work on one run of a built-in family, kept in a file while it goes on.
///
/// The file takes the place of the one before in one step, so that a process that is killed leaves a whole one. One that is
/// damaged, or of another request, configuration or build, counts for nothing. Belongs to one thread.
final class RunCheckpoint {
  struct Settings: Sendable {
    /// Where folders of models are made.
    var root: String
    /// Seconds of work between two times of keeping.
    var interval: Double
  }

  private static let magic: [UInt8] = Array("LWWORK\u{1a}\u{1}".utf8)
  private static let prefix = "work-"

  private let path: String
  private let request: [UInt8]
  private let interval: Double
  private let start = SteadyClock.seconds
  private var last = SteadyClock.seconds
  /// The work that was found.
  let bytes: [UInt8]?
  /// Seconds that it took.
  let spent: Double
  /// Why the work could not be kept, the first time that it could not.
  private(set) var failure: String?

  /// Looks for the work on a run. Removes that on other runs of its model, which has one run at a time.
  init(_ run: RunStarted, _ configuration: EngineConfiguration, _ settings: Settings) {
    let (folder, name) = Self.place(of: run, settings)
    let path = "\(folder)/\(name)"
    self.path = path
    interval = settings.interval
    var hash = SHA256()
    hash.update(data: RunRecord.started(run).encoded())
    hash.update(data: Array("\n\(configuration.fingerprint)\n\(configuration.code)".utf8))
    let request = Array(hash.finalize())
    self.request = request
    for other in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where other.hasPrefix(Self.prefix) && other != name {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(other)")
    }
    let found = FileManager.default.contents(atPath: path).flatMap { try? Self.decode(Array($0), request) }
    (spent, bytes) = found ?? (0, nil)
  }

  /// Keeps the work where the time for that has come.
  func offer(isStopping: Bool, _ bytes: () -> [UInt8]) {
    let now = SteadyClock.seconds
    guard isStopping || now - last >= interval else { return }
    do {
      try write(encode(bytes(), seconds: spent + now - start))
    } catch {
      if failure == nil { failure = "\(error)" }
    }
    last = SteadyClock.seconds
  }

  /// Removes the work on a run, where there is any.
  static func remove(_ run: RunStarted, _ settings: Settings) {
    let (folder, name) = place(of: run, settings)
    try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
  }

  private static func place(of run: RunStarted, _ settings: Settings) -> (folder: String, name: String) {
    ("\(settings.root)/\(RunFolder.name(of: run.model))", prefix + RunFolder.fingerprint(run.run))
  }

  private func write(_ bytes: [UInt8]) throws {
    let next = path + ".next"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: next)
    try NewFile.write(bytes, to: next)
    guard rename(next, path) == 0 else { throw RunFolder.failure("cannot be renamed", next) }
  }

  private func encode(_ bytes: [UInt8], seconds: Double) -> [UInt8] {
    var writer = ByteWriter(reserving: bytes.count + 64)
    writer.append(raw: Self.magic)
    writer.append(request)
    writer.append(seconds)
    writer.append(bytes)
    writer.append(fixed: CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  private static func decode(_ file: [UInt8], _ request: [UInt8]) throws(ByteError) -> (Double, [UInt8]) {
    var end = ByteReader(file.suffix(4))
    var reader = ByteReader(file.dropLast(4))
    guard try end.fixed(UInt32.self) == CRC32C.checksum(file.dropLast(4)),
      try reader.raw(magic.count).elementsEqual(magic),
      try reader.slice().elementsEqual(request)
    else { throw reader.failure("not the work on this run") }
    let seconds = try reader.double()
    let bytes = try reader.slice()
    try reader.expectEnd()
    guard seconds >= 0 else { throw reader.failure("seconds below 0") }
    return (seconds, Array(bytes))
  }
}
