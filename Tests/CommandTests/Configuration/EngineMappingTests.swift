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
          drop: [d]
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
          train: {holdout: 18%, tolerance: 19%, reference_rows: 20, minimum_rows: 21, quotas: {seconds: 22, rows: 23, memory: 25MB, runs_per_day: 26}, seed: 24}
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
          holdout: 0.18, tolerance: 0.19, minimumRows: 21, referenceRows: 20, maximumRows: 23, maximumSeconds: 22,
          maximumMemory: 25 << 20, runsPerDay: 26, seed: 24))
    let off = try read("models: [{name: a, monitor: {drift: off, performance: off}}]").engineConfiguration.models[0]
    #expect(!off.monitor.triggers.onDrift && !off.monitor.triggers.onPerformance)
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
