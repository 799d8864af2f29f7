public import Foundation
import Synchronization

/// A program that runs beside the test, and ends with this object at the latest.
///
/// Its end is asked of the system, with a bound on every wait: `Process.waitUntilExit` waits for a run loop that under load
/// has been seen to wait for ever. Output goes through files, so that no pipe can fill up and block it.
public final class TestProcess: Sendable {
  /// A program that took too long and was killed.
  public struct TookTooLong: Error, CustomStringConvertible {
    public let description: String
  }

  private let process: Process
  /// How it ended: its exit status, or the signal as a negative number.
  private let end = Mutex<Int32?>(nil)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - folder: where it works; by default where the tests do.
  ///   - environment: all of its environment; by default that of the tests.
  ///   - input: a file that it reads. By default, and in the same way for the others, there is nothing.
  ///   - output: a file that is there already, for its standard output.
  ///   - errors: a file that is there already, for its standard error.
  public init(
    _ program: URL, _ arguments: [String], in folder: String? = nil, environment: [String: String]? = nil,
    input: String? = nil, output: String? = nil, errors: String? = nil
  ) throws {
    process = Process()
    process.executableURL = program
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    if let environment { process.environment = environment }
    process.standardInput = try input.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: $0)) } ?? .nullDevice
    process.standardOutput = try output.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) } ?? .nullDevice
    process.standardError = try errors.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) } ?? .nullDevice
    try process.run()
  }

  deinit {
    kill()
  }

  public var id: Int32 { process.processIdentifier }
  public var isRunning: Bool { look() == nil }

  /// Whether and how it has ended. Either side may be the one that the system tells: this one or Foundation's watcher.
  private func look() -> Int32? {
    end.withLock { end in
      if end != nil { return end }
      var status: Int32 = 0
      if waitpid(id, &status, WNOHANG) == id {
        let signal = status & 0x7f
        end = signal == 0 ? (status >> 8) & 0xff : -signal
      } else if !process.isRunning {
        end = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
      }
      return end
    }
  }

  /// Waits for its end.
  ///
  /// - Returns: its exit status, or the signal that ended it as a negative number.
  /// - Throws: `TookTooLong` when it has not ended by itself; it is killed then.
  @discardableResult
  public func wait(within seconds: Double = 300) throws -> Int32 {
    if let status = wait(until: .now + .seconds(seconds)) { return status }
    kill()
    throw TookTooLong(description: "\(process.arguments ?? []) did not end within \(seconds) s")
  }

  private func wait(until limit: ContinuousClock.Instant) -> Int32? {
    while true {
      if let status = look() { return status }
      if ContinuousClock.now >= limit { return nil }
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  public func terminate() {
    if isRunning { Foundation.kill(id, SIGTERM) }
  }

  /// - Returns: whether it was killed: it had not ended before.
  @discardableResult
  public func kill() -> Bool {
    guard isRunning else { return false }
    Foundation.kill(id, SIGKILL)
    return wait(until: .now + .seconds(30)) == -SIGKILL
  }
}
