import Bytes
import Control
import Drift
public import Events
public import Models
public import Parallel
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

    /// Those that a run names.
    ///
    /// - Parameters:
    ///   - model: what serves, or is continued.
    ///   - fallback: nil where the champion is not to be watched.
    ///   - contest: by its checksum; nil where nothing is known.
    public init(
      of run: RunStarted, model: (NamedVersion) throws -> Model, fallback: (NamedVersion) throws -> Model?,
      contest: (String) throws -> [UInt8]?
    ) rethrows {
      self.init(
        parent: try run.parentArtifact.map { try model(NamedVersion(version: run.parent ?? 0, artifact: $0)) },
        champion: try run.champion.map(model), fallback: try run.fallback.flatMap(fallback),
        contest: try run.contest.flatMap(contest))
    }
  }

  /// Rows that are prepared at a time.
  private static let piece = 1_000

  public let configuration: ModelConfiguration

  public init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
  }

  /// - Parameters:
  ///   - golden: rows on which nothing may be forgotten.
  ///   - scoringTime: nanoseconds that a model takes to score one of these rows; asked only where the gate limits it.
  ///   - work: of an earlier process on this run, and where it is kept: before each block, and behind the last.
  ///   - workers: who does what can be done at the same time; the outcome does not depend on it.
  ///   - checkQuota: called again and again while rows are learned; what it throws ends the run.
  /// - Throws: `TrainingFailure` with the sentence for the run's record.
  public func train(
    _ run: RunStarted, rows: [TrainingRow], versions: Versions = Versions(), golden: [TrainingRow] = [],
    scoringTime: (Model, [Row]) -> Double? = { _, _ in nil }, work: KeptWork? = nil,
    workers: Workers = .one, checkQuota: () throws -> Void = {}
  ) throws -> TrainedArtifact {
    let training = configuration.training
    let rows = try TrainingRows(
      all: rows, for: run, minimumRows: training.minimumRows, maximumRows: training.maximumRows)
    if let parent = versions.parent { try check(parent, of: run) }
    let fresh = try weighed(versions.parent ?? beginning(rows.learned, seed: run.seed))
    let inputs = workers.map(rows.all[...], by: Self.piece) { [schema = fresh.schema] rows in
      rows.indices.map { schema.row(of: rows[$0].example.features) }
    }.flatMap(\.self)
    let pairs = rows.learned.indices.compactMap { usable(rows.all, $0, inputs[$0], fresh) }
    guard !pairs.isEmpty else { throw TrainingFailure("none of \(rows.learned.count) rows has a label to learn from") }
    let beside = Beside(
      VersionReference(configuration: configuration, schema: fresh.schema, rows: rows, inputs, onset: run.onset), rows,
      workers)
    var progress = ProgressiveRun(
      rows: rows.all, challenger: fresh, champion: versions.champion, fallback: versions.fallback,
      contest: contest(versions))
    if let bytes = work?.bytes { progress = (try? ProgressiveRun(progress, from: bytes, rows: pairs)) ?? progress }
    let firstValidated = max(pairs.count - training.validationRows, 0)
    let firstHeld = firstHeld(pairs.count, of: run, fresh.family)
    for start in stride(from: progress.learned, to: pairs.count, by: fresh.family.blockLength) {
      work?.keep { progress.encoded(of: pairs.count) }
      try checkQuota()
      if start == firstHeld { progress.keepStem() }
      // A block is validated as a whole.
      let block = pairs[start..<min(start + fresh.family.blockLength, pairs.count)]
      progress.take(block, isValidation: block.endIndex > firstValidated)
    }
    try progress.refine(pairs, epochs: training.epochs, patience: training.patience, each: checkQuota)
    work?.keep { progress.encoded(of: pairs.count) }
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
    return trained(run, rows, pairs, progress, artifact, record, next.encoded, beside)
  }

  /// What is done of a run while its rows are learned, and does not depend on that.
  private struct Beside {
    let reference: VersionReference
    let features: Aside<Reference>
    let hash: Aside<String>
    let workers: Workers

    init(_ reference: VersionReference, _ rows: TrainingRows, _ workers: Workers) {
      self.reference = reference
      features = workers.aside { reference.features(workers: workers) }
      hash = workers.aside { rows.hash }
      self.workers = workers
    }

    func whole(_ judged: [VersionReference.Judged], _ model: Model) -> Reference {
      reference.whole(features.value(), judged, model: model, workers: workers)
    }
  }

  private func trained(
    _ run: RunStarted, _ rows: TrainingRows, _ pairs: [ProgressiveRun.Row], _ progress: ProgressiveRun,
    _ artifact: [UInt8], _ record: GateRecord, _ contest: [UInt8], _ beside: Beside
  ) -> TrainedArtifact {
    let isFirst = run.champion == nil
    let validated = pairs.suffix(progress.judged.count).map { rows.all[$0.number] }
    let result = RunResult(
      artifact: artifactChecksum(artifact), artifactBytes: artifact.count, trainedRows: pairs.count,
      validatedRows: progress.evaluation.count, refusedRows: rows.learned.count - pairs.count,
      learned: rows.learnedSpan(of: run, before: run.rows.before),
      validated: TrainingRows.span(validated, from: validated.first?.example.time, before: run.rows.before),
      rowsHash: beside.hash.value(), challenger: progress.evaluation.metrics,
      champion: isFirst ? nil : progress.championEvaluation.metrics,
      difference: isFirst ? nil : progress.difference.record, gate: record, contest: artifactChecksum(contest),
      reference: ReferenceRecord(beside.whole(progress.judged, progress.challenger)))
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
        .first(where: { !configuration.allows($0) })
      {
        "it reads \(column.name) as \(column.kind.reading)"
      } else { nil }
    guard let fault else { return }
    throw TrainingFailure(
      "version \(run.parent ?? 0) cannot be continued under this configuration: \(fault). Begin anew under another name"
    )
  }

  /// What a person should know whose configuration names another family than that of the version that is continued; nil
  /// where it names the same.
  public func familyWarning(continuing parent: Model, version: Int) -> String? {
    let (begun, wanted) = (parent.family.name, configuration.family.name)
    if begun == wanted { return nil }
    return
      "model \(configuration.name) goes on in the family \(begun), in which version \(version) was begun, not in \(wanted), "
      + "which the configuration names: a model is continued as it began. For \(wanted), begin anew under another name; "
      + "else put the family back"
  }

  func beginning(_ rows: ArraySlice<TrainingRow>, seed: UInt64) throws -> Model {
    Model(
      schema: try configuration.schema(
        of: rows, categorical: configuration.categorical, numeric: configuration.numeric,
        hashed: configuration.hashed, times: configuration.calendar),
      family: configuration.family, seed: seed)
  }

  /// A model continues with the class weights that are asked for now.
  func weighed(_ model: Model) throws -> Model {
    var model = model
    do {
      try model.weigh(configuration.training.classWeights)
    } catch {
      throw TrainingFailure("classes cannot be weighed: \(error)")
    }
    return model
  }

  /// Of a family that learns in epochs, the number of the first row by which these are judged: the block that the rows
  /// held out begin in. Nil where there is nothing before them.
  private func firstHeld(_ count: Int, of run: RunStarted, _ family: Family) -> Int? {
    guard family.trainsInEpochs, configuration.training.epochs > 0 else { return nil }
    let split = count - max(1, Int((Double(count) * run.holdout).rounded(.down)))
    let start = split - split % family.blockLength
    return start > 0 ? start : nil
  }

  /// - Parameter input: the row as the model reads it.
  func usable(_ rows: [TrainingRow], _ number: Int, _ input: Row, _ model: Model) -> ProgressiveRun.Row? {
    let label = rows[number].example.label.modelValue
    guard let target = try? model.family.target(label, of: model.schema.task) else { return nil }
    return ProgressiveRun.Row(number: number, input: input, target: target)
  }
}

