import CZlib
import Foundation
import TestSupport

@testable import leeway

/// A folder that goes away with the test.
final class Scratch {
  let path: String

  init() throws {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent("leeway \(UUID().uuidString)")
    try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
    // The launcher resolves symbolic links, which a temporary folder may lie behind.
    path = base.resolvingSymlinksInPath().path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { path + "/" + name }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8], executable: Bool = false) throws -> String {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path) }
    return url.path
  }

  @discardableResult
  func write(_ name: String, _ text: String, executable: Bool = false) throws -> String {
    try write(name, Array(text.utf8), executable: executable)
  }
}

/// What a process that has ended left behind.
struct Finished {
  let status: Int32
  let output: String
  let errors: String

  var lines: [Substring] { output.split(separator: "\n") }
}

enum Run {
  /// The checkout that holds these tests.
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The program that was built with these tests.
  static let leeway: URL = {
    #if os(macOS)
      let bundles = Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }
      let folder = bundles.first?.bundleURL.deletingLastPathComponent() ?? Bundle.main.bundleURL
    #else
      let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    #endif
    return folder.appendingPathComponent("leeway")
  }()

  static func leeway(_ arguments: String..., input: String = "", in folder: String) throws -> Finished {
    try process(leeway, arguments, input: Array(input.utf8), in: folder)
  }

  /// Runs a program to its end.
  static func process(
    _ program: URL, _ arguments: [String], input: [UInt8] = [], in folder: String, environment: [String: String]? = nil
  ) throws -> Finished {
    let scratch = try Scratch()
    let names = (try scratch.write("in", input), try scratch.write("out", ""), try scratch.write("err", ""))
    let process = try TestProcess(
      program, arguments, in: folder, environment: environment, input: names.0, output: names.1, errors: names.2)
    let status = try process.wait()
    func text(_ path: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
    return Finished(status: status, output: try text(names.1), errors: try text(names.2))
  }
}

/// Packs bytes as one gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, zlibVersion(),
    Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var input = bytes
  var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
  let left = input.withUnsafeMutableBufferPointer { input in
    packed.withUnsafeMutableBufferPointer { output in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      _ = deflate(&stream, Z_FINISH)
      return Int(stream.avail_out)
    }
  }
  return Array(packed.dropLast(left))
}

/// Everything that a source holds, read through a buffer of this size.
func contents(_ source: any ByteSource, buffer size: Int = 4_096) throws(CommandError) -> [UInt8] {
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: size)
  while true {
    let count = try buffer.readFront(of: source)
    if count == 0 { return all }
    all += buffer[..<count]
  }
}

/// Hands out its bytes, then fails: what reading from a broken disk is like.
final class FailingSource: ByteSource {
  let name = "broken"
  private let front: MemorySource

  init(_ bytes: [UInt8]) {
    front = MemorySource(bytes, name: "front")
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int {
    let count = try front.read(into: buffer)
    if count > 0 { return count }
    throw CommandError("the disk is broken", at: name)
  }
}
