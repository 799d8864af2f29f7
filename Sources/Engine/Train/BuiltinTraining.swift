import Bytes
import Control
import Drift
public import Events
public import Models
import Sketches

/// Trains the built-in families: continues the newest challenger, or begins anew, on a run's rows, and lets the gate judge
/// what comes of it. Pure.
public struct BuiltinTraining: Sendable {
  /// What a run works with beside its rows.
  public struct Versions: Sendable {
    /// What is continued; nil for a first version.
    public var parent: Model?
    /// What serves; nil where nothing does.
    public var champion: Model?
    /// What would serve again were the champion rolled back.
    public var fallback: Model?
    /// What the gate knows from earlier runs (`Contest`); nil where nothing is known.
    public var contest: [UInt8]?

    public init(parent: Model? = nil, champion: Model? = nil, fallback: Model? = nil, contest: [UInt8]? = nil) {
      self.parent = parent
      self.champion = champion
      self.fallback = fallback
      self.contest = contest
    }
  }

  public let configuration: ModelConfiguration

  public init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
  }

  /// - Parameters:
  ///   - golden: rows on which nothing may be forgotten.
  ///   - scoringTime: nanoseconds that a model takes to score one of these rows; asked only where the gate limits it.
  ///   - work: of an earlier process on this run, and where it is kept.
  ///   - checkQuota: called again and again while rows are learned; what it throws ends the run.
  /// - Throws: `TrainingFailure` with the sentence for the run's record.
  public func train(
    _ run: RunStarted, rows: [TrainingRow], versions: Versions = Versions(), golden: [TrainingRow] = [],
    scoringTime: (Model, [Row]) -> Double? = { _, _ in nil }, work: KeptWork? = nil,
    checkQuota: () throws -> Void = {}
  ) throws -> TrainedArtifact {
    let training = configuration.training
    let rows = try TrainingRows(
      all: rows, for: run, minimumRows: training.minimumRows, maximumRows: training.maximumRows)
    if let parent = versions.parent { try check(parent, of: run) }
    let fresh = try versions.parent ?? beginning(rows.learned, seed: run.seed)
    let pairs = rows.learned.compactMap { usable($0, schema: fresh.schema) }
    guard !pairs.isEmpty else { throw TrainingFailure("none of \(rows.learned.count) rows has a label to learn from") }
    var progress = ProgressiveRun(
      challenger: fresh, champion: versions.champion, fallback: versions.fallback, contest: contest(versions))
    if let bytes = work?.bytes { progress = (try? ProgressiveRun(progress, from: bytes, rows: pairs)) ?? progress }
    let firstValidated = max(pairs.count - training.validationRows, 0)
    for start in stride(from: progress.learned, to: pairs.count, by: fresh.family.blockLength) {
      work?.keep { progress.encoded(of: pairs.count) }
      try checkQuota()
      // A block is validated as a whole.
      let block = pairs[start..<min(start + fresh.family.blockLength, pairs.count)]
      progress.take(block, isValidation: block.endIndex > firstValidated)
    }
    let artifact = progress.challenger.encoded()
    let record = progress.contest.judge(
      PromotionGate.Candidate(
        artifactBytes: artifact.count,
        scoringNanoseconds: configuration.gate.mostScoringNanoseconds.flatMap { _ in
          scoringTime(progress.challenger, pairs.suffix(training.validationRows).map(\.input))
        },
        golden: versions.champion.flatMap {
          GoldenComparison(
            configuration.gate, of: progress.challenger, against: $0, on: golden, cap: progress.contest.trial.cap)
        }),
      isFirst: versions.champion == nil, fallback: run.fallback?.version)
    var next = progress.contest
    next.settle(record)
    return trained(run, rows, pairs, progress, artifact, record, next.encoded)
  }

  private func trained(
    _ run: RunStarted, _ rows: TrainingRows, _ pairs: [ProgressiveRun.Row], _ progress: ProgressiveRun,
    _ artifact: [UInt8], _ record: GateRecord, _ contest: [UInt8]
  ) -> TrainedArtifact {
    let isFirst = run.champion == nil
    let validated = pairs.suffix(progress.judged.count).map(\.row)
    let result = RunResult(
      artifact: artifactChecksum(artifact), artifactBytes: artifact.count, trainedRows: pairs.count,
      validatedRows: progress.evaluation.count, refusedRows: rows.learned.count - pairs.count,
      learned: TrainingRows.span(
        rows.learned, from: (rows.isCut ? nil : run.rows.from) ?? rows.learned.first?.example.time,
        before: run.rows.before),
      validated: TrainingRows.span(validated, from: validated.first?.example.time, before: run.rows.before),
      rowsHash: rows.hash, challenger: progress.evaluation.metrics,
      champion: isFirst ? nil : progress.championEvaluation.metrics,
      difference: isFirst ? nil : progress.difference.record, gate: record, contest: artifactChecksum(contest),
      reference: ReferenceRecord(
        VersionReference(configuration: configuration, model: progress.challenger, rows: rows, onset: run.onset)
          .made(progress.judged)))
    return TrainedArtifact(artifact: artifact, result: result, contest: contest)
  }

  /// What was written under another configuration of the gate, or by another version of Leeway, is of no use: the
  /// comparison begins anew.
  private func contest(_ versions: Versions) -> Contest {
    var contest = Contest(configuration.gate, task: configuration.task)
    if let bytes = versions.contest,
      let known = try? Contest(configuration.gate, task: configuration.task, decoding: bytes[...])
    {
      contest = known
    }
    if versions.fallback != nil { contest.watch() }
    return contest
  }

  /// A model is continued as it began: what would change its columns is another model.
  func check(_ parent: Model, of run: RunStarted) throws {
    let schema = parent.schema
    let fault: String? =
      if schema.task != configuration.task {
        "its task is \(schema.task.name)"
      } else if let column = schema.columns
        .first(where: { configuration.dropped.contains($0.name) })
      {
        "it reads \(column.name), which is dropped now"
      } else if let column = schema.columns
        .first(where: { configuration.categorical.contains($0.name) && $0.kind == .numeric })
      {
        "it reads \(column.name) as a number"
      } else if let column = schema.columns
        .first(where: { configuration.numeric.contains($0.name) && $0.kind == .categorical })
      { "it reads \(column.name) as names" } else { nil }
    guard let fault else { return }
    throw TrainingFailure(
      "version \(run.parent ?? 0) cannot be continued under this configuration: \(fault). Begin anew under another name"
    )
  }

  func beginning(_ rows: [TrainingRow], seed: UInt64) throws -> Model {
    Model(
      schema: try configuration.schema(
        of: rows, categorical: configuration.categorical, numeric: configuration.numeric),
      family: configuration.family, seed: seed)
  }

  func usable(_ row: TrainingRow, schema: Schema) -> ProgressiveRun.Row? {
    guard let target = try? schema.task.target(row.example.label.modelValue) else { return nil }
    return ProgressiveRun.Row(row: row, input: schema.row(of: row.example.features), target: target)
  }
}

