import CProcess
import Foundation

/// Runs one program to its end and keeps it, with all that descends from it, within limits. Lives in a process of its own,
/// so that it outlives an engine that is killed, and stops the program then.
///
/// On Linux it adopts orphans, so that no descendant can get away by a session of its own or a parent that ends.
/// Elsewhere those are found as long as they stay in a group that was seen before.
struct ProcessGuard {
  let command: [String]
  let environment: [String: String]
  let limits: ProcessLimits
  /// Its other end closes when the program is to be stopped.
  let lifeline: Int32
  var log: BoundedLog

  /// Seconds from SIGTERM to SIGKILL, and for which SIGKILL is repeated.
  private static let grace = 2.0
  private static let patience = 5.0
  private static let interval = 0.1

  private var known: Set<pid_t> = []
  private var output: Int32 = -1
  private var child: pid_t = 0
  private var end = ChildEnd.running

  init(
    command: [String], environment: [String: String], limits: ProcessLimits, lifeline: Int32, log: BoundedLog
  ) {
    self.command = command
    self.environment = environment
    self.limits = limits
    self.lifeline = lifeline
    self.log = log
  }

  mutating func run() -> GuardReport {
    defer { log.finish() }
    _ = leeway_adopt_orphans()
    do throws(Spawn.Failure) {
      try start()
    } catch {
      return GuardReport(end: .unstartable, reason: error.reason)
    }
    defer { close(output) }
    var report = watch()
    let left = stop()
    drain()
    if report.end != .stopped { report.leftovers = left }
    return report
  }

  private mutating func start() throws(Spawn.Failure) {
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard let pipe = Pipe(), nothing >= 0, let program = command.first else { throw Spawn.Failure(code: errno) }
    defer {
      close(nothing)
      close(pipe.writing)
    }
    output = pipe.reading
    _ = fcntl(output, F_SETFL, O_NONBLOCK)
    child = try Spawn(
      program: program, arguments: Array(command.dropFirst()), environment: environment, input: nothing,
      output: pipe.writing, errors: pipe.writing
    ).start()
    known = [child]
  }

  /// Until the program ends, or has to.
  private mutating func watch() -> GuardReport {
    let start = SteadyClock.seconds
    var nextLook = start
    while true {
      if wait(milliseconds: 20) { return GuardReport(end: .stopped, reason: "the engine stopped", wasTold: true) }
      reap()
      switch end {
      case .exited(let status): return GuardReport(end: .exited, status: status)
      case .signalled(let signal): return GuardReport(end: .signalled, status: signal)
      case .running: break
      }
      let now = SteadyClock.seconds
      if now - start > limits.seconds {
        return GuardReport(end: .stopped, reason: "it ran for more than \(Figures.short(limits.seconds)) s")
      }
      guard now >= nextLook else { continue }
      // A machine with very many processes is not kept busy with looking at them.
      let excess = excess()
      nextLook = SteadyClock.seconds + max(Self.interval, 10 * (SteadyClock.seconds - now))
      if let excess { return GuardReport(end: .stopped, reason: excess) }
    }
  }

  private mutating func excess() -> String? {
    let processes = descendants()
    let memory = processes.reduce(Int64(0)) { $0 + $1.memory }
    if memory > limits.memory {
      return "it took \(memory >> 20) MB of memory, and may take \(limits.memory >> 20) MB"
    }
    if processes.count > limits.processes {
      return "it ran \(processes.count) processes, and may run \(limits.processes)"
    }
    return nil
  }

  private mutating func descendants() -> [ProcessTable.Entry] {
    let found = ProcessTable.now().descendants(of: getpid(), known: known)
    // A group stays known as long as somebody is in it: numbers are used again.
    known = Set(found.map(\.group)).union(end == .running ? [child] : [])
    return found
  }

  /// Waits for output, and takes it.
  /// - Returns: whether the program is to be stopped.
  private mutating func wait(milliseconds: Int32) -> Bool {
    var waiting = [
      pollfd(fd: lifeline, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&waiting, 2, milliseconds) > 0 else { return false }
    if waiting[1].revents != 0, !take() {
      // Nobody writes any more, and nothing more is to be waited for there.
      usleep(UInt32(milliseconds) * 1_000)
    }
    return waiting[0].revents != 0
  }

  /// - Returns: whether there was anything.
  @discardableResult
  private mutating func take() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      let count = read(output, buffer.baseAddress, buffer.count)
      guard count > 0 else { return false }
      log.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      return true
    }
  }

  /// What is left in the pipe. A pipe is small; what goes on writing there is not ours to wait for.
  private mutating func drain() {
    for _ in 0..<64 { guard take() else { return } }
  }

  private mutating func reap() {
    while let (id, end) = ChildEnd.look(-1) { if id == child { self.end = end } }
  }

  /// Ends everything that is left.
  /// - Returns: how many there were.
  private mutating func stop() -> Int {
    let first = descendants()
    for process in first { kill(process.id, SIGTERM) }
    _ = isGone(within: Self.grace, each: nil) || isGone(within: Self.patience, each: SIGKILL)
    bury()
    return first.count
  }

  /// What has ended is there for others to see until it has been asked about.
  private func bury() {
    let limit = SteadyClock.seconds + Self.grace
    while SteadyClock.seconds < limit, waitpid(-1, nil, WNOHANG) >= 0 { usleep(1_000) }
  }

  private mutating func isGone(within seconds: Double, each signal: Int32?) -> Bool {
    let limit = SteadyClock.seconds + seconds
    while SteadyClock.seconds < limit {
      reap()
      let left = descendants()
      if left.isEmpty { return true }
      // Stopped first, all of them, so that none starts another one behind our back.
      if let signal {
        for process in left { kill(process.id, SIGSTOP) }
        for process in descendants() { kill(process.id, signal) }
      }
      take()
      usleep(10_000)
    }
    return false
  }
}
