import Foundation
import Models
import Testing

@testable import leeway

@Suite("Commands before a cluster that does not answer")
struct PatienceTests {
  /// Each would wait for half a minute.
  @Test(arguments: [["topics"], ["topics", "create"], ["tail", "models"], ["models", "list"]])
  func theyTellWhomTheyWaitFor(arguments: [String]) throws {
    let scratch = try Scratch()
    let servers = "127.0.0.1:\(try FakeServer.deadPort())"
    try scratch.write("leeway.yaml", "log: {kafka: {servers: '\(servers)'}}\nmodels: [{name: m}]\n")
    let child = try Child(arguments, in: scratch.path)
    try wait(for: "a word on the cluster", within: 20) { child.errors.contains("waiting for") }
    #expect(child.errors.hasPrefix("leeway: waiting for Kafka at \(servers)… ("), "\(child.errors)")
    #expect(child.kill())
  }

  @Test func anEngineTellsOfConnectionsInItsOwnWords() throws {
    let scratch = try Scratch()
    let servers = "127.0.0.1:\(try FakeServer.deadPort())"
    try scratch.write("leeway.yaml", "log: {kafka: {servers: '\(servers)'}}\nmodels: [{name: m}]\n")
    let child = try Child(["run"], in: scratch.path)
    try wait(for: "a word on the cluster", within: 20) { child.errors.contains("is not reachable") }
    #expect(child.errors.split(separator: "\n").count == 1, "\(child.errors)")
    #expect(child.kill())
  }

  @Test func listsMayBeGivenSeveralTimes() throws {
    let scratch = try Scratch()
    let rows = (0..<60).map { "\($0 % 3),\($0 % 5),\($0 % 2),\($0 % 2)" }
    try scratch.write("rows.csv", "a,b,c,label\n" + rows.joined(separator: "\n") + "\n")
    func learned(_ lists: String...) throws -> [String] {
      let made = try Run.process(
        Run.leeway, ["learn", "--csv", "rows.csv", "--label", "label", "--out", "m.bin"] + lists, in: scratch.path)
      #expect(made.status == 0, "\(made.errors)")
      return try ModelFile.read(scratch.file("m.bin")).model.schema.columns.map { "\($0.name) \($0.kind.rawValue)" }
    }
    let together = try learned("--categorical", "a,b", "--drop", "c")
    #expect(together == ["a categorical", "b categorical"])
    #expect(try learned("--categorical", "a", "--drop", "c", "--categorical", "b, a") == together)
    let both = try Run.process(
      Run.leeway,
      ["learn", "--csv", "rows.csv", "--label", "label", "--categorical", "a", "--numeric", "b", "--numeric", "a"],
      in: scratch.path)
    #expect(both.status == 2 && both.errors.contains("--categorical and --numeric both name a"), "\(both.errors)")
  }
}
