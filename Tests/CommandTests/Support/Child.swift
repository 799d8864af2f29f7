import Foundation
import TestSupport
import Testing

/// `leeway` as a process that runs beside the test. Whatever the test does, it ends with this object.
final class Child {
  private let arguments: [String]
  private let process: TestProcess
  private let scratch: Scratch
  private let names: (output: String, errors: String)

  /// Starts `leeway` with these arguments.
  init(_ arguments: [String], in folder: String) throws {
    self.arguments = arguments
    scratch = try Scratch()
    names = (try scratch.write("out", ""), try scratch.write("err", ""))
    process = try TestProcess(Run.leeway, arguments, in: folder, output: names.output, errors: names.errors)
  }

  var id: Int32 { process.id }
  var isRunning: Bool { process.isRunning }
  var errors: String { (try? String(contentsOfFile: names.errors, encoding: .utf8)) ?? "" }

  /// - Returns: whether it was killed: it had not ended before.
  @discardableResult
  func kill() -> Bool { process.kill() }

  func terminate() { process.terminate() }

  /// Waits for its end. A process that takes longer is killed, and the test fails.
  func end(within seconds: Double, _ place: SourceLocation = #_sourceLocation) throws -> Finished {
    do {
      let status = try process.wait(within: seconds)
      return Finished(
        status: status, output: try String(contentsOfFile: names.output, encoding: .utf8), errors: errors)
    } catch {
      Issue.record("\(arguments): \(error); it said: \(errors.suffix(2_000))", sourceLocation: place)
      throw error
    }
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
