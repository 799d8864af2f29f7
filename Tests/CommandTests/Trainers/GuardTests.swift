import Foundation
import TestSupport
import Testing

@testable import leeway

/// Programs of every kind under the guard: what becomes of them, of what they start, and of what they print.
@Suite("Guarded programs", .serialized)
struct GuardTests {
  private let folder: Scratch

  init() throws {
    folder = try Scratch()
  }

  private func process(
    _ command: [String], seconds: Double = 60, memory: Int64 = 1 << 30, processes: Int = 50, environment: [String] = []
  ) -> GuardedProcess {
    GuardedProcess(
      program: Run.leeway.path, command: command, environment: TrainerSection.usualEnvironment + environment,
      limits: ProcessLimits(seconds: seconds, memory: memory, processes: processes), log: folder.file("log.txt"))
  }

  private func run(
    _ script: String, seconds: Double = 60, memory: Int64 = 1 << 30, processes: Int = 50
  ) throws -> GuardReport {
    let script = "cd '\(folder.path)'\n" + script
    return try process(["/bin/sh", "-c", script], seconds: seconds, memory: memory, processes: processes)
      .run { false }
  }

  private var log: String { (try? String(contentsOfFile: folder.file("log.txt"), encoding: .utf8)) ?? "" }

  /// Of the numbers that a script has written, those whose processes live.
  private func living(_ file: String = "pids") throws -> [pid_t] {
    try String(contentsOfFile: folder.file(file), encoding: .utf8).split(separator: "\n").compactMap { pid_t($0) }
      .filter { kill($0, 0) == 0 }
  }

  @Test("The end of a program is told, and what it prints is kept")
  func ends() throws {
    #expect(try run("echo hello; echo trouble >&2") == GuardReport(end: .exited))
    #expect(log == "hello\ntrouble\n")
    try FileManager.default.removeItem(atPath: folder.file("log.txt"))
    #expect(try run("exit 3") == GuardReport(end: .exited, status: 3))
    try FileManager.default.removeItem(atPath: folder.file("log.txt"))
    #expect(try run("kill -9 $$") == GuardReport(end: .signalled, status: 9))
    try FileManager.default.removeItem(atPath: folder.file("log.txt"))
    let missing = try process(["no such program"]).run { false }
    #expect(missing.end == .unstartable && missing.reason.contains("No such file"))
    // Its log is there by now.
    #expect(try run("true").end == .unstartable)
  }

  @Test("A program sees what is listed, and has nothing to read")
  func surroundings() throws {
    let input = process(["/bin/sh", "-c", "cat; env"], environment: ["LEEWAY_SEEN"])
    setenv("LEEWAY_SEEN", "this", 1)
    setenv("LEEWAY_UNSEEN", "that", 1)
    defer {
      unsetenv("LEEWAY_SEEN")
      unsetenv("LEEWAY_UNSEEN")
    }
    #expect(try input.run { false }.end == .exited)
    let names = Set(log.split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) })
    #expect(names.contains("LEEWAY_SEEN") && names.contains("PATH"))
    let own: Set = ["PATH", "HOME", "LANG", "LEEWAY_SEEN", "PWD", "SHLVL", "_", "OLDPWD"]
    let strangers = names.subtracting(own)
    #expect(strangers.isEmpty, "\(strangers)")
  }

  @Test("One that takes too long is stopped, also where it does not listen")
  func time() throws {
    let start = ContinuousClock.now
    let polite = try run("echo $$ >pids; exec sleep 600", seconds: 0.5)
    #expect(polite.end == .stopped && polite.reason.contains("0.5 s"))
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(try living().isEmpty)
    try FileManager.default.removeItem(atPath: folder.file("log.txt"))
    let deaf = try run("trap '' TERM; echo $$ >pids; while :; do sleep 1; done", seconds: 0.5)
    #expect(deaf.end == .stopped)
    #expect(try living().isEmpty)
  }

  @Test("One with too many processes is stopped with all of them")
  func processes() throws {
    let report = try run(
      "i=0; while [ $i -lt 30 ]; do sleep 600 & echo $! >>pids; i=$((i+1)); done; wait", processes: 10)
    #expect(report.end == .stopped && report.reason.contains("may run 10"), "\(report)")
    #expect(try living().isEmpty)
  }

  @Test("One that takes too much memory is stopped, whichever of its processes has it")
  func memory() throws {
    let report = try run("head -c 300000000 /dev/zero | tail -c 300000000 | sleep 600", memory: 100 << 20)
    #expect(report.end == .stopped && report.reason.contains("may take 100 MB"), "\(report)")
  }

  @Test("What a program leaves behind is stopped when it ends")
  func leftovers() throws {
    let report = try run("sleep 600 & echo $! >pids; exit 0")
    #expect(report.end == .exited && report.leftovers == 1)
    #expect(try living().isEmpty)
  }

  #if os(Linux)
    @Test("So is one that has a session of its own and a parent that has ended")
    func daemons() throws {
      let report = try run(
        "(setsid sh -c 'echo $$ >>pids; trap \"\" HUP TERM; sleep 600 & echo $! >>pids; wait' &) ; sleep 0.3; exit 0")
      #expect(report.end == .exited && report.leftovers == 2, "\(report)")
      #expect(try living().isEmpty)
    }

    @Test("A guard that is killed takes its program along")
    func guardKilled() throws {
      let report = try run("echo $$ >pids; sleep 0.7; kill -9 $PPID; sleep 600")
      #expect(report.end == .stopped && report.reason.contains("guard"))
      try wait(for: "its end", within: 10) { try living().isEmpty }
    }
  #endif

  @Test("Of what is printed the beginning and the end are kept")
  func flood() throws {
    #expect(try run("echo first; head -c 200000000 /dev/zero | tr '\\0' x; echo; echo last").end == .exited)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("log.txt")))
    #expect(bytes.count <= 11 << 20 && bytes.count > 10 << 20)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasPrefix("first\nxxx") && text.hasSuffix("\nlast\n"))
    #expect(text.contains(" bytes of the log are left out here]"))
  }

  @Test("It is stopped when the engine stops")
  func stopping() throws {
    let start = ContinuousClock.now
    let report = try process(["/bin/sh", "-c", "cd '\(folder.path)'; echo $$ >pids; exec sleep 600"]).run {
      ContinuousClock.now - start > .seconds(1)
    }
    #expect(report.wasTold)
    #expect(try living().isEmpty)
  }
}
