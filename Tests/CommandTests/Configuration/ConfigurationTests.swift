import Drift
import Foundation
import TestSupport
import Testing

@testable import leeway

@Suite("Configuration")
struct ConfigurationTests {
  private func read(_ yaml: String) throws(CommandError) -> LeewayConfiguration {
    try LeewayConfiguration(yaml: yaml, file: "my.yaml")
  }

  private func problem(_ yaml: String) -> String {
    do throws(CommandError) {
      _ = try read(yaml)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test("Models inherit monitor and train, and override them key by key")
  func models() throws {
    let configuration = try read(
      """
      monitor:
        window: 1h
        performance: off
        drift: {alpha: 0.001, thresholds: {psi: off}}
      train: {holdout: 5%}
      models:
        - name: a
        - name: b
          task: multiclass
          classes: [x, 1, "true"]
          categorical: [day]
          drop: [id]
          monitor:
            window: 30m
            performance: {run_length: 2000}
            drift: {thresholds: {psi: 0.3}}
          train:
            quotas: {seconds: 5}
      """)
    let (a, b) = (try #require(configuration.model("a")), try #require(configuration.model("b")))
    #expect(a == ModelSection(name: "a", monitor: configuration.monitor, train: configuration.train))
    #expect(a.monitor.window == 3_600_000 && a.monitor.performance == nil && a.monitor.drift?.thresholds[.psi] == nil)
    #expect(a.train.holdout == 0.05)
    #expect(b.task == .multiclass && b.classes == ["x", "1", "true"] && b.categorical == ["day"] && b.drop == ["id"])
    #expect(b.monitor.window == 1_800_000)
    #expect(b.monitor.performance == PerformanceRule(runLength: 2_000))
    var rule = DriftRule(alpha: 0.001)
    rule.thresholds[.psi] = 0.3
    #expect(b.monitor.drift == rule)
    #expect(b.train == TrainSection(holdout: 0.05, quotaSeconds: 5))
    #expect(configuration.model("c") == nil)
  }

  @Test(
    "Every mistake names file, line, key, and what was expected",
    arguments: [
      ("monitr: {}", #"my.yaml:1: unknown key "monitr"; did you mean "monitor"?"#),
      ("time:\n  pan: 10s", #"my.yaml:2: time: unknown key "pan"; did you mean "pane"?"#),
      ("\n\nlog:\n  xyzzy: 1", #"my.yaml:4: log: unknown key "xyzzy"; the keys here are embedded, durability"#),
      ("time:\n  pane: 10", #"my.yaml:2: time.pane: found "10"; expected a duration from 1ms to 1d, such as"#),
      ("time:\n  pane: \"10s\"", #"my.yaml:2: time.pane: found "10s" in quotes, which is text; expected a duration"#),
      ("time:\n  pane:", "my.yaml:2: time.pane: found nothing; expected a duration"),
      ("time:\n  pane: [10s]", "my.yaml:2: time.pane: found a list; expected a duration"),
      ("time:\n  features_topic: yes", #"my.yaml:2: time.features_topic: found "yes"; expected true or false"#),
      ("time: 10s", #"my.yaml:1: time: found "10s"; expected a section: keys with values"#),
      ("- time", "my.yaml:1: found a list; expected a section"),
      ("log:\n  durability: fast", #"my.yaml:2: log.durability: found "fast"; expected one of normal, full"#),
      (
        "log: {embedded: \"\"}",
        "my.yaml:1: log.embedded: found \"\" in quotes, which is text; expected the path of a file"
      ),
      ("topics: {partitions: 0}", #"my.yaml:1: topics.partitions: found "0"; expected a whole number from 1 to 1024"#),
      ("topics: {partitions: 1.5}", "my.yaml:1: topics.partitions: found \"1.5\"; expected a whole number"),
      ("topics: {prefix: a/b}", "my.yaml:1: topics.prefix: found \"a/b\"; expected at most 100 letters"),
      (
        "train: {holdout: 120%}",
        #"my.yaml:1: train.holdout: found "120%"; expected a share from 1% to 90%, such as 20%"#
      ),
      ("monitor:\n  drift:\n    alpha: .nan", "my.yaml:3: monitor.drift.alpha: found \".nan\"; expected a number from"),
      (
        "monitor: {window: 15s}",
        "my.yaml:1: monitor.window: a window of 15s over panes of 10s; expected the window to be a whole"
      ),
      ("monitor: {window: 365d}", "my.yaml:1: monitor.window: a window of 365d over panes of 10s; expected at most"),
      (
        """
        monitor: {drift: {thresholds: {psi: off, jensen_shannon: off, kolmogorov_smirnov: off, missing_rate: off, \
        new_category_rate: off}}}
        """,
        "my.yaml:1: monitor.drift.thresholds: every statistic is off; to switch the rule off, write drift: off"
      ),
      ("models: [{task: binary}]", #"my.yaml:1: models[0]: a model needs the key "name""#),
      ("models:\n  - name: a\n  - name: a", #"my.yaml:3: models[1]: there are two models named "a""#),
      (
        "models:\n  - name: a\n    task: ranking",
        "my.yaml:3: models[0].task: found \"ranking\"; expected one of binary,"
      ),
      (
        "models: [{name: a, task: multiclass}]",
        "my.yaml:1: models[0]: a multiclass model needs the names of its classes"
      ),
      ("models: [{name: a, classes: [b, c]}]", "my.yaml:1: models[0].classes: a binary model has no list of classes"),
      ("models: [{name: a, drop: [b, b]}]", "my.yaml:1: models[0].drop[1]: \"b\" stands in the list twice"),
      (
        "models: [{name: a, drop: [b], categorical: [b]}]",
        "my.yaml:1: models[0].drop: \"b\" stands under drop and under"
      ),
      (
        "models: [{name: a, numeric: [b], categorical: [b]}]",
        "my.yaml:1: models[0].numeric: \"b\" stands under numeric and under categorical"
      ),
      (
        "models: [{name: a, numeric: [b], drop: [b]}]",
        "my.yaml:1: models[0].drop: \"b\" stands under drop and under numeric"
      ),
      (
        "models: [{name: a, hashed: [b], calendar: [b]}]",
        "models[0].calendar: \"b\" stands under calendar and under hashed"
      ),
      ("models: [{name: a, family: softmax}]", "models[0].family: the family softmax is for the task multiclass"),
      ("models: [{name: a, family: poisson}]", "models[0].family: the family poisson is for the task regression"),
      ("train: {class_weights: even}", "my.yaml:1: train.class_weights: found \"even\"; expected off, balanced, or"),
      ("train: {class_weights: {a: 0}}", "my.yaml:1: train.class_weights.a: found \"0\"; expected a number from"),
      (
        "models: [{name: a, task: regression, train: {class_weights: balanced}}]",
        "models[0].train: a regression has no classes to weigh"
      ),
      (
        "models: [{name: a, train: {class_weights: {yes: 2}}}]",
        "models[0].train: a weight for \"yes\", which is no class"
      ),
      ("models: [{name: a, hashed: [b], trainer: {command: [x]}}]", "models[0].hashed: a trainer outside is given"),
      (
        "models: [{name: a, train: {class_weights: balanced}, trainer: {command: [x]}}]",
        "models[0].train: a trainer outside weighs classes itself"
      ),
      (
        "monitor: {policy: always}",
        "my.yaml:1: monitor.policy: found \"always\"; expected one of triggered, continuous"
      ),
      (
        "models: [{name: a, monitor: {window: 7s}}]",
        "my.yaml:1: models[0].monitor.window: a window of 7s over panes of 10s"
      ),
      (
        "models: [{name: a, family: forest}]",
        "models[0].family: found \"forest\"; expected one of mixture, linear-mixture, linear, logistic,"
      ),
      ("models: {name: a}", "my.yaml:1: models: found a section; expected a list"),
      ("time:\n  pane: 10s\n  pane: 20s", #"my.yaml:2: the key "pane" stands in one section twice; keep one of them"#),
      ("time: {pane: 10s", "my.yaml:2: not YAML: "),
      ("a: b\n\tc: d", "my.yaml:2: not YAML: "),
      ("? [a]\n: b", "my.yaml:1: found a list; expected a key"),
    ])
  func mistakes(yaml: String, expected: String) {
    let problem = problem(yaml)
    #expect(problem.contains(expected), "\(problem)")
    #expect(problem.hasPrefix("my.yaml:"), "\(problem)")
  }

  @Test("Hostile files end in an error: deep nesting, several documents, references to nothing")
  func hostile() {
    #expect(!problem(String(repeating: "[", count: 100_000)).isEmpty)
    #expect(!problem(String(repeating: "{a: ", count: 100_000)).isEmpty)
    #expect(!problem("time: {pane: 10s}\n---\ntime: {pane: 20s}").isEmpty)
    #expect(!problem("time: *nothing").isEmpty)
    #expect(!problem("\u{0}").isEmpty)
  }

  @Test("Files: absent, too large, not text; leeway.yaml is read where none is named")
  func files() throws {
    let scratch = try Scratch()
    #expect(throws: CommandError.self) { try LeewayConfiguration.load(path: scratch.file("absent.yaml")) }
    let large = try scratch.write(
      "large.yaml", [UInt8](repeating: 0x23, count: LeewayConfiguration.maximumFileBytes + 1))
    #expect(throws: CommandError.self) { try LeewayConfiguration.load(path: large) }
    let binary = try scratch.write("binary.yaml", [0xff, 0xfe, 0x00])
    #expect(throws: CommandError.self) { try LeewayConfiguration.load(path: binary) }
    let good = try scratch.write("good.yaml", "topics: {prefix: x.}")
    #expect(try LeewayConfiguration.load(path: good).topics.prefix == "x.")
  }
}

@Suite("Quantities")
struct QuantityTests {
  @Test(
    "Durations",
    arguments: [
      ("0s", 0), ("250ms", 250), ("10s", 10_000), ("5m", 300_000), ("1.5h", 5_400_000), ("7d", 604_800_000),
      ("0.001s", 1),
    ])
  func durations(text: String, expected: Int64) {
    #expect(Quantity.milliseconds(text) == expected)
  }

  @Test(
    "What is no duration",
    arguments: [
      "", "10", "s", "10 s", "-1s", "10S", "10sec", "1e3s", "0.0001s", "1.5ms", "10s ", " 10s", "9223372036854775807d",
      "1h30m",
      "+5s", "infs",
    ])
  func noDurations(text: String) {
    #expect(Quantity.milliseconds(text) == nil)
  }

  @Test("Sizes", arguments: [("512B", 512), ("1KB", 1_024), ("16MB", 16 << 20), ("1.5GB", 3 << 29), ("2TB", 2 << 40)])
  func sizes(text: String, expected: Int64) {
    #expect(Quantity.bytes(text) == expected)
  }

  @Test("What is no size", arguments: ["", "16", "MB", "16 MB", "16mb", "-1MB", "99999999TB", "0.3B"])
  func noSizes(text: String) {
    #expect(Quantity.bytes(text) == nil)
  }

  @Test("Shares", arguments: [("20%", 0.2), ("0.2", 0.2), ("0%", 0), ("100%", 1), ("2.5%", 0.025)])
  func shares(text: String, expected: Double) {
    #expect(Quantity.fraction(text) == expected)
  }

  @Test("What is no share", arguments: ["", "%", "20 %", "x%", "nan", "20%%"])
  func noShares(text: String) {
    #expect(Quantity.fraction(text) == nil)
  }

  @Test("What is shown reads back, for values of every magnitude")
  func shown() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<1_000 {
      let value = Int64(random.next() >> UInt64(Int.random(in: 1...63, using: &random)))
      #expect(Quantity.milliseconds(Quantity.shown(milliseconds: value)) == value)
      #expect(Quantity.bytes(Quantity.shown(bytes: value)) == value)
    }
    #expect(Quantity.shown(milliseconds: 604_800_000) == "7d")
    #expect(Quantity.shown(milliseconds: 90_000) == "90s")
  }
}

@Suite("Spelling")
struct SpellingTests {
  @Test(
    "Edits",
    arguments: [
      ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("abc", "axc", 1), ("abc", "acb", 1), ("kitten", "sitting", 3),
    ])
  func edits(one: String, other: String, expected: Int) {
    #expect(Spelling.edits(Array(one), Array(other)) == expected)
    #expect(Spelling.edits(Array(other), Array(one)) == expected)
  }

  @Test("The nearest name, and none where nothing is near")
  func nearest() {
    #expect(Spelling.nearest(to: "tolerence", among: ["tolerance", "holdout"]) == "tolerance")
    #expect(Spelling.nearest(to: "Pane", among: ["pane"]) == "pane")
    #expect(Spelling.nearest(to: "xyzzy", among: ["pane", "idle"]) == nil)
    #expect(Spelling.nearest(to: "x", among: []) == nil)
  }
}
