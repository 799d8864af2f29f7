import ArgumentParser
import Backtest
import Engine
import EventLog
import Events
import Foundation
import Log
import Models
import TestSupport
import Testing

@testable import leeway

/// A live run's topics against a backtest over them.
@Suite struct LiveBacktestTests {
  private static let labelDelay = 40

  /// Rows whose label follows `x`, until it follows the opposite, and `z` moves away.
  private static func rows(_ count: Int, change: Int) -> String {
    var random = SplitMix64(seed: 3)
    var text = "x,z,label\n"
    for row in 0..<count {
      let (x, z) = (random.uniform() * 2 - 1, random.uniform() + (row < change ? 0 : 2))
      text += "\(x),\(z),\((x > 0) == (row < change) ? 1 : 0)\n"
    }
    return text
  }

  private struct Live {
    let scratch: Scratch
    let log: EmbeddedLog
    let policy: Policy

    init() throws {
      scratch = try Scratch()
      try scratch.write("rows.csv", Array(LiveBacktestTests.rows(1_500, change: 800).utf8))
      let demo = try Run.leeway(
        "demo", "--csv", "rows.csv", "--label", "label", "--label-delay", "\(LiveBacktestTests.labelDelay)",
        "--retrain-every", "200", "--log", "live.db", "--quiet", in: scratch.path)
      #expect(demo.status == 0, "\(demo.errors)")
      log = try EmbeddedLog(path: scratch.file("live.db"))
      let plan = DemoTable.Plan(path: scratch.file("rows.csv"), label: "label")
      var file = try TableConfiguration.configuration(
        DemoTable(plan), plan, labelDelay: LiveBacktestTests.labelDelay, retrainEvery: 200)
      file.topics.partitions = DemoRun.partitions
      policy = Policy(name: "live", configuration: file.engineConfiguration)
    }

    func values(_ topic: Topic) throws -> [[UInt8]] {
      let reader = try log.makeReader()
      defer { reader.close() }
      var values: [[UInt8]] = []
      try reader.each(of: TopicPartition(topic.rawValue, 0)) { values.append(Array($0.record.value ?? [])) }
      return values
    }

    /// What a backtest writes to a topic, in order.
    func made(
      of recording: any TopicRecording, _ depth: BacktestSettings.Depth, _ wanted: Set<Topic>
    ) throws -> (PolicyOutcome, [Topic: [[UInt8]]]) {
      var settings = BacktestSettings(model: TableConfiguration.model, historyRows: 0)
      settings.depth = depth
      var made: [Topic: [[UInt8]]] = [:]
      let folder = try Scratch()
      let outcome = try Backtest(asRecorded: recording, settings: settings).outcome(
        of: policy, log: EmbeddedLog(path: folder.file("log.db")),
        observe: { topic, record, _ in
          if wanted.contains(topic) { made[topic, default: []].append(Array(record.value ?? [])) }
        }
      ) { BuiltinTrainer($0, policy.configuration) }
      return (outcome, made)
    }
  }

  @Test("the triggers and the models of a backtest over a live run's topics are the live ones, byte for byte")
  func equality() throws {
    let live = try Live()
    let export = try Run.leeway(
      "export", "predictions", "labels", "watermarks", "examples", "triggers", "runs", "models", "summaries", "--log",
      "live.db", "--out", "live.lwr", in: live.scratch.path)
    #expect(export.status == 0, "\(export.errors)")
    let recordings: [any TopicRecording] = [
      try LogRecording(live.log, TopicNames(), BacktestRange.parse([])),
      try FileRecording(live.scratch.file("live.lwr")),
    ]
    let (triggers, models) = (try live.values(.triggers), try live.values(.models))
    #expect(triggers.count >= 4 && models.count >= 3)
    for recording in recordings {
      let (outcome, made) = try live.made(of: recording, .whole, [.triggers, .models])
      #expect(made[.triggers] == triggers)
      #expect(made[.models] == models)
      #expect(outcome.rows == 1_350 && outcome.journal.deadLetters == 0)
      #expect(outcome.track.evaluation.count == 1_350)
    }
    let own = try triggers.filter { try !Trigger.decode($0[...]).isManual }
    for depth in [BacktestSettings.Depth.monitor, .summaries] {
      let (outcome, made) = try live.made(of: recordings[0], depth, [.triggers])
      #expect(made[.triggers] == own)
      #expect(outcome.rows == 1_350)
    }
  }