extension ModelConfiguration {
  /// The schema of a first version.
  ///
  /// - Throws: `TrainingFailure` where the rows give none.
  func schema(of rows: [TrainingRow], categorical: Set<String>, numeric: Set<String>) throws -> Schema {
    do {
      return try Schema.infer(
        task: task,
        rows: rows.lazy.map { $0.example.features.lazy.map { (name: $0.name, value: $0.value.modelValue) } },
        categorical: categorical, numeric: numeric, dropped: dropped)
    } catch {
      throw TrainingFailure("no schema can be made of the rows: \(error)")
    }
  }
}

/// The first of the largest probabilities.
func mostLikely(_ probabilities: [Double]) -> Int {
  probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
}

extension Schema {
  public func row(of features: [Feature]) -> Row {
    row(from: features.lazy.map { (name: $0.name, value: $0.value.modelValue) })
  }
}

extension Value {
  var columnValue: ColumnValue {
    switch self {
    case .number(let number): .number(number)
    case .category(let level): .category(level)
    case .missing: .missing
    }
  }
}

extension Evaluation {
  var metrics: MetricsRecord {
    MetricsRecord(
      rows: count, loss: lossMean ?? .infinity, accuracy: accuracy, logLoss: logLoss, auc: auc, mae: mae, rmse: rmse)
  }
}
