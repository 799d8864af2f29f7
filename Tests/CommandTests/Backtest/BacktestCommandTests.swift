import Foundation
import TestSupport
import Testing

@testable import leeway

/// `leeway backtest` and `tune` as their users meet them.
@Suite struct BacktestCommandTests {
  private struct Report: Decodable {
    struct Policy: Decodable {
      struct Trigger: Decodable {
        let row: Int
        let rule: String
      }

      let name: String
      let metrics: [String: Double]
      let triggers: [Trigger]
      let versions: Int
      let rowsTrained: Int
      let trainSeconds: Double
    }

    let policies: [Policy]
    let rows: Int
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private static func rows(_ count: Int, labelled: Bool = true) -> [UInt8] {
    var random = SplitMix64(seed: 5)
    var text = "x,z,label\n"
    for _ in 0..<count {
      let x = random.uniform()
      text += "\(x),\(random.uniform()),\(labelled ? (x > 0.5 ? "1" : "0") : "")\n"
    }
    return Array(text.utf8)
  }

  private static let options = ["backtest", "--csv", "rows.csv", "--label", "label", "--label-delay", "20"]

  @Test(
    "the report is the same for one worker and for two, and its metrics are those of the predictions that are written")
  func report() throws {
    let scratch = try Scratch()
    try scratch.write("rows.csv", Self.rows(400))
    let base = Self.options + ["--baselines", "never,rows", "--every-rows", "100"]
    for (name, more) in [
      ("one", ["--workers", "1"]), ("two", ["--workers", "2"]), ("rows", ["--predictions", "p.csv"]),
    ] {
      let run = try Run.process(Run.leeway, base + more + ["--report", "\(name).json"], in: scratch.path)
      #expect(run.status == 0, "\(run.errors)")
    }
    let one = try Data(contentsOf: URL(fileURLWithPath: scratch.file("one.json")))
    #expect(try one == Data(contentsOf: URL(fileURLWithPath: scratch.file("two.json"))))
    #expect(try one == Data(contentsOf: URL(fileURLWithPath: scratch.file("rows.json"))))
    let report = try Self.decoder.decode(Report.self, from: one)
    #expect(report.rows == 400 && report.policies.map(\.name) == ["default", "never", "every 100 rows"])
    let lines = try String(contentsOfFile: scratch.file("p.csv"), encoding: .utf8).split(separator: "\n").dropFirst()
    for policy in report.policies {
      let own = lines.map { $0.split(separator: ",") }.filter { $0[0] == policy.name }
      let hits = own.count { row in (Double(row[3]) ?? .nan) >= 0.5 ? row[2] == "1" : row[2] == "0" }
      #expect(own.compactMap { Int($0[1]) } == Array(40..<400))
      #expect(policy.metrics["accuracy"] == Double(hits) / 360)
    }
    #expect(report.policies[1].versions == 1 && report.policies[1].triggers.isEmpty)
    #expect(report.policies[2].triggers.allSatisfy { $0.rule == "volume" } && report.policies[2].triggers.count >= 2)
  }

  @Test("what cannot be replayed ends with a sentence and status 1 or 2, and leaves no file behind")
  func refusals() throws {
    let scratch = try Scratch()
    try scratch.write("rows.csv", Self.rows(200))
    try scratch.write("unlabelled.csv", Self.rows(200, labelled: false))
    try scratch.write("bad.yaml", Array("monitor: {windw: 5s}\n".utf8))
    try scratch.write("bad.lwr", Array("no recording".utf8))
    try scratch.write("model.yaml", Array("models: [{name: m, task: binary}]\n".utf8))
    let cases: [(arguments: [String], status: Int32, says: String)] = [
      (Self.options + ["--policy", "bad.yaml"], 1, "windw"),
      (Self.options + ["--policy", "none.yaml"], 1, "none.yaml"),
      (["backtest", "--csv", "unlabelled.csv", "--label", "label"], 1, "no row has a label"),
      (["backtest", "--csv", "none.csv", "--label", "label"], 1, "none.csv"),
      (Self.options + ["--history-rows", "200"], 1, "history-rows"),
      (Self.options + ["--baselines", "oracle"], 2, "--changes"),
      (Self.options + ["--baselines", "sometimes"], 2, "no baseline sometimes"),
      (Self.options + ["--as-recorded"], 2, "--as-recorded"),
      (["backtest", "--recording", "bad.lwr", "--config", "model.yaml"], 1, "bad.lwr"),
      (["backtest", "--config", "model.yaml", "--log", "none.db"], 1, "none.db"),
      (["tune", "--csv", "rows.csv", "--label", "label", "--first", "2"], 2, "--first"),
      (["tune", "--csv", "rows.csv", "--label", "label", "--train-seconds", "nan"], 2, "--train-seconds"),
      (Self.options + ["--history-rows", "1"], 1, "leeway: policy default: no first version"),
      (["backtest", "--config", "model.yaml", "--from", "end"], 2, "--from end"),
      (["backtest", "--config", "model.yaml", "--from", "7", "--to", "7"], 2, "--from is not before --to"),
      (["backtest", "--config", "model.yaml", "--monitor-only", "--predictions", "p.csv"], 2, "--predictions"),
    ]
    for (arguments, status, says) in cases {
      let run = try Run.process(Run.leeway, arguments + ["--report", "report.json"], in: scratch.path)
      #expect(run.status == status, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(says), "\(arguments): \(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: scratch.file("report.json")))
    }
  }

  @Test("tune says how many trials it took, and reports on rows that none of them saw")
  func tune() throws {
    let scratch = try Scratch()
    try scratch.write("rows.csv", Self.rows(400))
    let arguments = [
      "tune", "--csv", "rows.csv", "--label", "label", "--label-delay", "20", "--trials", "3", "--report",
    ]
    for name in ["a.json", "b.json"] {
      let run = try Run.process(Run.leeway, arguments + [name], in: scratch.path)
      #expect(run.status == 0 && run.output.contains("3 trials on the first 200 rows"), "\(run.errors)\(run.output)")
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.file("a.json")))
    #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: scratch.file("b.json"))))
    struct Result: Decodable {
      struct Rest: Decodable { let servedFrom: Int }
      let rest: Rest
      let searchedRows: Int
    }
    let result = try Self.decoder.decode(Result.self, from: bytes)
    #expect(result.searchedRows == 200 && result.rest.servedFrom == 200)
  }
}
