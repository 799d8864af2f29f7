import Foundation
import TestSupport
import Testing

@testable import leeway

/// `leeway models export --format onnx` and `leeway models card`, of a version in a log and of a file.
@Suite("Commands models export and models card")
struct ExportCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func leeway(_ arguments: String...) throws -> Finished {
    try Run.process(Run.leeway, arguments, in: scratch.path)
  }

  private func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))) }

  /// The label follows x; k has a name that Markdown would take for a table's edge.
  private func rows(_ count: Int) -> String {
    var random = SplitMix64(seed: 5)
    var text = "x,k,y\n"
    for _ in 0..<count {
      let x = random.normal()
      text += "\(x),\(random.below(3) == 0 ? "a|b" : "c"),\(x > 0 ? 1 : 0)\n"
    }
    return text
  }

  /// A log with version 1 of `m`, and version 2 where there are more rows to learn.
  private func publish(versions: Int) throws {
    try scratch.write("leeway.yaml", "models: [{name: m}]\n")
    try scratch.write("rows.csv", rows(300))
    #expect(try leeway("topics", "create").status == 0)
    for _ in 0..<versions {
      for arguments in [
        ["produce", "examples", "--model", "m", "--label", "y", "--csv", "rows.csv"], ["trigger", "m"],
        ["run", "--until-idle"],
      ] {
        let result = try Run.process(Run.leeway, arguments, in: scratch.path)
        #expect(result.status == 0, "\(arguments): \(result.errors)")
      }
    }
  }

  private func object(_ text: String) throws -> [String: [String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [String: Any]])
  }

  @Test(
    "A version is exported as the artifact it is or as ONNX, and a file of its artifact gives the same but for names")
  func formats() throws {
    try publish(versions: 1)
    #expect(try leeway("models", "export", "m", "1", "--out", "m.bin").status == 0)
    let onnx = try leeway("models", "export", "m", "--format", "onnx", "--out", "m.onnx")
    #expect(onnx.status == 0 && onnx.output.contains("m version 1 as ONNX"), "\(onnx.errors)")
    #expect(try leeway("models", "export", "m", "1", "--format", "onnx", "-o", "again.onnx").status == 0)
    #expect(try bytes("m.onnx") == bytes("again.onnx"))
    let file = try leeway("models", "export", "--artifact", "m.bin", "--format", "onnx", "--out", "file.onnx")
    #expect(file.status == 0, "\(file.errors)")
    // The same checksum stands in both, and the same weights; only name and version differ.
    let checksum = try #require(
      try object(leeway("models", "card", "m", "--json").output)["model"]?["sha256"] as? String)
    for name in ["m.onnx", "file.onnx"] { #expect(try bytes(name).range(of: Data(checksum.utf8)) != nil) }
    #expect(try abs(bytes("m.onnx").count - bytes("file.onnx").count) < 60)
    #expect(try leeway("models", "export", "--artifact", "m.bin", "--out", "copy.bin").status == 0)
    #expect(try bytes("copy.bin") == bytes("m.bin"))
  }

  @Test("What cannot be exported is refused, and no file is left")
  func refusals() throws {
    try scratch.write("rows.csv", rows(100))
    #expect(try leeway("learn", "--csv", "rows.csv", "--label", "y", "--hashed", "k", "--out", "model").status == 0)
    let cases: [([String], Int32, String)] = [
      (["--artifact", "model", "--format", "onnx"], 1, "hashed"),
      (["--artifact", "rows.csv"], 1, "not a model artifact"),
      (["--artifact", "none"], 1, "none"), (["m", "--artifact", "model"], 64, "either"), ([], 64, "either"),
      (["--artifact", "model", "--trusted-key", "k"], 64, "no signature"),
      (["--artifact", "model", "--format", "pickle"], 64, "pickle"),
    ]
    for (arguments, status, said) in cases {
      let result = try Run.process(Run.leeway, ["models", "export", "--out", "out"] + arguments, in: scratch.path)
      #expect((result.status == 1) == (status == 1) && result.status != 0, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(said), "\(arguments): \(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: scratch.file("out")))
    }
  }

  @Test("A card has the ranges, metrics and lineage that stand in the record, the same facts in both forms")
  func card() throws {
    try publish(versions: 2)
    let json = try object(leeway("models", "card", "m", "1", "--json").output)
    let record = try #require(
      try JSONSerialization.jsonObject(with: Data(leeway("models", "show", "m", "1", "--json").output.utf8))
        as? [String: Any])
    #expect(json["model"]?["version"] as? Int == 1 && json["model"]?["task"] as? String == "binary")
    #expect(json["model"]?["sha256"] as? String == record["artifact"] as? String)
    #expect(json["lineage"]?["rows_hash"] as? String == record["rows_hash"] as? String)
    #expect(json["lineage"]?["rows_learned"] as? Int == record["trained_rows"] as? Int)
    let challenger = try #require(record["challenger"] as? [String: Any])
    let metrics = try #require(json["metrics"]?["held_out"] as? [[String: Any]])
    #expect(metrics.first?["loss"] as? Double == challenger["loss"] as? Double)
    let columns = try #require(json["data"]?["columns"] as? [[String: Any]])
    #expect(columns.map { $0["name"] as? String } == ["x", "k"])
    #expect(columns.map { $0["kind"] as? String } == ["numeric", "categorical"])
    let smallest = try #require(columns[0]["minimum"] as? Double)
    let low = try #require(columns[0]["low"] as? Double)
    #expect(smallest < low && low < -1 && columns[1]["minimum"] == nil && columns[1]["levels"] as? Int == 2)
    let names = try #require(json["data"]?["frequent_names"] as? [[String: Any]])
    #expect(names.map { $0["name"] as? String } == ["c", "a|b"])

    let text = try leeway("models", "card", "m", "1").output
    #expect(text.hasPrefix("# Model card: m version 1\n\n## Model\n"))
    for part in ["## Data", "## Metrics", "## Lineage", "| x | numeric |", #"| k | a\|b |"#] {
      #expect(text.contains(part), "\(part) is not in \(text)")
    }
    // Each row of a table has as many cells as its header.
    for table in text.components(separatedBy: "\n\n") where table.hasPrefix("|") {
      let edges = table.replacingOccurrences(of: #"\|"#, with: "").split(separator: "\n").map { $0.count { $0 == "|" } }
      #expect(Set(edges).count == 1, "\(table)")
    }
  }

  @Test("A card of a file says what the artifact says, and nothing of a log")
  func cardOfFile() throws {
    try scratch.write("rows.csv", rows(400))
    #expect(try leeway("learn", "--csv", "rows.csv", "--label", "y", "--out", "model").status == 0)
    let json = try object(leeway("models", "card", "--artifact", "model", "--json").output)
    #expect(Set(json.keys) == ["model", "reading", "data", "lineage"])
    #expect(json["lineage"]?["rows_learned_in_all"] as? Int == 400 && json["model"]?["version"] == nil)
    let columns = try #require(json["data"]?["columns"] as? [[String: Any]])
    let mean = try #require(columns[0]["mean"] as? Double)
    let deviation = try #require(columns[0]["deviation"] as? Double)
    #expect(abs(mean) < 0.2 && abs(deviation - 1) < 0.15 && columns[0]["minimum"] == nil)
    #expect(try leeway("models", "card", "--artifact", "rows.csv").status == 1)
  }
}
