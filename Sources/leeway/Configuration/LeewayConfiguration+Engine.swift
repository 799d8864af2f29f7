import Bytes
import Crypto
import Drift
import Engine
import Events
import Foundation
import Models

extension LeewayConfiguration {
  /// What the engine makes of this configuration.
  var engineConfiguration: EngineConfiguration {
    EngineConfiguration(
      names: TopicNames(prefix: topics.prefix), inputPartitions: topics.partitions,
      modelPartitions: topics.modelPartitions, intake: time.intake, models: models.map(\.engineModel),
      fingerprint: fingerprint, code: "leeway \(Leeway.version)")
  }

  /// The programs that train models, by model.
  var programs: [String: ExternalTrainer.Settings] {
    let usual = runsFolder
    let programs = models.compactMap { model in
      model.trainer.map { section in
        // The program is told an absolute path, wherever it goes.
        let root = section.folder.map { URL(fileURLWithPath: $0).path } ?? usual
        return (
          model.name, ExternalTrainer.Settings(section, model: model.name, root: root, golden: model.gate.golden)
        )
      }
    }
    return Dictionary(programs, uniquingKeysWith: { first, _ in first })
  }

  /// Absolute, wherever who is told goes.
  private var runsFolder: String {
    if let folder = engine.runsFolder { return URL(fileURLWithPath: folder).path }
    return URL(fileURLWithPath: log.embedded).deletingLastPathComponent().path + "/leeway-runs"
  }

  /// How one process carries out runs.
  var runSettings: RunPool.Settings {
    RunPool.Settings(
      places: engine.runs,
      priorities: Dictionary(models.map { ($0.name, $0.train.priority) }, uniquingKeysWith: { first, _ in first }),
      programs: programs, golden: goldenSets,
      keeping: engine.keepWork.map { RunCheckpoint.Settings(root: runsFolder, interval: Double($0) / 1000) })
  }

  /// By model, where it has one.
  var goldenSets: [String: GoldenSection] {
    Dictionary(
      models.compactMap { model in model.gate.golden.map { (model.name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// - Parameter member: names the worker to others that want its group.
  func workerSettings(member: String) -> WorkerSettings {
    WorkerSettings(
      member: member, pollRecords: engine.pollRecords, commitRecords: engine.commitRecords,
      snapshotCommits: engine.snapshotCommits)
  }

  /// SHA-256 of everything that decides what the engine writes: neither where the log is, nor how work is batched, nor
  /// how the file is laid out.
  var fingerprint: String {
    var time = time
    time.idle = 0
    var hash = SHA256()
    // The description of a struct of plain values lists its fields in order, so a new field cannot be forgotten here.
    hash.update(data: Array("\(topics)\n\(time)\n".utf8))
    for var model in models {
      model.trainer?.folder = nil
      model.trainer?.keep = 0
      model.train.priority = 0
      if case .file(let path, let label)? = model.gate.golden?.rows {
        // What it holds counts, not where it is.
        model.gate.golden?.rows = .file(path: GoldenSet.checksum(of: path), label: label)
      }
      hash.update(data: Array("\(model)\n".utf8))
    }
    return hexadecimal(hash.finalize())
  }
}

extension TimeSection {
  fileprivate var intake: IntakeConfiguration {
    IntakeConfiguration(
      pane: pane, sketch: sketch, lateness: lateness, labelHorizon: labelHorizon, futureSlack: futureSlack,
      featuresTopic: featuresTopic, featureTimeToLive: featureTimeToLive, maximumOpen: maximumOpen)
  }
}

extension ModelSection {
  fileprivate var engineModel: ModelConfiguration {
    ModelConfiguration(
      name: name, task: engineTask, categorical: Set(categorical), numeric: Set(numeric), hashed: Set(hashed),
      calendar: Set(calendar), dropped: Set(drop), family: family.learner, externalFamily: trainer?.family,
      monitor: monitor.engineMonitor, training: monitor.adapted(train.engineTraining), gate: gate.engineGate)
  }

  var engineTask: Models.Task {
    switch task {
    case .binary: .binary
    case .regression: .regression
    case .multiclass: .multiclass(classes: classes)
    }
  }
}

extension ModelSection.Family {
  var learner: Family {
    switch self {
    case .mixture: .mixture
    case .linearMixture: .linearMixture
    case .linear: .linear
    case .logistic: .logistic
    case .softmax: .softmax
    case .poisson: .poisson
    case .network: .network
    case .mlp: .mlp
    }
  }
}

extension TrainSection {
  fileprivate var engineTraining: TrainingConfiguration {
    TrainingConfiguration(
      holdout: holdout, minimumRows: minimumRows, referenceRows: referenceRows,
      maximumRows: quotaRows, maximumSeconds: Double(quotaSeconds), maximumMemory: quotaMemory,
      runsPerDay: quotaRunsPerDay, classWeights: classWeights.rule, epochs: epochs, patience: patience,
      seed: UInt64(seed))
  }
}

extension MonitorSection {
  /// Of a continuous policy a run has as many rows as there were labels, but for a few that found no prediction.
  func adapted(_ training: TrainingConfiguration) -> TrainingConfiguration {
    var training = training
    if policy == .continuous { training.minimumRows = min(training.minimumRows, max(every / 2, 2)) }
    return training
  }

  var engineMonitor: MonitorConfiguration {
    var drift = DriftConfiguration()
    var detector = DetectorConfiguration()
    var performance = PerformanceConfiguration(windowLength: window)
    var triggers = TriggerConfiguration(
      onDrift: self.drift != nil, onPerformance: self.performance != nil, volume: volumeLabels, schedule: scheduleEvery,
      freshness: freshnessMaximumAge, cooldown: cooldown)
    if policy == .continuous {
      (triggers.onDrift, triggers.onPerformance) = (false, false)
      (triggers.volume, triggers.schedule, triggers.freshness) = (every, nil, nil)
    }
    drift.minimumRows = minimumRows
    if let rule = self.drift {
      drift.thresholds = rule.thresholds.sizes
      drift.falseAlarmRate = rule.alpha
      triggers.driftSpacing = rule.spacing
      triggers.driftRequires = rule.requires
      detector.averageRunLength = rule.runLength
    }
    if let rule = self.performance {
      performance.relativeTolerance = rule.relative
      performance.absoluteFloor = rule.absolute
      performance.averageRunLength = rule.runLength
      performance.minimumRows = rule.minimumRows
    }
    return MonitorConfiguration(
      window: window, drift: drift, detector: detector, season: season, joint: joint, performance: performance,
      triggers: triggers)
  }
}
