import Events
import Foundation
import LeewayClient
import Log
import TestSupport
import Testing

@testable import leeway

/// Runs of the engine with a program as the trainer, from rows in the log to versions in the subscriber's hands.
@Suite("Processes: external trainers", .serialized)
struct ExternalRunTests {
  /// Says for every row what share of the learned rows was positive.
  static let share = """
    p=$(awk -F, 'NR>1{s+=$6;n++}END{printf "%.6f", (s+1)/(n+2)}' "$1/training/rows.csv")
    printf "$p" >"$1/artifact"
    awk -F, -v p="$p" 'BEGIN{print "row,score"} NR>1{print $1","p}' "$1/validation/rows.csv" \
      >"$1/validation/scores.csv"
    echo '{"share":'$p'}' >"$1/metrics.json"
    echo "share $p"
    """

  private static let start: Milliseconds = 1_700_000_000_000

  static func station(
    _ command: String, limits: String = "{seconds: 60}", more: String = "", golden: String = "off"
  ) throws -> Station {
    try Station(
      """
      topics: {partitions: 2}
      time: {pane: 10s, lateness: 0s, label_horizon: 60s}
      train: {minimum_rows: 20}
      gate: {rows: 20, tolerance: 100%, alpha: 1, golden: \(golden)}
      monitor: {drift: off, performance: off, volume: {labels: off}}
      models:
        - name: m
          trainer: {command: \(command), folder: ./runs, keep: 3, limits: \(limits)\(more)}
      """)
  }

  private func station(_ script: String, limits: String = "{seconds: 60}") throws -> Station {
    let station = try Self.station("[sh, train.sh]", limits: limits)
    try station.folder.write("train.sh", script)
    return station
  }

  /// Fifty rows of a rule: the first version learns 0, the second 1.
  static func writeGolden(_ station: Station, rule: Int) throws {
    var random = SplitMix64(seed: 7)
    let rows = Concept.rows(1_000..<1_050, rule: rule, start: start, step: 1_000, using: &random)
    try station.folder.write("golden.csv", Concept.csv(rows, columns: ["label"]))
  }

  private func importRows(_ station: Station) throws {
    var random = SplitMix64(seed: 8)
    try station.importHistory(Concept.rows(-400..<0, rule: 0, start: Self.start, step: 1_000, using: &random))
  }

  /// Rows of another rule, as the champion of this share scored them in production.
  static func serve(_ station: Station, score: Double) throws {
    var random = SplitMix64(seed: 9)
    let rows = Concept.rows(0..<600, rule: 1, start: start, step: 1_000, using: &random)
    try station.append(
      rows.map { row in
        let prediction = Prediction(
          id: row.id, model: "m", version: 1, time: row.time, features: row.features, score: .number(score))
        return (row.id, row.time, prediction.encoded())
      }, to: .predictions)
    try station.append(
      rows.map { row in
        let label = Label(prediction: row.id, model: "m", time: row.time, value: .number(Double(row.label)))
        return (row.id, row.time, label.encoded())
      }, to: .labels)
    try station.leeway("run", "--until-idle", "--finish", "--quiet")
    try station.leeway("trigger", "m")
    try station.leeway("run", "--until-idle", "--quiet", within: 120)
  }

  static func champion(_ station: Station) throws -> ExternalModel {
    let log = try station.log
    defer { log.close() }
    let subscriber = ModelSubscriber(log: log, models: [Station.model])
    defer { subscriber.close() }
    let changes = try subscriber.poll()
    guard case .external(let model)? = changes.last else {
      throw TestFailure("no champion of a trainer outside: \(changes)")
    }
    return model
  }

  struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  static func finished(_ station: Station) throws -> [RunFinished] {
    try station.values(of: .runs).compactMap { value in
      if case .finished(let run) = try RunRecord.decode(value) { run } else { nil }
    }
  }

  private func failure(_ script: String, limits: String = "{seconds: 60}") throws -> String {
    let station = try station(script, limits: limits)
    try importRows(station)
    try station.leeway("run", "--until-idle", "--quiet")
    let runs = try Self.finished(station)
    #expect(runs.count == 1)
    return runs.first?.failure ?? "no failure"
  }

