import ArgumentParser
import Backtest
import Engine
import Foundation
import LeewayClient
import Log
import Recording

/// Runs the command line and turns what comes of it into an exit status: 0 done, 1 failed, 2 wrong usage.
@main
enum Program {
  static func main() async {
    // A reader that goes away, such as `head`, ends the program without a word, also where the parent ignores SIGPIPE.
    signal(SIGPIPE, SIG_DFL)
    exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  private static func run(_ arguments: [String]) async -> Int32 {
    do {
      var command = try Leeway.parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return 0
    } catch {
      return report(error)
    }
  }

  private static func report(_ error: any Error) -> Int32 {
    switch error {
    case let error as CommandError:
      if !error.isReported { Terminal.complain("\(error)") }
      return 1
    case let error as LogError:
      Terminal.complain(error.message)
      return 1
    case let error as RecordingError:
      Terminal.complain(error.message)
      return 1
    case let error as BacktestError:
      Terminal.complain(error.description)
      return 1
    case let error as EngineError:
      Terminal.complain(error.message)
      return 1
    case let error as ClientError:
      Terminal.complain(error.message)
      return 1
    default:
      return reportParsing(error)
    }
  }

  /// What ArgumentParser threw: a request for help, a wrong usage, or an error that is none of ours.
  private static func reportParsing(_ error: any Error) -> Int32 {
    let code = Leeway.exitCode(for: error)
    let message = Leeway.fullMessage(for: error)
    if code == .success {
      if !message.isEmpty { print(message) }
      return 0
    }
    if !message.isEmpty { Terminal.write(message) }
    return code == .validationFailure ? 2 : 1
  }
}
