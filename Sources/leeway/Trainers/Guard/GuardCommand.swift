import ArgumentParser
import Foundation

/// `leeway guard`: what the engine starts a trainer under. Not for people.
struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guard", abstract: "Runs a trainer within limits, until standard input closes.",
    shouldDisplay: false)

  @Option var seconds: Double
  @Option var memory: Int64
  @Option var processes: Int
  @Option(help: "File for what it prints; made anew.") var log: String
  @Option(help: "A variable of the environment that it is given.") var environment: [String] = []
  @Argument(parsing: .postTerminator) var command: [String]

  func run() throws {
    // Who asks the whole machine to stop asks the engine too, which says so here.
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { Foundation.signal(signal, SIG_IGN) }
    let file = open(log, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      return try tell(GuardReport(end: .unstartable, reason: "its log \(log): \(String(cString: strerror(errno)))"))
    }
    let own = ProcessInfo.processInfo.environment
    var guardian = ProcessGuard(
      command: command, environment: own.filter { environment.contains($0.key) },
      limits: ProcessLimits(seconds: seconds, memory: memory, processes: processes), lifeline: STDIN_FILENO,
      log: BoundedLog(file))
    try tell(guardian.run())
  }

  private func tell(_ report: GuardReport) throws {
    try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(report))
  }
}
