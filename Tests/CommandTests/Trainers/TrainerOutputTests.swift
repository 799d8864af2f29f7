import Engine
import Events
import Foundation
import Models
import TestSupport
import Testing

@testable import leeway

/// What programs leave behind: read, or refused with the file, the line and what was expected.
struct TrainerOutputTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write("artifact", "bytes")
    try scratch.write("validation/rows.csv", "")
  }

  private func read(_ task: Models.Task = .binary, rows: Int = 3) throws -> TrainerOutput {
    try TrainerOutput(RunFolder(path: scratch.path), task: task, rows: rows)
  }

  private func refusal(_ task: Models.Task = .binary) -> String {
    do {
      _ = try read(task)
      return "taken"
    } catch {
      return "\(error)"
    }
  }

  @Test("Scores come as a table or as lines, and mean the same")
  func forms() throws {
    try scratch.write("metrics.json", #"{"trees":12,"gain":0.5}"#)
    try scratch.write("validation/scores.csv", "row,score\n0,0.25\n1,1e-3\n2,1\n")
    let table = try read()
    #expect(table.scores == [.number(0.25), .number(0.001), .number(1)])
    #expect(table.artifact == Array("bytes".utf8))
    #expect(table.reported.map(\.name) == ["trees", "gain"] && table.reported.map(\.value) == [12, 0.5])
    #expect(refusal(.regression) == "taken")
    try FileManager.default.removeItem(atPath: scratch.file("validation/scores.csv"))
    try scratch.write(
      "validation/scores.jsonl",
      "{\"row\":0,\"score\":0.25}\n{\"row\":1,\"score\":[0.001]}\r\n{\"score\":1.0,\"row\":2}")
    #expect(try read().scores == table.scores)
  }

  @Test("Golden rows are scored where there are any")
  func golden() throws {
    try scratch.write("validation/scores.csv", "row,score\n0,0.25\n1,0.5\n2,1\n")
    func golden(_ rows: Int) throws -> [Output] {
      try TrainerOutput(RunFolder(path: scratch.path), task: .binary, rows: 3, goldenRows: rows).goldenScores
    }
    #expect(try golden(0).isEmpty)
    #expect { try golden(2) } throws: { "\($0)".contains("neither golden/scores.csv nor") }
    try scratch.write("golden/scores.csv", "row,score\n0,0.75\n1,0.5\n")
    #expect(try golden(2) == [.number(0.75), .number(0.5)])
    #expect { try golden(3) } throws: { "\($0)".contains("3 are expected, one per golden row") }
  }

  @Test("Classes have a column each")
  func classes() throws {
    let task = Models.Task.multiclass(classes: ["a", "b,\"c"])
    try scratch.write("validation/scores.csv", "row,score.a,\"score.b,\"\"c\"\n0,0.25,0.75\n1,0,1\n2,0.3333,0.6667\n")
    #expect(try read(task).scores.first == .probabilities([0.25, 0.75]))
    try scratch.write("validation/scores.csv", "row,score.a,\"score.b,\"\"c\"\n0,0.25,0.75\n1,0.7,0.7\n2,1,0\n")
    #expect(refusal(task).contains("scores.csv:3: scores of sum 1.4; expected probabilities"))
  }

  static let bad: [(String, String)] = [
    ("", "scores.csv: the file holds no rows"),
    ("row,chance\n0,1\n", "scores.csv:1: the columns are row,chance; expected row,score"),
    ("row,score\n0,0.5\n1,0.5\n", "has 2 scores: 3 are expected"),
    ("row,score\n0,0.5\n1,0.5\n2,0.5\n3,0.5\n", "scores.csv:5: a score too many; expected 3 scores"),
    ("row,score\n0,0.5\n1,nan\n2,0.5\n", "scores.csv:3: score is \"nan\"; expected a finite number"),
    ("row,score\n0,0.5\n1,\n2,0.5\n", "scores.csv:3: score is \"\"; expected a finite number"),
    ("row,score\n0,0.5\n1,1e999\n2,0.5\n", "scores.csv:3"),
    ("row,score\n0,0.5\n1,1.5\n2,0.5\n", "scores.csv:3: a score of 1.5; expected a probability"),
    ("row,score\n0,0.5\n1,-0.1\n2,0.5\n", "scores.csv:3: a score of -0.1; expected a probability"),
    ("row,score\n0,0.5\n2,0.5\n1,0.5\n", "scores.csv:3: row 2; expected row 1"),
    ("row,score\n0,0.5\n0,0.5\n1,0.5\n", "scores.csv:3: row 0; expected row 1"),
    ("row,score\n0,0.5\nx,0.5\n2,0.5\n", "scores.csv:3: no number of a row"),
    ("row,score\n0,0.5\n1\n2,0.5\n", "scores.csv:3: 1 cells"),
    ("row,score\n0,0.5\n1,\"\n2,0.5\n", "scores.csv:3"),
  ]

  @Test("Tables that are not as they should be are refused by line", arguments: bad)
  func badTables(_ text: String, _ expected: String) throws {
    try scratch.write("validation/scores.csv", text)
    #expect(refusal().contains(expected), "\(refusal())")
  }

  @Test(
    "Lines too", arguments: ["nonsense", "[]", "{}", #"{"row":1,"score":null}"#, #"{"row":1,"score":[1,0]}"#, "\u{0}"])
  func badLines(_ line: String) throws {
    try scratch.write("validation/scores.jsonl", #"{"row":0,"score":1}"# + "\n" + line + "\n")
    #expect(refusal().contains("scores.jsonl:2: "), "\(refusal())")
  }

  @Test("What is not a file is not read")
  func strangers() throws {
    #expect(refusal().contains("neither validation/scores.csv nor"))
    try scratch.write("validation/scores.csv", "row,score\n0,1\n1,1\n2,1\n")
    #expect(refusal() == "taken")
    try scratch.write("validation/scores.jsonl", "")
    #expect(refusal().contains("one is expected"))
    try FileManager.default.removeItem(atPath: scratch.file("validation/scores.jsonl"))
    for bad in ["[]", "{\"a\":\"b\"}", "{\"a\":", "{\"a\":null}"] {
      try scratch.write("metrics.json", bad)
      #expect(refusal().contains("metrics.json: "), "\(refusal())")
    }
    try FileManager.default.removeItem(atPath: scratch.file("metrics.json"))
    let artifact = scratch.file("artifact")
    try scratch.write("artifact", "")
    #expect(refusal().contains("is empty"))
    try FileManager.default.removeItem(atPath: artifact)
    #expect(refusal().contains("left no file \"artifact\""))
    #expect(symlink("/etc/passwd", artifact) == 0)
    #expect(refusal().contains("is a link"))
    try FileManager.default.removeItem(atPath: artifact)
    #expect(mkfifo(artifact, 0o600) == 0)
    #expect(refusal().contains("is not a file"))
    try FileManager.default.removeItem(atPath: artifact)
    try FileManager.default.createDirectory(atPath: artifact, withIntermediateDirectories: false)
    #expect(refusal().contains("is not a file"))
  }

  @Test("Any bytes are read or refused")
  func fuzz() throws {
    let table = Array("row,score\n0,0.5\n1,0.25\n2,1\n".utf8)
    let lines = Array("{\"row\":0,\"score\":0.5}\n{\"row\":1,\"score\":1}\n{\"row\":2,\"score\":0}\n".utf8)
    for (name, good) in [("validation/scores.csv", table), ("validation/scores.jsonl", lines)] {
      Fuzz.run("trainer \(name)", [good], rounds: 500) { bytes in
        try scratch.write(name, bytes)
        for case .number(let score) in try read().scores { #expect((0...1).contains(score)) }
      }
      try FileManager.default.removeItem(atPath: scratch.file(name))
    }
  }
}
