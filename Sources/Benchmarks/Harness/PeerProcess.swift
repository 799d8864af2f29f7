import Foundation

/// Why a peer's figure could not be had.
struct PeerFault: Error, CustomStringConvertible {
  let reason: String
  var description: String { reason }
}

/// A peer that is a program of its own, started once and asked for one repetition at a time, so that the two sides take
/// turns within one run.
///
/// The program writes one line when it is ready: `ready VERSION`, or `missing REASON`. Then for each line that it reads,
/// the name of a piece of work, it does that work once and answers `SECONDS VALUE`: how long the work took by its own
/// clock, without reading the data or the request, and one number that the work found (0 where none matters). Anything
/// else in place of an answer is taken for the reason why there is none.
final class PeerProcess {
  let name: String
  let version: String
  private let process = Process()
  private let input: FileHandle
  private let output: FileHandle
  private var pending: [UInt8] = []

  /// - Throws: `PeerFault` for a program that cannot be started or says that something is missing.
  init(_ name: String, executable: String, arguments: [String]) throws {
    self.name = name
    let (requests, answers) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [executable] + arguments
    process.standardInput = requests
    process.standardOutput = answers
    input = requests.fileHandleForWriting
    output = answers.fileHandleForReading
    do {
      try process.run()
    } catch {
      throw PeerFault(reason: "cannot start \(executable): \(error)")
    }
    let first = try Self.line(from: output, pending: &pending)
    guard first.hasPrefix("ready ") else {
      throw PeerFault(reason: first.hasPrefix("missing ") ? String(first.dropFirst(8)) : "\(executable) says: \(first)")
    }
    version = String(first.dropFirst(6))
  }

  deinit {
    try? input.close()
    process.terminate()
    process.waitUntilExit()
  }

  /// One round of the work with this name.
  func perform(_ work: String) throws -> (seconds: Double, value: Double) {
    do {
      try input.write(contentsOf: Data("\(work)\n".utf8))
    } catch {
      throw PeerFault(reason: "\(name) has ended")
    }
    let answer = try Self.line(from: output, pending: &pending)
    let fields = answer.split(separator: " ").compactMap { Double($0) }
    guard fields.count == 2 else { throw PeerFault(reason: answer) }
    return (fields[0], fields[1])
  }

  /// This program doing one piece of its work, as a side of a comparison.
  ///
  /// - Parameter scale: the comparison's items for each that the work is done on.
  func calling(_ work: String, scaledBy scale: Double = 1) -> Peer {
    .contender(.reporting(name, version: version) { try self.perform(work).seconds * scale })
  }

  private static func line(from output: FileHandle, pending: inout [UInt8]) throws -> String {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      // `FileHandle.read` would wait until its buffer is full.
      var more = [UInt8](repeating: 0, count: 4_096)
      let count = read(output.fileDescriptor, &more, more.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw PeerFault(reason: "the peer ended without an answer") }
      pending += more.prefix(count)
    }
  }
}
