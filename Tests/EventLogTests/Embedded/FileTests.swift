import EventLog
import Foundation
import GRDB
import Log
import TestSupport
import Testing

/// Files that are no logs, or none that this build or this user may use.
struct FileTests {
  private func openingChangesNothing(_ path: String, _ expected: LogError.Code) throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(code { _ = try EmbeddedLog(path: path) } == expected)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(!FileManager.default.fileExists(atPath: path + ".turn"))
  }

  @Test func noise() throws {
    let folder = try TemporaryFolder()
    for (index, bytes) in [Data("hello, world\n".utf8), Data(repeating: 0, count: 10_000), Data([0x41])].enumerated() {
      let path = folder.path("\(index)")
      try bytes.write(to: URL(fileURLWithPath: path))
      try openingChangesNothing(path, .notALog)
    }
    #expect(code { _ = try EmbeddedLog(path: folder.url.path) } == .notALog)
    #expect(code { _ = try EmbeddedLog(path: folder.path("none/log.db")) } == .unavailable)
  }

  @Test func anotherProgramsDatabase() throws {
    let folder = try TemporaryFolder()
    for (name, sql) in [
      ("table", "CREATE TABLE t(x)"), ("id", "PRAGMA application_id = 7; CREATE TABLE t(x)"),
      ("version", "PRAGMA user_version = 1; CREATE TABLE t(x)"),
    ] {
      let queue = try DatabaseQueue(path: folder.path(name))
      try queue.write { try $0.execute(sql: sql) }
      try queue.close()
      try openingChangesNothing(folder.path(name), .notALog)
    }
  }

  @Test func aNewerFormat() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    let log = try EmbeddedLog(path: path)
    log.close()
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 2") }
    try queue.close()
    try FileManager.default.removeItem(atPath: path + ".turn")
    try openingChangesNothing(path, .newerFormat)
  }

  @Test func anEmptyFileBecomesALog() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let log = try EmbeddedLog(path: path)
    try log.create(TopicSpec(name: "t", partitions: 1))
    #expect(try EmbeddedLog(path: path).topics().count == 1)
  }

  /// Several at once create the same log; one of them does it, all of them get it.
  @Test func createdByManyAtOnce() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    let threads = try (0..<6).map { number in
      try BackgroundThread {
        let log = try EmbeddedLog(path: path)
        try log.create(TopicSpec(name: "t", partitions: 2))
        try log.makeProducer(id: nil).append([AppendBatch(TopicPartition("t", 0), [Record(0, "\(number)")])])
      }
    }
    for thread in threads { try thread.join() }
    #expect(try EmbeddedLog(path: path).makeReader().bounds(of: TopicPartition("t", 0)) == 0..<6)
  }

  /// A folder and a file that may be read but not written, as a user who is not root.
  @Test(arguments: [(0o555, 0o666), (0o777, 0o444)]) func withoutRights(folderMode: Int, fileMode: Int) throws {
    let folder = try TemporaryFolder()
    let sealed = folder.path("sealed")
    let path = sealed + "/log.db"
    let files = FileManager.default
    try files.createDirectory(atPath: sealed, withIntermediateDirectories: true)
    try EmbeddedLog(path: path).close()
    for name in try files.contentsOfDirectory(atPath: sealed) {
      try files.setAttributes([.posixPermissions: fileMode], ofItemAtPath: sealed + "/" + name)
    }
    try files.setAttributes([.posixPermissions: folderMode], ofItemAtPath: sealed)
    defer { try? files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: sealed) }
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    var found = ""
    if geteuid() == 0 {
      let child = try ChildProcess.spawn("stranger", in: folder)
      try child.wait()
      found = try String(contentsOfFile: folder.path("found"), encoding: .utf8)
      if found == "same user" { try Test.cancel("root cannot become another user here") }
    } else {
      found = Permissions.attempt(path)
    }
    #expect(found == LogError.Code.readOnly.rawValue)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }
}