  @Test("A log and the file that was exported from it give the same result, to the row of every trigger")
  func sources() throws {
    let live = try Live()
    let policy = "models: [{name: demo, task: binary}]\ntrain: {minimum_rows: 20}\nmonitor: {volume: {labels: 100}}\n"
    try live.scratch.write("policy.yaml", Array((policy + "topics: {partitions: \(DemoRun.partitions)}\n").utf8))
    let export = try Run.leeway(
      "export", "predictions", "labels", "watermarks", "examples", "triggers", "runs", "models", "summaries",
      "--log", "live.db", "--out", "live.lwr", in: live.scratch.path)
    #expect(export.status == 0, "\(export.errors)")
    for mode in [["--monitor-only"], ["--as-recorded"], ["--summaries"], ["--baselines", "none"]] {
      let results = try [["--log", "live.db"], ["--recording", "live.lwr"]].map { source in
        try Run.process(
          Run.leeway, ["backtest", "--config", "policy.yaml", "--json"] + source + mode, in: live.scratch.path)
      }
      #expect(results[0].status == 0 && results[0].output.contains("\"rule\" : \"volume\""), "\(results[0].errors)")
      #expect(results[0].output == results[1].output, "\(mode)")
    }
  }

  @Test("A file of summaries tells the triggers that a log does; where everything would wait for ever is an error")
  func fewTopics() throws {
    let live = try Live()
    func run(_ line: String) throws -> Finished {
      let arguments = line.split(separator: " ").map(String.init)
      return try Run.process(Run.leeway, arguments, input: [], in: live.scratch.path)
    }
    let model = "models: [{name: demo, task: binary}]\nmonitor: {volume: {labels: 200}}\n"
    try live.scratch.write("four.yaml", Array(model.utf8))
    try live.scratch.write("policy.yaml", Array((model + "topics: {partitions: \(DemoRun.partitions)}\n").utf8))
    let summaries = "backtest --recording summaries.lwr --summaries --config"
    for line in [
      "export summaries --log live.db --out summaries.lwr", "\(summaries) policy.yaml --report alone.json",
      "backtest --log live.db --config policy.yaml --summaries --report log.json",
    ] {
      let finished = try run(line)
      #expect(finished.status == 0, "\(finished.errors)")
    }
    let alone = try Self.triggers(live.scratch.file("alone.json"))
    #expect(try alone.count >= 4 && alone == Self.triggers(live.scratch.file("log.json")))
    let waiting = try run("\(summaries) four.yaml")
    #expect(waiting.status == 1 && waiting.errors.contains("topics.partitions is 4"), "\(waiting.errors)")
    for (topics, status) in [("predictions models", 0), ("predictions models watermarks", 1)] {
      let exported = try run("export \(topics) --log live.db --out \(status).lwr")
      let tried = try run("backtest --recording \(status).lwr --monitor-only --config policy.yaml")
      #expect(exported.status == 0 && tried.status == status, "\(exported.errors)\(tried.errors)")
      #expect(tried.errors.contains("watermarks tell of labels") == (status == 1))
    }
  }

  /// Time, rule and column of each.
  private static func triggers(_ path: String) throws -> [String] {
    struct Report: Decodable {
      struct Policy: Decodable { let triggers: [Trigger] }
      struct Trigger: Decodable {
        let time: Int64
        let rule: String
        let column: String?
      }
      let policies: [Policy]
    }
    let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    return try #require(report.policies.first).triggers.map { "\($0.time) \($0.rule) \($0.column ?? "-")" }
  }
}
