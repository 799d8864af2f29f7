import Foundation
import Recording
import TestSupport
import Testing

@testable import leeway

@Suite("Files that commands leave behind")
struct OutputFileTests {
  private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test("Through a link the file is replaced that it leads to; a pipe is written to and stays a pipe")
  func linksAndPipes() throws {
    let scratch = try Scratch()
    try scratch.write("file", "old")
    try FileManager.default.createSymbolicLink(atPath: scratch.file("link"), withDestinationPath: scratch.file("file"))
    try OutputFile.replace(scratch.file("link"), with: Array("new".utf8))
    #expect(try Self.text(scratch.file("file")) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.file("link")) == scratch.file("file"))

    let pipe = scratch.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    let reader = open(pipe, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try OutputFile.replace(pipe, with: Array("through".utf8))
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = read(reader, &buffer, buffer.count)
    #expect(count == 7 && String(decoding: buffer.prefix(7), as: UTF8.self) == "through")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["file", "link", "pipe"])
  }

  @Test("No file is written twice or over one that is read, by whatever name, nor over those of a log")
  func distinct() throws {
    let scratch = try Scratch()
    for name in ["rows.csv", "other.csv", "leeway.db", "leeway.db-wal"] { try scratch.write(name, name) }
    #expect(link(scratch.file("rows.csv"), scratch.file("hard")) == 0)
    func refused(_ outputs: String...) -> Bool {
      do throws(CommandError) {
        try OutputFile.checkDistinct(
          outputs.map { ("--out", $0.hasPrefix("/") ? $0 : scratch.file($0)) },
          from: [("--csv", scratch.file("rows.csv"))], log: scratch.file("leeway.db"))
        return false
      } catch {
        return true
      }
    }
    for name in ["rows.csv", "hard", "./rows.csv", "leeway.db", "leeway.db-wal", "leeway.db.turn"] {
      #expect(refused(name), "\(name)")
    }
    #expect(refused("a", "./a") && !refused("a", "other.csv") && !refused("/dev/null", "/dev/null"))
  }

  @Test("Of two who write a file the second is refused, until the first is done, gives up or is dead")
  func twoAtOnce() throws {
    let scratch = try Scratch()
    let path = scratch.file("file")
    try scratch.write("file.part", "of one that was killed, and longer than what comes")
    func begin() -> UnfinishedFile? { try? UnfinishedFile(path) }
    do {
      let first = try #require(begin())
      #expect(begin() == nil)
      try first.append(Array("first".utf8))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
    let second = try #require(begin())
    try second.append(Array("second".utf8))
    try second.finish()
    #expect(try Self.text(path) == "second")
    // Done, though it is not let go yet.
    let third = try #require(begin())
    #expect(begin() == nil)
    withExtendedLifetime((second, third)) {}
    #expect(try Self.text(path) == "second")
  }

  @Test("An export does not go over its own log, and the log is as it was")
  func exportOverTheLog() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 50)
    let before = try depot.bytes("leeway.db")
    for name in ["leeway.db", "./leeway.db", "leeway.db.turn"] {
      let run = try depot.leeway("export", "predictions", "--out", name)
      #expect(run.status == 1 && run.errors.contains("is a file of the log"), "\(run)")
    }
    #expect(try depot.bytes("leeway.db") == before)
  }
}
