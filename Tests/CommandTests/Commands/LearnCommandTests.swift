import Foundation
import TestSupport
import Testing

@testable import leeway

/// `leeway learn` as a process: its report, its model, its scores, and what it says of files that nobody means.
@Suite("Command learn")
struct LearnCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func learn(_ arguments: String..., input: [UInt8] = []) throws -> Finished {
    try Run.process(Run.leeway, ["learn"] + arguments, input: input, in: scratch.path)
  }

  /// The figures, each of them finite, of the rows of `--predictions`.
  private func scores(_ name: String) throws -> [(row: String, label: String, scores: [Double])] {
    let lines = try String(contentsOfFile: scratch.file(name), encoding: .utf8).split(separator: "\n").dropFirst()
    return try lines.map { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let scores = try cells.dropFirst(2).map { try #require(Double($0)) }
      let isFinite = scores.allSatisfy { $0.isFinite }
      #expect(!scores.isEmpty && isFinite, "\(line)")
      return (cells[0], cells[1], scores)
    }
  }

  private func report(_ text: String) throws -> (fields: [String: Any], metrics: [String: Double]) {
    let fields = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let metrics = try #require(fields["metrics"] as? [String: Double])
    let isFinite = metrics.values.allSatisfy { $0.isFinite }
    #expect(isFinite, "\(text)")
    return (fields, metrics)
  }

  /// The label follows x, and which of three names k holds. `cells` may spoil the three cells of a row.
  private static func rows(
    _ count: Int, seed: UInt64 = 1, _ spoil: (Int, inout [String], inout SplitMix64) -> Void = { _, _, _ in }
  ) -> MadeFile {
    var file = MadeFile("x,k,y", seed: seed)
    file.add(count) { row, chance in
      let x = chance.normal()
      let name = ["u", "v", "w"][Int(chance.next() % 3)]
      var cells = ["\(x)", name, x + (name == "u" ? 1 : 0) > 0 ? "1" : "0"]
      spoil(row, &cells, &chance)
      return cells.joined(separator: ",")
    }
    return file
  }

  @Test("The report has the promised fields and no others, on standard output and in a file, packed or not")
  func fields() throws {
    let text = Self.rows(400).text
    try scratch.write("a.csv.gz", gzip(Array(text.utf8)))
    try scratch.write("n.csv", text.replacingOccurrences(of: ",1\n", with: ",2.5\n"))
    try scratch.write("m.csv", text.replacingOccurrences(of: "w,1\n", with: "w,\"w, \"\"one\"\"\"\n"))
    let cases: [([String], task: String, metrics: Set<String>)] = [
      (["--csv", "a.csv.gz"], "binary", ["accuracy", "log_loss", "auc"]),
      (["--csv", "-"], "binary", ["accuracy", "log_loss", "auc"]),
      (["--csv", "n.csv", "--task", "regression"], "regression", ["mae", "rmse"]),
      (["--csv", "m.csv"], "multiclass", ["accuracy", "log_loss"]),
    ]
    for (arguments, task, metrics) in cases {
      let result = try Run.process(
        Run.leeway, ["learn", "--label", "y", "--json", "--report", "r.json", "--predictions", "p.csv"] + arguments,
        input: Array(text.utf8), in: scratch.path)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
      let found = try report(result.output)
      #expect(
        Set(found.fields.keys) == [
          "rows", "scored_rows", "learned_rows", "task", "family", "label_delay", "publish_every", "metrics",
          "seconds", "rows_per_second",
        ])
      #expect(Set(found.metrics.keys) == metrics)
      #expect(found.fields["rows"] as? Int == 400 && found.fields["scored_rows"] as? Int == 360)
      #expect(found.fields["learned_rows"] as? Int == 400 && found.fields["task"] as? String == task)
      #expect(found.fields["family"] as? String == "mixture" && found.fields["rows_per_second"] as? Double ?? 0 > 0)
      #expect(try String(contentsOfFile: scratch.file("r.json"), encoding: .utf8) + "\n" == result.output)
    }
    let head = try String(contentsOfFile: scratch.file("p.csv"), encoding: .utf8).split(separator: "\n")[0]
    #expect(head == "row,label,score_0,score_1,\"score_w, \"\"one\"\"\"")
    let plain = try learn("--csv", "-", "--label", "y", input: Array(text.utf8))
    #expect(plain.lines.first == "standard input: 400 rows, each learned at once")
  }

  @Test("Metrics are those of the rows after the first tenth, computed from --predictions by themselves")
  func metrics() throws {
    try scratch.write("a.csv", Self.rows(400).text)
    let result = try learn("--csv", "a.csv", "--label", "y", "--json", "--predictions", "p.csv")
    let metrics = try report(result.output).metrics
    let rows = try scores("p.csv")
    #expect(rows.map(\.row) == (0..<400).map(String.init))
    let judged = rows.dropFirst(40).map { (isOne: $0.label == "1", score: $0.scores[0]) }
    let hits = judged.count { $0.isOne == ($0.score >= 0.5) }
    let loss = judged.reduce(0) { $0 - log($1.isOne ? $1.score : 1 - $1.score) } / 360
    var (wins, pairs) = (0.0, 0.0)
    for one in judged where one.isOne {
      for zero in judged where !zero.isOne {
        wins += one.score > zero.score ? 1 : one.score == zero.score ? 0.5 : 0
        pairs += 1
      }
    }
    #expect(abs(try #require(metrics["accuracy"]) - Double(hits) / 360) < 1e-12)
    #expect(abs(try #require(metrics["log_loss"]) - loss) < 1e-9)
    #expect(abs(try #require(metrics["auc"]) - wins / pairs) < 1e-12)
    // What it has to learn is nearly straight: a learner that learns nothing has .6 and .5.
    #expect(metrics["accuracy"] ?? 0 > 0.9 && metrics["auc"] ?? 0 > 0.97)
  }

  @Test("The same seed and rows give the same model and scores, another seed others; --warm-start goes on from --out")
  func bytes() throws {
    let all = Self.rows(300)
    try scratch.write("all.csv", all.text)
    try scratch.write("first.csv", all.lines[...200].joined(separator: "\n") + "\n")
    try scratch.write("second.csv", ([all.lines[0]] + all.lines[201...]).joined(separator: "\n") + "\n")
    func model(_ file: String, _ out: String, _ more: [String] = []) throws -> Data {
      let arguments = ["learn", "--csv", file, "--label", "y", "--out", out, "--predictions", out + ".csv"] + more
      let result = try Run.process(Run.leeway, arguments, in: scratch.path)
      #expect(result.status == 0, "\(result.errors)")
      return try Data(contentsOf: URL(fileURLWithPath: scratch.file(out)))
    }
    let whole = try model("all.csv", "a")
    #expect(try model("all.csv", "b") == whole)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: scratch.file("a.csv")))
        == Data(contentsOf: URL(fileURLWithPath: scratch.file("b.csv"))))
    #expect(try model("all.csv", "c", ["--seed", "2"]) != whole)
    #expect(try model("first.csv", "d") != whole)
    #expect(try model("second.csv", "e", ["--warm-start", "d"]) == whole)
    // What the command line says of the model's own may stand there where it agrees.
    let agreeing = ["--seed", "1", "--family", "mixture", "--categorical", "k", "--numeric", "x"]
    #expect(try model("second.csv", "f", ["--warm-start", "d"] + agreeing) == whole)
    #expect(try scores("e.csv").map(\.scores) == scores("a.csv").dropFirst(200).map(\.scores))
  }

  @Test("A label that comes later, or a version every so often, is not known before; by the end every label is learned")
  func delays() throws {
    try scratch.write("a.csv", Self.rows(300).text)
    for (delay, every) in [(0, 7), (5, 1), (40, 30), (50, 100), (150, 150), (299, 1), (300, 1), (0, 500)] {
      let result = try learn(
        "--csv", "a.csv", "--label", "y", "--json", "--predictions", "p.csv", "--label-delay", "\(delay)",
        "--publish-every", "\(every)")
      #expect(result.status == 0, "\(result.errors)")
      let found = try report(result.output)
      #expect(found.fields["learned_rows"] as? Int == 300, "\(delay), \(every)")
      #expect(found.fields["label_delay"] as? Int == delay && found.fields["publish_every"] as? Int == every)
      // The first version is served from row delay + every on; before, a model that knows nothing says one half.
      let informed = try scores("p.csv").map { $0.scores[0] != 0.5 }
      #expect(informed.firstIndex(of: true) ?? 300 == min(delay + every, 300), "\(delay), \(every)")
    }
  }

  @Test("Missing values, constants, one class, outliers, many names and few rows give finite figures")
  func hostileValues() throws {
    let cases: [(String, least: Double, MadeFile)] = [
      ("gaps", 0.75, Self.rows(400) { _, cells, chance in for i in 0..<2 where chance.unit() < 0.2 { cells[i] = "" } }),
      ("unlabelled", 0.9, Self.rows(400) { row, cells, _ in if row % 4 == 0 { cells[2] = "" } }),
      ("outliers", 0.8, Self.rows(400) { row, cells, _ in if row % 50 == 3 { cells[0] = "1e12" } }),
      ("huge", 0.8, Self.rows(400) { row, cells, _ in if row % 50 == 3 { cells[0] = "-1e308" } }),
      ("empty column", 0.5, Self.rows(200) { _, cells, _ in cells[0] = "" }),
      ("constant", 0.5, Self.rows(200) { _, cells, _ in cells[0] = "5" }),
      ("one class", 1, Self.rows(200) { _, cells, _ in cells[2] = "1" }),
      ("names", 0.7, Self.rows(1_500) { row, cells, _ in cells[1] = "name \(row)" }),
      ("one row", 0, Self.rows(1)), ("two rows", 0, Self.rows(2)), ("eleven rows", 0, Self.rows(11)),
    ]
    for (name, least, file) in cases {
      try scratch.write("a.csv", file.text)
      let result = try learn("--csv", "a.csv", "--label", "y", "--json", "--predictions", "p.csv", "--out", "m")
      #expect(result.status == 0, "\(name): \(result.errors)")
      let found = try report(result.output)
      #expect(found.metrics["accuracy"] ?? -1 >= least, "\(name): \(found.metrics)")
      #expect((found.metrics["log_loss"] ?? -1) > 0 && (found.metrics["log_loss"] ?? 9) < 0.75, "\(name)")
      let rows = try scores("p.csv")
      #expect(rows.count == file.lines.count - 1 && rows.allSatisfy { (0...1).contains($0.scores[0]) }, "\(name)")
      // No AUC where there is but one class.
      #expect((found.metrics["auc"] == nil) == (Set(rows.dropFirst(rows.count / 10).map(\.label)).count < 2), "\(name)")
      let again = try learn("--csv", "a.csv", "--label", "y", "--json", "--warm-start", "m")
      #expect(try report(again.output).metrics["accuracy"] ?? -1 >= least, "\(name): \(again.errors)")
    }
  }

  @Test("Labels of 1e12 among those of a regression: rows afterwards are predicted as if it had not come")
  func hostileLabels() throws {
    func error(_ spoil: (Int, inout [String]) -> Void) throws -> Double {
      let file = Self.rows(600) { row, cells, _ in
        cells[2] = "\(3 * (Double(cells[0]) ?? 0))"
        spoil(row, &cells)
      }
      try scratch.write("a.csv", file.text)
      let result = try learn("--csv", "a.csv", "--label", "y", "--task", "regression", "--predictions", "p.csv")
      #expect(result.status == 0, "\(result.errors)")
      let last = try scores("p.csv").suffix(200)
      return try last.reduce(0) { try $0 + abs(#require(Double($1.label)) - $1.scores[0]) } / 200
    }
    let calm = try error { _, _ in }
    #expect(calm < 0.01)
    // The labels' deviation is 3.
    for (rows, most) in [([100], 0.1), ([0], 0.1), ([5], 0.1), ([0, 1, 7, 20, 29], 0.35)] {
      let spoiled = try error { row, cells in if rows.contains(row) { cells[2] = "1e12" } }
      #expect(spoiled < most, "\(rows): \(spoiled)")
    }
  }

  @Test("What cannot be done is status 1 and says what and where")
  func failures() throws {
    try scratch.write("a.csv", Self.rows(50).text)
    try scratch.write("empty.csv", "")
    try scratch.write("header.csv", "x,k,y\n")
    try scratch.write("class.csv", Self.rows(50) { _, cells, _ in cells[2] = "yes" }.text)
    try scratch.write("unlabelled.csv", Self.rows(50) { _, cells, _ in cells[2] = "" }.text)
    try scratch.write("other.csv", "x,y\n1,0\n2,1\n")
    try scratch.write("negative.csv", "x,y\n1,0\n2,-1\n3,2\n")
    #expect(try learn("--csv", "a.csv", "--label", "y", "--out", "m").status == 0)
    var damaged = try Array(Data(contentsOf: URL(fileURLWithPath: scratch.file("m"))))
    damaged[damaged.count / 2] ^= 1
    try scratch.write("damaged", damaged)
    let cases: [([String], String)] = [
      (["--csv", "absent.csv"], "absent.csv"), (["--csv", "empty.csv"], "empty.csv: the file holds no rows"),
      (["--csv", "header.csv"], "header.csv: 0 rows"), (["--csv", "class.csv"], "class.csv: every label is \"yes\""),
      (["--csv", "unlabelled.csv"], "unlabelled.csv: no row has a label"),
      (["--csv", "class.csv", "--task", "regression"], "a regression needs numbers"),
      (["--csv", "a.csv", "--drop", "z"], "no column z"), (["--csv", "a.csv", "--drop", "x,k"], "no column is left"),
      (["--csv", "a.csv", "--out", "absent/m"], "absent/m"), (["--csv", "a.csv", "--report", "."], ".: is a folder"),
      (["--csv", "a.csv", "--warm-start", "absent"], "absent: cannot be read"),
      (["--csv", "a.csv", "--warm-start", "a.csv"], "a.csv: these "),
      (["--csv", "a.csv", "--warm-start", "damaged"], "damaged: the artifact's checksum is wrong"),
      (["--csv", "a.csv", "--family", "poisson"], "poisson is for the task regression"),
      (["--csv", "a.csv", "--family", "softmax"], "softmax is for the task multiclass"),
      (["--csv", "a.csv", "--class-weights", "2=3"], "a weight for \"2\", which is no class"),
      (["--csv", "a.csv", "--task", "regression", "--class-weights", "balanced"], "a regression has no classes"),
      (["--csv", "negative.csv", "--task", "regression", "--family", "poisson"], "a count must be 0 or more, not -1"),
      (["--csv", "a.csv", "--warm-start", "m", "--family", "linear"], "m: is of the family mixture"),
      (["--csv", "a.csv", "--warm-start", "m", "--task", "regression"], "m: is of the task binary"),
      (["--csv", "a.csv", "--warm-start", "m", "--drop", "x"], "the model reads column x"),
      (["--csv", "a.csv", "--warm-start", "m", "--seed", "2"], "m: has the seed 1, not 2"),
      (["--csv", "a.csv", "--warm-start", "m", "--categorical", "x"], "m: reads x as numbers, which --categorical"),
      (["--csv", "a.csv", "--warm-start", "m", "--hashed", "k"], "m: reads k as names"),
      (["--csv", "a.csv", "--warm-start", "m", "--numeric", "z"], "m: has no column z"),
      (["--csv", "other.csv", "--warm-start", "m"], "other.csv: no column k"),
      (["--csv", "class.csv", "--warm-start", "m"], "class.csv: "),
    ]
    for (arguments, expected) in cases {
      let result = try Run.process(Run.leeway, ["learn", "--label", "y"] + arguments, in: scratch.path)
      #expect(result.status == 1 && result.output.isEmpty, "\(arguments): \(result.output)")
      #expect(result.errors.contains(expected), "\(arguments): \(result.errors)")
    }
  }

  @Test("A file of counts, with its deviance; weighed classes, with fewer of the rare ones missed")
  func familiesAndWeights() throws {
    var counts = MadeFile("x,y", seed: 3)
    counts.add(600) { _, chance in
      let x = chance.normal()
      return "\(x),\(Int(exp(1 + 0.7 * x) + chance.uniform()))"
    }
    try scratch.write("c.csv", counts.text)
    let poisson = try report(
      try learn("--csv", "c.csv", "--label", "y", "--task", "regression", "--family", "poisson", "--json").output)
    #expect(Set(poisson.metrics.keys) == ["mae", "rmse", "poisson_deviance"])
    #expect(try #require(poisson.metrics["poisson_deviance"]) < 1)
    try scratch.write("r.csv", Self.rows(1_500) { row, cells, _ in if row % 4 > 0 { cells[2] = "0" } }.text)
    func found(_ arguments: String...) throws -> Int {
      let whole = ["learn", "--csv", "r.csv", "--label", "y", "--family", "mlp", "--predictions", "p.csv"]
      let result = try Run.process(Run.leeway, whole + arguments, in: scratch.path)
      #expect(result.status == 0, "\(result.errors)")
      return try scores("p.csv").dropFirst(500).count { $0.label == "1" && $0.scores[0] >= 0.5 }
    }
    let alike = try found()
    #expect(try found("--class-weights", "balanced") > alike + 20)
    #expect(try found("--class-weights", "0=1,1=6") > alike + 20)
  }

  @Test("Wrong usage is status 2")
  func usage() throws {
    let whole = ["--csv", "a.csv", "--label", "y"]
    for arguments in [
      [], ["--csv", "a.csv"], ["--label", "y"], whole + ["--label-delay", "-1"], whole + ["--publish-every", "0"],
      whole + ["--family", "kalman-mixture"], whole + ["--task", "ranking"], whole + ["--seed", "-1"],
      whole + ["--class-weights", "even"], whole + ["--class-weights", "a=0"], whole + ["--class-weights", "a=1,a=2"],
      whole + ["--categorical", "x", "--numeric", "x"], whole + ["--hashed", "x", "--calendar", "x"],
    ] {
      let result = try Run.process(Run.leeway, ["learn"] + arguments, in: scratch.path)
      #expect(result.status == 2 && result.output.isEmpty && !result.errors.isEmpty, "\(arguments)")
    }
  }
}
