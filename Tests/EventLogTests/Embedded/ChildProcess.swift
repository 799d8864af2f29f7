import EventLog
import Foundation
import Log
import TestSupport
import Testing

/// Runs one of `ChildRoles` in a process of its own: this test program again, with that test alone.
enum ChildProcess {
  static let roleKey = "LEEWAY_TEST_ROLE"
  static let folderKey = "LEEWAY_TEST_FOLDER"

  static func spawn(_ role: String, in folder: TemporaryFolder) throws -> TestProcess {
    var arguments = CommandLine.arguments
    let program = arguments.removeFirst()
    // What names files of the run above belongs to that run.
    let dropped = [
      "--filter", "--skip", "--xunit-output", "--event-stream-output-path", "--configuration-path",
      "--attachments-path", "--experimental-event-stream-output", "--experimental-attachments-path", "--repetitions",
    ]
    for option in dropped {
      while let index = arguments.firstIndex(of: option) {
        arguments.removeSubrange(index..<min(index + 2, arguments.count))
      }
      arguments.removeAll { $0.hasPrefix(option + "=") }
    }
    return try TestProcess(
      URL(fileURLWithPath: program), arguments + ["--filter", "ChildRoles/\(role)"],
      environment: ProcessInfo.processInfo.environment.merging([
        roleKey: role, folderKey: folder.url.path,
      ]) { $1 })
  }

  /// Waits until `condition` holds, for at most half a minute.
  static func wait(for what: Comment, _ condition: () -> Bool) throws {
    let end = ContinuousClock.now + .seconds(30)
    while !condition() {
      try #require(ContinuousClock.now < end, what)
      Thread.sleep(forTimeInterval: 0.002)
    }
  }
}

/// What the child processes do. In an ordinary run these tests are switched off.
struct ChildRoles {
  static let input = TopicPartition("input", 0)
  static let output = TopicPartition("output", 0)

  private static func isRole(_ role: String) -> Bool {
    ProcessInfo.processInfo.environment[ChildProcess.roleKey] == role
  }

  private func path(_ name: String) throws -> String {
    let folder = try #require(ProcessInfo.processInfo.environment[ChildProcess.folderKey])
    return URL(fileURLWithPath: folder).appending(path: name).path
  }

  /// Appends numbers, copies them as an engine would, and maintains the log, until it is killed. After each append it
  /// writes the number that comes next to `acknowledged`.
  @Test(.enabled(if: isRole("writer"), "only as a child process")) func writer() throws {
    let log = try EmbeddedLog(path: path("log.db"))
    try log.create(TopicSpec(name: Self.input.topic, partitions: 1))
    try log.create(TopicSpec(name: Self.output.topic, partitions: 1, retention: Retention(bytes: 1 << 20)))
    let producer = try log.makeProducer(id: "writer")
    let consumer = try log.join(group: "copy", topics: [Self.input.topic], member: "child")
    _ = try consumer.start([Self.input.topic])
    _ = try FileManager.default.createFile(atPath: path("acknowledged"), contents: nil)
    let acknowledged = try #require(FileHandle(forWritingAtPath: try path("acknowledged")))
    var random = SplitMix64(seed: UInt64(getpid()))
    for round in 0... {
      let next = try producer.nextSequence(in: Self.input)
      let records = (0..<Int64.random(in: 1...60, using: &random)).map { Record(next + $0, "\(next + $0)") }
      try producer.append([AppendBatch(Self.input, records, sequence: next)])
      try acknowledged.write(contentsOf: Data("\(next + Int64(records.count))\n".utf8))
      for fetch in try consumer.drain([Self.input.topic]) {
        let batch = AppendBatch(Self.output, fetch.records.map(\.record))
        try consumer.commit(outputs: [batch], offsets: [Self.input: fetch.next])
      }
      if round % 25 == 24 { try log.maintain(now: 0) }
    }
  }

  /// Owns a group until it is killed.
  @Test(.enabled(if: isRole("owner"), "only as a child process")) func owner() throws {
    let log = try EmbeddedLog(path: path("log.db"))
    let consumer = try log.join(group: "g", topics: [Self.input.topic], member: "child-worker")
    _ = try FileManager.default.createFile(atPath: path("owned"), contents: nil)
    Thread.sleep(forTimeInterval: 60)
    consumer.close()
  }

  /// As a user without rights, opens the log that it must not write to, and writes down what it gets.
  @Test(.enabled(if: isRole("stranger"), "only as a child process")) func stranger() throws {
    let path = try path("sealed/log.db")
    _ = try FileManager.default.createFile(atPath: self.path("found"), contents: nil)
    let found = try #require(FileHandle(forWritingAtPath: try self.path("found")))
    guard setgid(65_534) == 0, setuid(65_534) == 0, geteuid() == 65_534 else {
      try found.write(contentsOf: Data("same user".utf8))
      return
    }
    try found.write(contentsOf: Data(Permissions.attempt(path).utf8))
  }
}

enum Permissions {
  /// The code of the error that opening or writing to a log ends in.
  static func attempt(_ path: String) -> String {
    do throws(LogError) {
      let log = try EmbeddedLog(path: path)
      try log.create(TopicSpec(name: "other", partitions: 1))
      return "written"
    } catch {
      return error.code.rawValue
    }
  }
}