  @Test("Two versions of a script are published, the second judged by what the first said in production")
  func session() throws {
    let station = try station(Self.share)
    try importRows(station)
    try station.leeway("run", "--until-idle", "--quiet")
    let first = try Self.champion(station)
    #expect(first.version == 1 && first.record.family == "external")
    let share = try #require(Double(String(decoding: first.artifact, as: UTF8.self)))
    #expect((0.02...0.25).contains(share))
    try Self.serve(station, score: share)
    let second = try Self.champion(station)
    #expect(second.version == 2 && second.record.parent == 1)
    let run = try #require(try Self.finished(station).last?.result)
    #expect(run.unpairedRows == 0 && run.champion?.rows == run.validatedRows && run.validatedRows > 30)
    #expect(run.reported.map(\.name) == ["share"])
    #expect(run.challenger.loss < (run.champion?.loss ?? 0))

    let folder = "runs/m/"
    let names = try FileManager.default.contentsOfDirectory(atPath: station.folder.file(folder)).sorted()
    #expect(names.count == 2 && names.allSatisfy { $0.hasPrefix("version-00000") }, "\(names)")
    let last = station.folder.file(folder + (names.last ?? ""))
    #expect(try String(contentsOfFile: last + "/log.txt", encoding: .utf8).hasPrefix("share 0."))
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: last + "/champion"))) == first.artifact)

    let file = station.folder.file("exported")
    try station.leeway("models", "export", "m", "1", "--output", file)
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: file))) == first.artifact)
  }

  @Test("A program that scores golden rows far worse than its champion's did is rejected")
  func golden() throws {
    let station = try Self.station("[sh, train.sh]", golden: "{file: golden.csv, label: label}")
    try Self.writeGolden(station, rule: 0)
    // The first version says .1 of the golden rows, the second .9.
    let script =
      Self.share + """

        grep -q '"parent"' "$1/request.json" && g=0.9 || g=0.1
        awk -F, -v g=$g 'BEGIN{print "row,score"} NR>1{print $1","g}' "$1/golden/rows.csv" >"$1/golden/scores.csv"
        """
    try station.folder.write("train.sh", script)
    try importRows(station)
    try station.leeway("run", "--until-idle", "--quiet")
    #expect(try Self.champion(station).version == 1)
    try Self.serve(station, score: 0.1)
    let gate = try #require(try Self.finished(station).last?.result?.gate)
    #expect(gate.outcome == .reject && gate.golden?.rows == 50 && gate.golden?.verdict == .broken, "\(gate.reason)")
    #expect(try Self.champion(station).version == 1)
  }

  @Test("The same run gives the same folder, byte for byte")
  func determinism() throws {
    let station = try station(Self.share)
    try importRows(station)
    let copy = try station.copy()
    var contents: [[String: Data]] = []
    for each in [station, copy] {
      try each.leeway("run", "--until-idle", "--quiet")
      let root = each.folder.file("runs/m")
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: root).first)
      let files = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(name)")
      contents.append(
        Dictionary(
          uniqueKeysWithValues: files.compactMap { file in
            FileManager.default.contents(atPath: "\(root)/\(name)/\(file)").map { ("\(name)/\(file)", $0) }
          }))
    }
    #expect(contents[0].count == 10 && contents[0] == contents[1], "\(contents.map { $0.keys.sorted() })")
  }

  @Test("A program that cannot work costs a trial on ten rows, and its last words are told")
  func brokenCode() throws {
    let failure = try failure("echo 'no module named x' >&2; exit 3")
    #expect(failure.contains("before any data was read, a trial showed: the trainer's trial on 8 rows"))
    #expect(failure.contains("ended with status 3") && failure.hasSuffix("no module named x"), "\(failure)")
  }

  @Test("What fails on the run's own rows fails the run")
  func failures() throws {
    let trial = "grep -q '\"trial\":true' \"$1/request.json\" && { \(Self.share)\nexit 0; }\n"
    #expect(try failure(trial + "true").contains("left no file \"artifact\""))
    #expect(try failure(trial + "exit 3").contains("the trainer ended with status 3"))
    #expect(try failure(trial + "kill -9 $$").contains("was ended by signal 9"))
    #expect(try failure(trial + "sleep 600", limits: "{seconds: 1}").contains("it ran for more than 1 s"))
    let miscounted = try failure(trial + Self.share + "\nsed -i.bak '$d' \"$1/validation/scores.csv\"")
    #expect(miscounted.contains("are expected, one per validation row"), "\(miscounted)")
    let wrong = try failure(trial + Self.share + "\nsed -i.bak 's/^3,.*/3,nan/' \"$1/validation/scores.csv\"")
    #expect(wrong.contains("scores.csv:5: score is \"nan\"; expected a finite number"), "\(wrong)")
  }

  /// Once per run that is not the trial: writes the process's number down and waits.
  private static let slow = """
    if ! grep -q '"trial":true' "$1/request.json" && [ ! -e "$1/../../../go" ]; then
      echo $$ >"$1/../../../pid"
      exec sleep 600
    fi
    \(share)
    """

  private func isAlive(_ station: Station) -> Bool {
    guard let text = try? String(contentsOfFile: station.folder.file("pid"), encoding: .utf8),
      let id = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
    else { return false }
    return kill(id, 0) == 0
  }

  @Test(
    "An engine that stops, or is killed, takes its trainer along, and the run is repeated", arguments: [false, true])
  func restart(isKilled: Bool) throws {
    let station = try station(Self.slow)
    try importRows(station)
    let engine = try station.start("run")
    try wait(for: "the trainer", within: 60) { isAlive(station) }
    if isKilled { engine.kill() } else { engine.terminate() }
    if !isKilled { #expect(try engine.end(within: 20).status == 0) }
    try wait(for: "the trainer's end", within: 10) { !isAlive(station) }
    #expect(try Self.finished(station).isEmpty)
    try station.folder.write("go", "")
    try station.leeway("run", "--until-idle", "--quiet")
    #expect(try Self.champion(station).version == 1)
    #expect(try Self.finished(station).map(\.failure) == [nil])
  }
}
