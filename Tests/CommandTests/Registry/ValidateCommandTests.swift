import Events
import Foundation
import TestSupport
import Testing

@testable import leeway

/// `leeway models validate` on models that `leeway learn` made of parts of a stream, and on what is none.
@Suite("Command models validate")
struct ValidateCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    // The label follows x where g is u, and the opposite of it where g is v.
    for (name, count, seed) in [("long", 3_000, 1), ("short", 60, 2), ("new", 3_000, 3), ("few", 100, 4)] {
      try scratch.write("\(name).csv", Self.rows(count, seed: UInt64(seed)).text)
    }
    try scratch.write("turned.csv", Self.rows(3_000, seed: 5, isTurned: true).text)
    for name in ["long", "short", "turned"] {
      let learned = try leeway("learn", "--csv", "\(name).csv", "--label", "y", "--drop", "t", "--out", name)
      try #require(learned.status == 0, "\(learned.errors)")
    }
  }

  private func leeway(_ arguments: String...) throws -> Finished {
    try Run.process(Run.leeway, arguments, in: scratch.path)
  }

  private func validate(_ arguments: String...) throws -> Finished {
    try Run.process(Run.leeway, ["models", "validate"] + arguments + ["--label", "y"], in: scratch.path)
  }

  private func record(_ arguments: String...) throws -> [String: Any] {
    let result = try Run.process(
      Run.leeway, ["models", "validate"] + arguments + ["--label", "y", "--json"], in: scratch.path)
    try #require(result.status == 0, "\(arguments): \(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  /// - Parameter isTurned: whether the label is the opposite where g is v.
  private static func rows(_ count: Int, seed: UInt64, isTurned: Bool = false) -> MadeFile {
    var file = MadeFile("t,x,g,y", seed: seed)
    file.add(count) { row, chance in
      let x = chance.normal()
      let group = chance.below(4) == 0 ? "v" : "u"
      let isOne = (x + 0.5 * chance.normal() > 0) != (isTurned && group == "v")
      return "\(1_700_000_000 + row),\(x),\(group),\(isOne ? 1 : 0)"
    }
    return file
  }

  @Test("better is promoted, worse is rejected, equal does no harm, and too few rows are undecided; --time sorts")
  func outcomes() throws {
    let better = try record("short", "long", "--data", "new.csv")
    #expect(better["outcome"] as? String == "promote" && better["rows"] as? Int == 3_000, "\(better)")
    let worse = try record("long", "short", "--data", "new.csv")
    #expect(worse["outcome"] as? String == "reject", "\(worse)")
    #expect(worse["champion"] as? Double == better["challenger"] as? Double)
    let equal = try record("long", "long", "--data", "new.csv")
    #expect((equal["difference"] as? [String: Any])?["value"] as? Double == 0)
    #expect(equal["outcome"] as? String == "promote", "\(equal)")
    let few = try record("short", "long", "--data", "few.csv")
    #expect(few["outcome"] as? String == "shadow" && few["rows"] as? Int == 100)

    let lines = try String(contentsOfFile: scratch.file("new.csv"), encoding: .utf8).split(separator: "\n")
    try scratch.write("back.csv", (lines.prefix(1) + lines.dropFirst().reversed()).joined(separator: "\n") + "\n")
    let sorted = try validate("short", "long", "--data", "new.csv", "--time", "t", "--json")
    #expect(try validate("short", "long", "--data", "back.csv", "--time", "t", "--json").output == sorted.output)
    #expect(try validate("short", "long", "--data", "back.csv", "--json").output != sorted.output)
  }

  @Test("a segment that got worse blocks, by the rule of the configuration; the text says the same as the JSON")
  func segments() throws {
    try scratch.write("leeway.yaml", "gate: {segments: {protected: [g=v]}}\n")
    let text = try validate("long", "turned", "--data", "new.csv", "--segment", "g")
    #expect(text.status == 0 && text.errors.isEmpty, "\(text.errors)")
    #expect(text.lines.first?.hasPrefix("turned is rejected: worse where g is \"v\"") == true, "\(text.output)")
    for said in ["mean loss (log_loss)", "to score a row", "artifact bytes", "g=v (protected)", "evidence that it is"] {
      #expect(text.output.contains(said), "\(said)")
    }
    let record = try record("long", "turned", "--data", "new.csv", "--segment", "g")
    let segments = try #require(record["segments"] as? [[String: Any]])
    #expect(segments.map { $0["value"] as? String } == ["u", "v"] && segments[1]["verdict"] as? String == "broken")
    let without = try validate("long", "long", "--data", "new.csv")
    #expect(without.status == 0 && without.errors.contains("--segment g"))
    #expect(without.output.contains("not proven not to be worse where g is \"v\""))
  }

  @Test("golden rows of a file, or of the configuration's, may not be forgotten")
  func golden() throws {
    // Rows of the second group alone, of which one model learned the opposite.
    let lines = try String(contentsOfFile: scratch.file("new.csv"), encoding: .utf8).split(separator: "\n")
    let golden = lines.prefix(1) + lines.dropFirst().filter { $0.contains(",v,") }.prefix(60)
    try scratch.write("golden.csv", golden.joined(separator: "\n") + "\n")
    let text = try validate("long", "turned", "--data", "few.csv", "--golden", "golden.csv")
    #expect(text.lines.first?.hasPrefix("turned is rejected: forgets the golden set") == true, "\(text.output)")
    #expect(text.output.contains("mean loss on 60 golden rows"))
    try scratch.write("leeway.yaml", "gate: {golden: {file: golden.csv, label: y}}\n")
    let record = try record("long", "turned", "--data", "few.csv")
    #expect((record["golden"] as? [String: Any])?["verdict"] as? String == "broken", "\(record)")
    try scratch.write("leeway.yaml", "gate: {golden: {rows: [{partition: 0, first: 1, end: 2}]}}\n")
    #expect(try validate("long", "turned", "--data", "few.csv").errors.contains("--golden"))
    #expect(try validate("long", "long", "--data", "few.csv", "--golden", "none.csv").status == 1)
  }

  @Test("a regression is judged by shares of what the champion's first errors say is large")
  func regression() throws {
    for (name, count, seed) in [("a", 2_000, 6), ("b", 40, 7), ("d", 2_000, 8)] {
      var file = MadeFile("x,y", seed: UInt64(seed))
      file.add(count) { _, chance in
        let x = chance.normal()
        return "\(x),\(300 * x + 30 * chance.normal())"
      }
      try scratch.write("\(name).csv", file.text)
      #expect(try leeway("learn", "--csv", "\(name).csv", "--label", "y", "--out", name).status == 0)
    }
    let better = try record("b", "a", "--data", "d.csv")
    #expect(better["measure"] as? String == "absolute_error" && better["rows"] as? Int == 1_800)
    #expect(better["outcome"] as? String == "promote", "\(better)")
    let loss = try #require(better["champion"] as? Double)
    #expect((0...1).contains(loss))
    #expect(try validate("b", "a", "--data", "d.csv").output.contains("the first 200 rows only say"))
  }

  @Test("versions in the log are judged by their model's gate, and what cannot be compared is said")
  func refusals() throws {
    try scratch.write("leeway.yaml", "models: [{name: m, drop: [t], gate: {rows: 50000}}]\n")
    #expect(try leeway("topics", "create").status == 0)
    for arguments in [
      ["produce", "examples", "--model", "m", "--label", "y", "--csv", "long.csv"], ["trigger", "m"],
      ["run", "--until-idle"],
    ] {
      let result = try Run.process(Run.leeway, arguments, in: scratch.path)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
    }
    let known = try validate("champion", "short", "--model", "m", "--data", "new.csv")
    #expect(known.status == 0 && known.output.contains("m version 1"), "\(known.errors)")
    #expect(known.output.contains("at least 50000 rows are wanted"))

    try scratch.write("garbage", "no model")
    try scratch.write("names.csv", "x,g,y\n1,u,maybe\n")
    try scratch.write("blank.csv", "x,g,y\n1,u,\n")
    try scratch.write("narrow.csv", "x,y\n1,0\n")
    try scratch.write("line.csv", "x,y\n" + (0..<40).map { "\(7 * $0 % 40),\($0).5\n" }.joined())
    #expect(try leeway("learn", "--csv", "line.csv", "--label", "y", "--out", "line").status == 0)
    let cases: [([String], String)] = [
      (["garbage", "long", "--data", "new.csv"], "garbage"), (["none", "long", "--data", "new.csv"], "none"),
      (["1", "long", "--data", "new.csv"], "--model"),
      (["2", "long", "--model", "m", "--data", "new.csv"], "version 2"),
      (["short", "long", "--data", "none.csv"], "none.csv"), (["short", "long", "--data", "garbage"], "no column"),
      (["short", "long", "--data", "names.csv"], "maybe"),
      (["short", "long", "--data", "blank.csv"], "no row has a label"),
      (["short", "long", "--data", "narrow.csv"], "no column g"),
      (["short", "line", "--data", "new.csv"], "regression"),
      (["short", "long", "--data", "new.csv", "--segment", "q"], "no column q"),
      (["short", "long", "--data", "new.csv", "--time", "g"], "reads column g"),
    ]
    for (arguments, said) in cases {
      let result = try Run.process(
        Run.leeway, ["models", "validate", "--label", "y"] + arguments, in: scratch.path)
      #expect(result.status == 1 && result.output.isEmpty, "\(arguments): \(result.output)")
      #expect(result.errors.contains(said), "\(arguments): \(result.errors)")
    }
    let label = try leeway("models", "validate", "short", "long", "--data", "new.csv", "--label", "z")
    #expect(label.status == 1 && label.errors.contains("no column z"))
  }
}
