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

  @Test("Links are followed to the last, be it not there yet; what is open already is written on, and its link stays")
  func manyLinks() throws {
    let scratch = try Scratch()
    func link(_ name: String, to target: String) throws {
      try FileManager.default.createSymbolicLink(atPath: scratch.file(name), withDestinationPath: target)
    }
    try FileManager.default.createDirectory(atPath: scratch.file("there"), withIntermediateDirectories: true)
    try link("there/second", to: "file")
    try link("first", to: "there/second")
    for text in ["one", "two"] {
      try OutputFile.replace(scratch.file("first"), with: Array(text.utf8))
      #expect(try Self.text(scratch.file("there/file")) == text)
    }
    try link("round", to: "about")
    try link("about", to: "round")
    #expect(throws: CommandError.self) { try OutputFile.replace(scratch.file("round"), with: []) }

    try scratch.write("open", "")
    let open = open(scratch.file("open"), O_WRONLY)
    defer { close(open) }
    try link("number", to: "/dev/fd/\(open)")
    #expect(Array("before".utf8).withUnsafeBytes { writeWhole($0, to: open) })
    try OutputFile.replace(scratch.file("number"), with: Array(" and after".utf8))
    #expect(try Self.text(scratch.file("open")) == "before and after")
    for name in ["first", "there/second", "round", "number"] {
      #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: scratch.file(name))) != nil, "\(name)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("there")).sorted() == ["file", "second"])
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

  @Test("An export through a link is the file that it leads to; one to standard output is nothing but the file")
  func exportThroughLinks() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 50)
    // A link of the test's own, for nothing of the system's is to be tried out.
    for (name, target) in [("link.lwr", "target.lwr"), ("out", "/dev/fd/1")] {
      try FileManager.default.createSymbolicLink(atPath: depot.folder.file(name), withDestinationPath: target)
    }
    let plain = try depot.leeway("export", "predictions", "--out", "plain.lwr")
    let linked = try depot.leeway("export", "predictions", "--out", "link.lwr")
    #expect(linked.status == 0 && linked.output == plain.output.replacing("plain.lwr", with: "link.lwr"), "\(linked)")
    #expect(try depot.bytes("target.lwr") == depot.bytes("plain.lwr"))

    let names = (try depot.folder.write("printed.lwr", ""), try depot.folder.write("errors", ""))
    let process = try TestProcess(
      Run.leeway, ["export", "predictions", "--out", "out"], in: depot.folder.path, output: names.0, errors: names.1)
    #expect(try process.wait(within: 60) == 0)
    #expect(try depot.bytes("printed.lwr") == depot.bytes("plain.lwr"))
    #expect(try Self.text(names.1) == plain.output.replacing("plain.lwr", with: "out"))
    for name in ["link.lwr", "out"] {
      #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: depot.folder.file(name))) != nil, "\(name)")
    }
  }
}
