import Foundation
import Testing

@testable import leeway

/// `config/leeway.yaml` against the program: same keys, same values, and every key has an effect.
@Suite("config/leeway.yaml")
struct DefaultFileTests {
  private let lines: [String]

  init() throws {
    let url = Run.checkout.appendingPathComponent("config/leeway.yaml")
    lines = String(decoding: try Data(contentsOf: url), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Another value for each key that holds one.
  static let others = [
    "log.embedded": "/tmp/x.db", "log.durability": "full", "log.kafka": "{servers: h:1}",
    "topics.prefix": "prod.", "topics.partitions": "7", "topics.model_partitions": "2",
    "time.pane": "20s", "time.sketch": "10m", "time.lateness": "0s", "time.label_horizon": "1h",
    "time.future_slack": "2m", "time.idle": "1s",
    "time.features_topic": "true", "time.feature_ttl": "1d", "time.maximum_open": "10",
    "engine.commit_records": "1", "engine.commit_interval": "1s", "engine.snapshot_commits": "2",
    "engine.poll_records": "3", "engine.runs": "2", "engine.keep_work": "1s",
    "engine.runs_folder": "/tmp/runs",
    "monitor.policy": "continuous", "monitor.every": "50",
    "monitor.window": "20m", "monitor.season": "off", "monitor.joint": "true", "monitor.drift.run_length": "1000",
    "monitor.minimum_rows": "3", "monitor.drift.thresholds.psi": "0.5",
    "monitor.drift.thresholds.jensen_shannon": "off", "monitor.drift.thresholds.kolmogorov_smirnov": "1",
    "monitor.drift.thresholds.kullback_leibler": "0.1", "monitor.drift.thresholds.hellinger": "0.2",
    "monitor.drift.thresholds.total_variation": "0.3", "monitor.drift.thresholds.cramers_v": "0.4",
    "monitor.drift.thresholds.wasserstein": "1000", "monitor.drift.thresholds.wasserstein_normalized": "0.5",
    "monitor.drift.thresholds.energy_distance": "0.6", "monitor.drift.thresholds.missing_rate": "off",
    "monitor.drift.thresholds.out_of_range_rate": "0.7", "monitor.drift.thresholds.new_category_rate": "0.8",
    "monitor.drift.alpha": "0.01", "monitor.drift.spacing": "1m", "monitor.drift.requires": "evidence",
    "monitor.performance.relative": "0.2",
    "monitor.performance.absolute": "1",
    "monitor.performance.run_length": "2000", "monitor.performance.minimum_rows": "30", "monitor.volume.labels": "off",
    "monitor.schedule.every": "1d", "monitor.freshness.max_age": "7d", "monitor.cooldown": "0s",
    "train.holdout": "30%", "train.reference_rows": "2", "train.minimum_rows": "3",
    "train.quotas.seconds": "4", "train.quotas.rows": "5", "train.quotas.memory": "7MB",
    "train.class_weights": "balanced", "train.epochs": "0", "train.patience": "5",
    "train.quotas.runs_per_day": "8", "train.seed": "6", "train.priority": "-7",
    "gate.measure": "error", "gate.tolerance": "0", "gate.gain": "1%", "gate.alpha": "0.01", "gate.rows": "7",
    "gate.shadow_rows": "8", "gate.provisional": "off", "gate.rollback_alpha": "0.02", "gate.calibration": "0.1",
    "gate.golden": "{file: a.csv, label: y}",
    "gate.artifact_bytes": "1MB", "gate.scoring_time": "20us", "gate.segments.tolerance": "20%",
    "gate.segments.rows": "9", "gate.segments.protected": "[channel=web]", "gate.segments.protected_rows": "10",
    "gate.fairness": "[{segment: sex, group: f, other: m, rate: error_rate}]",
    "security.signing_key": "{env: KEY}", "security.trusted_keys": "[a.pub]",
    "mlflow": "{url: 'http://h:1'}",
    "models": "[{name: a}]",
  ]

  /// Each key that holds a value, with the number of its line.
  private var leaves: [String: Int] {
    var leaves: [String: Int] = [:]
    var path: [String] = []
    for (number, line) in lines.enumerated() {
      let text = line.drop { $0 == " " }
      guard !text.isEmpty, !text.hasPrefix("#"), let colon = text.firstIndex(of: ":") else { continue }
      path = path.prefix((line.count - text.count) / 2) + [String(text[..<colon])]
      if text[text.index(after: colon)...].contains(where: { $0 != " " }) {
        leaves[path.joined(separator: ".")] = number
      }
    }
    return leaves
  }

  @Test("Every value in the file is the program's default")
  func defaults() throws {
    let shown = try LeewayConfiguration(yaml: lines.joined(separator: "\n"), file: "config/leeway.yaml")
    #expect(shown == LeewayConfiguration())
    #expect(try LeewayConfiguration(yaml: "", file: "empty") == LeewayConfiguration())
    #expect(try LeewayConfiguration(yaml: "# nothing\n", file: "comment") == LeewayConfiguration())
  }

  @Test("The file shows every key that the program knows, and no other")
  func keys() {
    #expect(Set(leaves.keys) == Set(Self.others.keys))
    func under(_ path: String) -> Set<String> {
      Set(leaves.keys.filter { $0.hasPrefix(path) }.compactMap { $0.dropFirst(path.count).split(separator: ".").first })
        .reduce(into: []) { $0.insert(String($1)) }
    }
    func known<Key: ConfigurationKey>(_ type: Key.Type) -> Set<String> { Set(Key.allCases.map(\.rawValue)) }
    #expect(under("") == known(LeewayConfiguration.Key.self))
    #expect(under("log.") == known(LogSection.Key.self))
    #expect(under("topics.") == known(TopicsSection.Key.self))
    #expect(under("time.") == known(TimeSection.Key.self))
    #expect(under("engine.") == known(EngineSection.Key.self))
    #expect(under("monitor.") == known(MonitorSection.Key.self))
    #expect(under("monitor.drift.") == known(DriftRule.Key.self))
    #expect(under("monitor.drift.thresholds.") == known(Thresholds.Key.self))
    #expect(under("monitor.performance.") == known(PerformanceRule.Key.self))
    #expect(under("train.") == known(TrainSection.Key.self))
    #expect(under("gate.") == known(GateSection.Key.self))
    #expect(under("gate.segments.") == known(GateSection.SegmentKey.self))
    #expect(under("security.") == known(SecuritySection.Key.self))
    #expect(under("train.quotas.") == known(TrainSection.QuotaKey.self))
  }

  @Test("Another value under any key changes the configuration, and a wrong one is refused with its line and key")
  func effects() throws {
    for (path, number) in leaves {
      let other = try #require(Self.others[path])
      #expect(try configuration(number, other) != LeewayConfiguration(), "\(path)")
      let error = #expect(throws: CommandError.self, "\(path)") { try configuration(number, "{wrong: [value]}") }
      #expect(error?.place == "leeway.yaml:\(number + 1)", "\(path)")
      #expect(error?.description.contains(path) == true, "\(path)")
    }
  }

  private func configuration(_ number: Int, _ value: String) throws -> LeewayConfiguration {
    var changed = lines
    let colon = try #require(changed[number].firstIndex(of: ":"))
    changed[number] = changed[number][...colon] + " " + value
    return try LeewayConfiguration(yaml: changed.joined(separator: "\n"), file: "leeway.yaml")
  }
}
