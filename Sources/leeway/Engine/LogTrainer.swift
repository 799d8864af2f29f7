import Engine
import Events
import LeewayClient
import Log
import Models
import Parallel
import Synchronization

/// Carries out runs of the built-in families on the rows and artifacts of a log.
final class LogTrainer: Trainer {
  /// Rows of a trial, at the most.
  private static let trialRows = 10

  private let log: any Log
  private let configuration: EngineConfiguration
  private let golden: GoldenSets
  private let warn: @Sendable (String) -> Void
  private let isStopping: @Sendable (RunStarted) -> Bool
  private let keeping: RunCheckpoint.Settings?
  private let workers: Workers
  /// The artifacts made here that may be continued next, by checksum: saves reading them back.
  private let recent = Mutex<[String: Model]>([:])

  /// - Parameters:
  ///   - golden: by model; what a version is made of does not depend on it, only how it is judged.
  ///   - warn: told, in a sentence, what a person should know of the rows of a run.
  ///   - isStopping: whether the work on a run is to stop; it then throws `RunInterrupted`.
  ///   - keeping: where and how often work is kept; nil for not at all.
  ///   - workers: who does what can be done at the same time.
  init(
    log: any Log, configuration: EngineConfiguration, golden: [String: GoldenSection] = [:],
    warn: @escaping @Sendable (String) -> Void = { _ in },
    isStopping: @escaping @Sendable (RunStarted) -> Bool = { _ in false }, keeping: RunCheckpoint.Settings? = nil,
    workers: Workers = .cores
  ) {
    self.log = log
    self.configuration = configuration
    self.golden = GoldenSets(golden)
    self.warn = warn
    self.isStopping = isStopping
    self.keeping = keeping
    self.workers = workers
  }

  /// Goes on with what an earlier process has kept of the run. What is kept stays until the run is forgotten: a process
  /// may end before it has told what came of it.
  func train(_ run: RunStarted) throws -> TrainedArtifact {
    let checkpoint = keeping.map { RunCheckpoint(run, configuration, $0) }
    if let spent = checkpoint?.spent, spent > 0 {
      warn("run \(run.run): goes on from what was kept after \(Figures.short(spent)) s of work")
    }
    defer {
      if let failure = checkpoint?.failure { warn("run \(run.run): its work could not be kept: \(failure)") }
    }
    return try train(run, checkpoint)
  }

  /// Makes a run's version anew from its parent and its rows alone, however long that takes. What else the run names has
  /// judged the version, and its bytes do not depend on it.
  func remake(_ run: RunStarted) throws -> TrainedArtifact {
    var alone = run
    (alone.champion, alone.fallback, alone.contest) = (nil, nil, nil)
    return try train(alone, nil, seconds: .infinity)
  }

  func forget(_ run: RunStarted) {
    if let keeping { RunCheckpoint.remove(run, keeping) }
  }

  /// - Parameter seconds: that it may take; nil for the model's quota.
  private func train(
    _ run: RunStarted, _ checkpoint: RunCheckpoint?, seconds: Double? = nil
  ) throws -> TrainedArtifact {
    guard let model = configuration.model(named: run.model) else {
      throw TrainingFailure("no model \(run.model) in the configuration")
    }
    let reader = try log.makeReader()
    defer { reader.close() }
    let deadline = Deadline(
      seconds: seconds ?? model.training.maximumSeconds, spent: checkpoint?.spent ?? 0,
      isStopping: { [isStopping] in isStopping(run) })
    let versions = try BuiltinTraining.Versions(
      of: run, model: self.model, fallback: fallback, contest: contest)
    if let parent = versions.parent, let version = run.parent,
      let warning = BuiltinTraining(model).familyWarning(continuing: parent, version: version)
    {
      warn("run \(run.run): \(warning)")
    }
    let golden = try golden.rows(of: model, in: log, reader, configuration.names)
    try prove(run, model, reader, versions.parent)
    let memory = RunMemory(limit: model.training.maximumMemory, of: run, versions)
    let rows = try ExampleReader(reader: reader, names: configuration.names).rows(
      of: run, mostRows: model.training.mostRowsRead, memory: memory, workers: workers,
      checkQuota: deadline.check)
    for warning in ColumnTexts(rows.lazy.map(\.example.features)).warnings(of: model, champion: versions.parent) {
      warn("run \(run.run): \(warning)")
    }
    let work = checkpoint.map { checkpoint in
      KeptWork(bytes: checkpoint.bytes) { checkpoint.offer(isStopping: deadline.isStopping(), $0) }
    }
    let trained = try BuiltinTraining(model).train(
      run, rows: rows, versions: versions, golden: golden, scoringTime: ScoringTime.nanoseconds, work: work,
      workers: workers, checkQuota: deadline.check)
    let challenger = try Model(decoding: trained.artifact[...])
    let kept = [run.parentArtifact, run.champion?.artifact, run.fallback?.artifact]
    recent.withLock { recent in
      recent = recent.filter { kept.contains($0.key) }
      recent[trained.result.artifact] = challenger
    }
    return trained
  }

  /// A trial on ten rows: the oldest or, where labels or columns became fit later, the newest.
  private func prove(
    _ run: RunStarted, _ model: ModelConfiguration, _ reader: any LogReader, _ champion: Model?
  ) throws {
    let examples = FirstExamples(reader: reader, names: configuration.names)
    let training = BuiltinTraining(model)
    do {
      do {
        try training.prove(run, rows: examples.rows(of: run, count: Self.trialRows), champion: champion)
      } catch is TrainingFailure {
        try training.prove(run, rows: examples.lastRows(of: run, count: Self.trialRows), champion: champion)
      }
    } catch let failure as TrainingFailure {
      throw TrainingFailure("before its rows were read, a trial on \(Self.trialRows) of them showed: \(failure)")
    }
  }

  /// Without it the champion is not watched; the run goes on.
  private func fallback(_ named: NamedVersion) throws -> Model? {
    do {
      return try model(named)
    } catch let failure as TrainingFailure {
      warn("the champion is not compared with the version before it: \(failure)")
      return nil
    }
  }

  private func model(_ named: NamedVersion) throws -> Model {
    if let model = recent.withLock({ $0[named.artifact] }) { return model }
    switch try PublishedArtifact.fetch(checksum: named.artifact, from: log, names: configuration.names) {
    case .verified(let model):
      recent.withLock { $0[named.artifact] = model }
      return model
    case .external:
      throw TrainingFailure(
        "version \(named.version) was made by a trainer outside, and a built-in family cannot continue it: set "
          + "`trainer` again, or begin anew under another name")
    case .refused(let reason):
      throw TrainingFailure(
        "the artifact of version \(named.version) cannot be read: \(reason). Restore the topic artifacts, or promote a version that "
          + "is there: leeway models promote")
    }
  }

  /// What is lost of it costs rows of evidence and no more: the comparison begins anew.
  private func contest(_ checksum: String) throws -> [UInt8]? {
    switch try PublishedArtifact.fetch(checksum: checksum, from: log, names: configuration.names) {
    case .external(let bytes): return bytes
    case .verified: return nil
    case .refused(let reason):
      warn("the gate begins anew: what it knew (\(checksum.prefix(12))…) cannot be read: \(reason)")
      return nil
    }
  }
}
