import Control
import Drift
import Engine
import Events
import Models
import Testing

@testable import leeway

@Suite("From configuration to engine")
struct EngineMappingTests {
  private func read(_ yaml: String) throws -> LeewayConfiguration {
    try LeewayConfiguration(yaml: yaml, file: "t.yaml")
  }

  @Test("The defaults are the engine's own")
  func defaults() throws {
    let mapped = try read("models: [{name: a}]").engineConfiguration
    let own = EngineConfiguration(models: [])
    #expect(mapped.names == own.names && mapped.intake == own.intake)
    #expect(mapped.inputPartitions == own.inputPartitions && mapped.modelPartitions == own.modelPartitions)
    let model = try #require(mapped.models.first)
    #expect(model.name == "a" && model.task == .binary && model.family == .standard)
    #expect(model.monitor == MonitorConfiguration() && model.training == TrainingConfiguration())
    #expect(LeewayConfiguration().workerSettings(member: "m") == WorkerSettings(member: "m"))
  }

  @Test("Every setting arrives where it belongs")
  func settings() throws {
    let mapped = try read(
      """
      topics: {prefix: x., partitions: 3, model_partitions: 2}
      time: {pane: 1s, lateness: 2s, label_horizon: 3s, future_slack: 4s, features_topic: true, feature_ttl: 5s, maximum_open: 6}
      models:
        - name: a
          task: multiclass
          classes: [u, v]
          categorical: [c]
          numeric: [n]
          hashed: [h]
          calendar: [t]
          drop: [d]
          family: softmax
          monitor:
            window: 7s
            season: 2h
            joint: true
            minimum_rows: 8
            drift:
              alpha: 0.01
              spacing: 9s
              run_length: 1500
              thresholds:
                psi: 0.9
                jensen_shannon: off
                missing_rate: off
                new_category_rate: off
                kolmogorov_smirnov: 0.8
                energy_distance: 0.7
            performance: {relative: 10%, absolute: 11, run_length: 1200, minimum_rows: 13}
            volume: {labels: 14}
            schedule: {every: 15s}
            freshness: {max_age: 16s}
            cooldown: 17s
          train: {holdout: 18%, reference_rows: 20, minimum_rows: 21, quotas: {seconds: 22, rows: 23, memory: 25MB, runs_per_day: 26}, seed: 24,
            class_weights: {u: 2, v: 0.5}, epochs: 27, patience: 28}
      """
    ).engineConfiguration
    #expect(mapped.names.prefix == "x." && mapped.inputPartitions == 3 && mapped.modelPartitions == 2)
    #expect(
      mapped.intake
        == IntakeConfiguration(
          pane: 1_000, lateness: 2_000, labelHorizon: 3_000, futureSlack: 4_000, featuresTopic: true,
          featureTimeToLive: 5_000, maximumOpen: 6))
    let model = try #require(mapped.model(named: "a"))
    #expect(model.task == .multiclass(classes: ["u", "v"]) && model.categorical == ["c"])
    #expect(model.numeric == ["n"] && model.dropped == ["d"])
    #expect(
      model.monitor
        == MonitorConfiguration(
          window: 7_000,
          drift: DriftConfiguration(
            thresholds: [.psi: 0.9, .kolmogorovSmirnov: 0.8, .energyDistance: 0.7], falseAlarmRate: 0.01, minimumRows: 8
          ),
          detector: DetectorConfiguration(averageRunLength: 1_500), season: 7_200_000,
          joint: true,
          performance: PerformanceConfiguration(
            windowLength: 7_000, relativeTolerance: 0.1, absoluteFloor: 11, averageRunLength: 1_200, minimumRows: 13),
          triggers: TriggerConfiguration(
            volume: 14, schedule: 15_000, freshness: 16_000, cooldown: 17_000, driftSpacing: 9_000)))
    #expect(
      model.training
        == TrainingConfiguration(
          holdout: 0.18, minimumRows: 21, referenceRows: 20, maximumRows: 23, maximumSeconds: 22,
          maximumMemory: 25 << 20, runsPerDay: 26, classWeights: .fixed(["u": 2, "v": 0.5]), epochs: 27, patience: 28,
          seed: 24))
    #expect(model.hashed == ["h"] && model.calendar == ["t"] && model.family == .softmax)
    #expect(model.gate == GateConfiguration())
    let off = try read("models: [{name: a, monitor: {drift: off, performance: off}}]").engineConfiguration.models[0]
    #expect(!off.monitor.triggers.onDrift && !off.monitor.triggers.onPerformance)
  }

  @Test("Every family has its name in the configuration")
  func families() throws {
    #expect(ModelSection.Family.allCases.map(\.rawValue).sorted() == Models.Family.all.map(\.name).sorted())
    for family in Models.Family.all {
      let task = (try? family.check(.binary)) != nil ? "binary" : family == .softmax ? "multiclass" : "regression"
      let classes = task == "multiclass" ? ", classes: [u, v]" : ""
      let model = try read("models: [{name: a, task: \(task)\(classes), family: \(family.name)}]").engineConfiguration
      #expect(model.models[0].family == family)
    }
  }

  @Test("The policy continuous triggers with every so many labels, and by nothing else")
  func continuous() throws {
    let mapped = try read(
      """
      monitor: {policy: continuous, every: 100, volume: {labels: 7}, schedule: {every: 1h}, freshness: {max_age: 1d}}
      models: [{name: a}, {name: b, monitor: {policy: triggered}}]
      """
    ).engineConfiguration.models
    let triggers = mapped[0].monitor.triggers
    #expect(triggers.volume == 100 && triggers.schedule == nil && triggers.freshness == nil)
    #expect(!triggers.onDrift && !triggers.onPerformance)
    #expect(mapped[0].training.minimumRows == 50)
    #expect(mapped[1].monitor.triggers.onDrift && mapped[1].monitor.triggers.volume == 7)
    #expect(mapped[1].training.minimumRows == 150)
  }

  @Test("The gate's settings arrive where they belong, a model's own over those of all")
  func gate() throws {
    let mapped = try read(
      """
      gate: {gain: 1%, alpha: 0.01, rows: 100}
      models:
        - name: a
          gate:
            measure: ranking
            tolerance: 3%
            rows: 600
            shadow_rows: 7
            provisional: 20%
            rollback_alpha: 0.02
            calibration: 0.1
            artifact_bytes: 2MB
            scoring_time: 20us
            segments: {tolerance: 4%, rows: 5, protected: [channel=web, "a=b=c"], protected_rows: 6}
            fairness: [{segment: sex, group: f, other: m, rate: error_rate, limit: 5%, prove: true}]
        - {name: b, gate: {provisional: off}}
      """
    ).engineConfiguration
    #expect(
      mapped.models[0].gate
        == GateConfiguration(
          measure: .ranking, tolerance: 0.03, gain: 0.01, alpha: 0.01, minimumRows: 600, shadowRows: 7,
          provisionalGain: 0.2, segmentTolerance: 0.04, segmentRows: 5,
          protected: [Segment(name: "channel", value: "web"), Segment(name: "a", value: "b=c")], protectedRows: 6,
          fairness: [
            FairnessRule(segment: "sex", group: "f", other: "m", rate: .errorRate, limit: 0.05, mustBeProven: true)
          ], calibrationLimit: 0.1, mostArtifactBytes: 2 << 20, mostScoringNanoseconds: 20_000, rollbackAlpha: 0.02))
    #expect(
      mapped.models[1].gate
        == GateConfiguration(gain: 0.01, alpha: 0.01, minimumRows: 100, minimumRowsKnown: 100, provisionalGain: nil))
    for (text, place) in [
      ("{measure: absolute_error}", "models[0].gate"), ("{segments: {protected: [web]}}", "segments.protected"),
      ("{fairness: [{segment: a, group: b, other: c}]}", "fairness[0]"), ("{scoring_time: 20}", "scoring_time"),
    ] {
      let error = #expect(throws: CommandError.self) { try read("models: [{name: a, gate: \(text)}]") }
      #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
    }
  }

  @Test("A golden set arrives where models are judged, a program's too")
  func golden() throws {
    let mapped = try read(
      """
      gate: {golden: {rows: [{partition: 2, first: 10, end: 30}]}}
      models:
        - {name: a, gate: {golden: {file: g.csv, label: y, tolerance: 7%}}}
        - {name: b, trainer: {command: [x]}}
        - {name: c, gate: {golden: off}}
      """)
    let (own, all) = (
      GoldenSection(rows: .file(path: "g.csv", label: "y"), tolerance: 0.07),
      GoldenSection(rows: .pinned([PartitionRows(partition: 2, first: 10, end: 30)]))
    )
    #expect(mapped.goldenSets == ["a": own, "b": all] && mapped.runSettings.golden == mapped.goldenSets)
    #expect(mapped.programs.mapValues(\.golden) == ["b": all])
    #expect(mapped.engineConfiguration.models.map(\.gate.goldenTolerance) == [0.07, 0.05, 0.05])
  }

  @Test("The fingerprint tells what decides from what does not")
  func fingerprint() throws {
    let base = try read("models: [{name: a}]").fingerprint
    #expect(base.count == 64)
    // A dictionary would come in another order in every process.
    #expect("\(Thresholds([.hellinger: 0.5, .psi: 1]))" == "Thresholds(psi: 1.0, hellinger: 0.5)")
    for same in [
      "# comment\nmodels:\n  - name: a",
      "log: {embedded: x}\nengine: {poll_records: 7}\ntime: {idle: 1s}\nmodels: [{name: a}]",
      "engine: {runs: 3}\nmodels: [{name: a, train: {priority: 2}}]",
    ] {
      #expect(try read(same).fingerprint == base)
    }
    for other in [
      "models: [{name: b}]", "models: [{name: a, drop: [x]}]", "models: [{name: a, train: {seed: 2}}]",
      "time: {lateness: 1s}\nmodels: [{name: a}]", "models: [{name: a, monitor: {drift: {thresholds: {psi: off}}}}]",
      "",
    ] {
      #expect(try read(other).fingerprint != base)
    }
  }
}