extension ModelConfiguration {
  /// The schema of a first version.
  ///
  /// - Throws: `TrainingFailure` where the rows give none.
  func schema(
    of rows: ArraySlice<TrainingRow>, categorical: Set<String>, numeric: Set<String>, hashed: Set<String> = [],
    times: Set<String> = []
  ) throws -> Schema {
    do {
      return try Schema.infer(
        task: task,
        rows: rows.lazy.map { $0.example.features.lazy.map { (name: $0.name, value: $0.value.modelValue) } },
        categorical: categorical, numeric: numeric, dropped: dropped, hashed: hashed,
        times: times)
    } catch {
      throw TrainingFailure("no schema can be made of the rows: \(error)")
    }
  }
}

extension ModelConfiguration {
  /// Whether a model's column may be of its kind.
  fileprivate func allows(_ column: Column) -> Bool {
    let named = [
      (categorical, Column.Kind.categorical), (numeric, .numeric), (hashed, .hashed), (calendar, .time),
    ].filter { $0.0.contains(column.name) }
    return named.isEmpty || named.contains { $0.1 == column.kind }
  }
}

extension Column.Kind {
  /// What a model takes the column's values for.
  public var reading: String {
    switch self {
    case .numeric: "numbers"
    case .categorical: "names"
    case .hashed: "hashed names"
    case .time: "times"
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
