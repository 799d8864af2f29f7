import Events
import Foundation
import Log
import TestSupport
import Testing

@testable import leeway

/// `leeway runs` and `leeway trigger --dry-run` beside a real engine.
@Suite("Processes: runs", .serialized)
struct RunsTests {
  private static let builtin = """
    topics: {partitions: 2}
    time: {pane: 10s, lateness: 0s, label_horizon: 60s}
    monitor: {drift: off, performance: off, volume: {labels: off}}
    models: [{name: m, task: TASK}]
    """

  private func station(_ configuration: String) throws -> Station {
    let station = try Station(configuration)
    var random = SplitMix64(seed: 8)
    let rows = Concept.rows(-400..<0, rule: 0, start: 1_700_000_000_000, step: 1_000, using: &random)
    try station.importHistory(rows)
    return station
  }

  /// The table's rows, each as its STATE and WHAT.
  private func states(_ station: Station) throws -> [String] {
    try station.leeway("runs", "--json").lines.map { line in
      let json = try JSON.read(Array(line.utf8)[...]) { (json) throws(EventError) in
        (try json.need("state").text(), try json["what"]?.text())
      }
      return json.1.map { "\(json.0): \($0)" } ?? json.0
    }
  }

  @Test("A cancelled run's program ends, and the records say who wanted it and why")
  func cancel() throws {
    let station = try station(
      """
      topics: {partitions: 2}
      train: {minimum_rows: 20}
      monitor: {drift: off, performance: off, volume: {labels: off}}
      models:
        - name: m
          trainer: {command: [sh, slow.sh], folder: ./runs}
      """)
    try station.folder.write(
      "slow.sh",
      "grep -q '\"trial\":true' \"$1/request.json\" && {\n\(ExternalRunTests.share)\nexit 0\n}\n"
        + "echo $$ >pid; exec sleep 600")
    #expect(try states(station) == ["waiting"])
    let engine = try station.start("run")
    func isAlive() -> Bool {
      guard let text = try? String(contentsOfFile: station.folder.file("pid"), encoding: .utf8),
        let id = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
      else { return false }
      return kill(id, 0) == 0
    }
    try wait(for: "the trainer", within: 60) { isAlive() }
    try station.leeway("trigger", "m")
    try wait(for: "the second trigger", within: 60) { try states(station) == ["open", "waiting"] }
    try station.leeway("runs", "cancel", "m", "--who", "ada", "--why", "the labels were wrong")
    try wait(for: "the trainer's end", within: 20) { !isAlive() }
    let said = "failed: cancelled by ada: the labels were wrong"
    try wait(for: "both ends", within: 20) { try states(station) == [said, said] }
    let again = try Run.leeway("runs", "cancel", "m", "--why", "again", in: station.folder.path)
    #expect(again.status == 1 && again.errors.contains("no run of m is open or waits"), "\(again.errors)")
    engine.terminate()
    #expect(try engine.end(within: 20).status == 0)
    #expect(try station.values(of: .deadletters).isEmpty)
  }

  @Test("A dry run tells what a run then does, and leaves the log as it is")
  func dryRun() throws {
    let station = try station(Self.builtin.replacing("TASK", with: "binary"))
    func records() throws -> [[TopicPartition: [StoredRecord]]] { try Topic.allCases.map(station.records) }
    let before = try records()
    let finished = try station.leeway("trigger", "m", "--dry-run")
    #expect(try records() == before)
    let engine = try station.leeway("run", "--until-idle")
    let version = try ModelRecord.decode(try #require(station.values(of: .models).last))
    #expect(engine.errors.contains("version 1 of m published (\(version.reason))"), "\(engine.errors)")
    let last = try #require(finished.lines.last)
    #expect(last == "would be  version 1 champion: \(version.reason)", "\(finished.output)")
    #expect(finished.output.contains("before it 1 run is open or waits"), "\(finished.output)")
    let loss = Figures.metric(try #require(version.challenger).loss)
    #expect(finished.output.contains("loss      challenger \(loss)\n"), "\(finished.output)")
  }

  @Test("Labels that the task does not take are found on ten rows")
  func wrongTask() throws {
    let station = try station(Self.builtin.replacing("TASK", with: "binary"))
    try station.folder.write("leeway.yaml", Self.builtin.replacing("TASK", with: "multiclass, classes: [a, b]"))
    let said = "before its rows were read, a trial on 10 of them showed: no label fits the task"
    let dry = try Run.leeway("trigger", "m", "--dry-run", in: station.folder.path)
    #expect(dry.status == 1 && dry.errors.contains(said), "\(dry.errors)")
    try station.leeway("run", "--until-idle", "--quiet")
    #expect(try states(station).first?.contains(said) == true)
  }
}
