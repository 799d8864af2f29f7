import EventLog
import Foundation
import GRDB
import Log
import TestSupport
import Testing

struct CrashTests {
  /// Processes that append, commit and maintain are killed at any moment. Afterwards every acknowledged record is
  /// there, once, in order; and the output is exactly what the committed offset says.
  @Test func killedAtAnyMoment() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: 7)
    var before: Int64 = 0
    for _ in 0..<12 {
      try? FileManager.default.removeItem(atPath: folder.path("acknowledged"))
      let child = try ChildProcess.spawn("writer", in: folder)
      try ChildProcess.wait(for: "the writer starts") { acknowledged(folder) != nil || !child.isRunning }
      Thread.sleep(forTimeInterval: Double.random(in: 0...0.15, using: &random))
      child.kill()
      let promised = try #require(acknowledged(folder))
      let log = try EmbeddedLog(path: folder.path("log.db"))
      let reader = try log.makeReader()
      let records = try reader.all(ChildRoles.input)
      let count = Int64(records.count)
      #expect(count >= promised && promised >= before)
      #expect(records.map(\.record.text) == (0..<count).map { "\($0)" })
      #expect(try log.makeProducer(id: "writer").nextSequence(in: ChildRoles.input) == count)
      let committed = try reader.committed(group: "copy")[ChildRoles.input] ?? 0
      #expect(try reader.bounds(of: ChildRoles.output).upperBound == committed)
      let copied = try reader.all(ChildRoles.output).map(\.record.text)
      #expect(copied == (committed - Int64(copied.count)..<committed).map { "\($0)" })
      before = count
    }
    #expect(before > 500)
  }

  /// A process is killed while it makes the file: a journal is left that has to be undone first.
  @Test func killedWhileItIsCreated() throws {
    let folder = try TemporaryFolder()
    let path = try brokenOff(folder)
    let log = try EmbeddedLog(path: path)
    try log.create(TopicSpec(name: "t", partitions: 1))
    try log.makeProducer(id: nil).append([AppendBatch(TopicPartition("t", 0), [Record(0, "first")])])
    #expect(try EmbeddedLog(path: path).makeReader().all(TopicPartition("t", 0)).map(\.record.text) == ["first"])
  }

  /// The same of another program's database: it is refused, and keeps what had been committed.
  @Test func anotherProgramKilledWhileItWrites() throws {
    let folder = try TemporaryFolder()
    let path = try brokenOff(folder) { try $0.execute(sql: "CREATE TABLE theirs(x); INSERT INTO theirs VALUES (7)") }
    #expect(code { _ = try EmbeddedLog(path: path) } == .notALog)
    let queue = try DatabaseQueue(path: path)
    #expect(try queue.read { try Int.fetchAll($0, sql: "SELECT x FROM theirs") } == [7])
    #expect(try queue.read { try $0.tableExists("half") } == false)
  }

  /// What is on the disk when a process dies within a transaction that has begun to reach the file.
  /// - Parameter before: what has been committed before.
  private func brokenOff(_ folder: TemporaryFolder, _ before: (Database) throws -> Void = { _ in }) throws -> String {
    let (living, dead) = (folder.path("living.db"), folder.path("dead.db"))
    let queue = try DatabaseQueue(path: living)
    try queue.writeWithoutTransaction { db in
      try before(db)
      try db.execute(sql: "PRAGMA cache_size = 4; BEGIN IMMEDIATE; CREATE TABLE half(x)")
      for _ in 0..<50 { try db.execute(sql: "INSERT INTO half VALUES (zeroblob(4000))") }
      for end in ["", "-journal"] { try FileManager.default.copyItem(atPath: living + end, toPath: dead + end) }
      try db.execute(sql: "ROLLBACK")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: dead)).count > 4_096)
    return dead
  }

  @Test func aDeadOwnersGroupIsFreeAtOnce() throws {
    let folder = try TemporaryFolder()
    let log = try EmbeddedLog(path: folder.path("log.db"))
    try log.create(TopicSpec(name: ChildRoles.input.topic, partitions: 1))
    let child = try ChildProcess.spawn("owner", in: folder)
    try ChildProcess.wait(for: "the owner starts") {
      FileManager.default.fileExists(atPath: folder.path("owned")) || !child.isRunning
    }
    do {
      _ = try log.join(group: "g", topics: [ChildRoles.input.topic], member: "second")
      Issue.record("a second owner")
    } catch {
      #expect(error.code == .groupOwned)
      for part in ["child-worker", "\(child.id)", "UTC"] { #expect(error.message.contains(part)) }
    }
    child.kill()
    let consumer = try log.join(group: "g", topics: [ChildRoles.input.topic], member: "second")
    #expect(try consumer.start([ChildRoles.input.topic]).isEmpty)
  }

  private func acknowledged(_ folder: TemporaryFolder) -> Int64? {
    guard let text = try? String(contentsOfFile: folder.path("acknowledged"), encoding: .utf8) else { return nil }
    return text.split(separator: "\n").last.flatMap { Int64($0) }
  }
}
