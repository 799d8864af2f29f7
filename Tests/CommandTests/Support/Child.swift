import Foundation
import Testing

/// The program as a process that runs beside the test. Whatever the test does, it ends with this object.
final class Child {
  private let process = Process()
  private let scratch: Scratch
  private let names: (output: String, errors: String)

  /// Starts `leeway` with these arguments.
  init(_ arguments: [String], in folder: String) throws {
    scratch = try Scratch()
    names = (try scratch.write("out", ""), try scratch.write("err", ""))
    process.executableURL = Run.leeway
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: names.output)
    process.standardError = FileHandle(forWritingAtPath: names.errors)
    try process.run()
  }

  deinit {
    kill()
  }

  var id: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var errors: String { (try? String(contentsOfFile: names.errors, encoding: .utf8)) ?? "" }

  /// - Returns: whether it was killed: it had not ended before.
  @discardableResult
  func kill() -> Bool {
    guard process.isRunning else { return false }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
  }

  func terminate() {
    Foundation.kill(process.processIdentifier, SIGTERM)
  }

  /// Waits for its end. A process that takes longer is killed, and the test fails.
  func end(within seconds: Double, _ place: SourceLocation = #_sourceLocation) throws -> Finished {
    do {
      try wait(for: "\(process.arguments ?? []) ends", within: seconds, place) { !process.isRunning }
    } catch {
      kill()
      Issue.record("it said: \(errors.suffix(2_000))", sourceLocation: place)
      throw error
    }
    return Finished(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: try String(contentsOfFile: names.output, encoding: .utf8), errors: errors)
  }
}

/// Looks every few milliseconds whether something has happened; fails the test when it takes too long.
func wait(
  for what: String, within seconds: Double, _ place: SourceLocation = #_sourceLocation,
  _ happened: () throws -> Bool
) throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while try !happened() {
    try #require(ContinuousClock.now < end, "\(what): not within \(seconds) s", sourceLocation: place)
    Thread.sleep(forTimeInterval: 0.002)
  }
}
