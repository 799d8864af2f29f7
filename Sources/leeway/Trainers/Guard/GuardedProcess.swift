import Foundation

/// The engine's side of a guarded program: starts the guard, and waits for its report.
struct GuardedProcess {
  /// The program that has the command `guard`.
  var program = Self.ownProgram
  var command: [String]
  /// Names of the variables that it is given, where they are set.
  var environment: [String]
  var limits: ProcessLimits
  var log: String

  /// Seconds that a guard may take beyond what it gives its program.
  private static let patience = 20.0

  static var ownProgram: String {
    #if os(Linux)
      "/proc/self/exe"
    #else
      Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }

  /// Waits for the program's end.
  ///
  /// - Parameter isStopping: whether the program is to be stopped; asked again and again.
  func run(isStopping: () -> Bool) throws(Spawn.Failure) -> GuardReport {
    guard let lifeline = Pipe() else { throw Spawn.Failure(code: errno) }
    var held: Int32? = lifeline.writing
    defer { if let held { close(held) } }
    let id: pid_t
    let answer: Int32
    do {
      defer { close(lifeline.reading) }
      guard let pipe = Pipe() else { throw Spawn.Failure(code: errno) }
      defer { close(pipe.writing) }
      answer = pipe.reading
      id = try Spawn(
        program: program, arguments: arguments, environment: ProcessInfo.processInfo.environment,
        input: lifeline.reading, output: pipe.writing, errors: STDERR_FILENO
      ).start()
    }
    defer { close(answer) }
    var limit = SteadyClock.seconds + limits.seconds + Self.patience
    var nextLook = 0.0
    var groups: Set<pid_t> = []
    while Self.isRunning(id) {
      let now = SteadyClock.seconds
      if now >= nextLook {
        groups = Set(ProcessTable.now().descendants(of: id).map(\.group))
        nextLook = now + 0.5
      }
      if isStopping(), let end = held {
        close(end)
        held = nil
        limit = min(limit, now + Self.patience)
      }
      if now > limit { kill(id, SIGKILL) }
      usleep(5_000)
    }
    if let report = Self.report(from: answer) { return report }
    for process in ProcessTable.now().descendants(of: id, known: groups) { kill(process.id, SIGKILL) }
    return GuardReport(end: .stopped, reason: "its guard, which keeps it within limits, was killed")
  }

  /// Where the system keeps no status for anybody, that there is no such child any more is all that it tells.
  private static func isRunning(_ id: pid_t) -> Bool {
    let ended = waitpid(id, nil, WNOHANG)
    return ended == 0 || (ended < 0 && errno == EINTR)
  }

  private var arguments: [String] {
    [
      "guard", "--seconds", "\(limits.seconds)", "--memory", "\(limits.memory)", "--processes", "\(limits.processes)",
      "--log", log,
    ] + environment.flatMap { ["--environment", $0] } + ["--"] + command
  }

  private static func report(from descriptor: Int32) -> GuardReport? {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &bytes, bytes.count)
    return try? JSONDecoder().decode(GuardReport.self, from: Data(bytes.prefix(max(count, 0))))
  }
}
