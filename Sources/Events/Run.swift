/// One record of `runs`, keyed by model.
public enum RunRecord: Hashable, Sendable {
  case started(RunStarted)
  case finished(RunFinished)
  case requested(RunRequest)
}

/// Everything a trainer needs to know; the same request gives the same artifact.
public struct RunStarted: Hashable, Sendable {
  /// The trigger's id: a trigger has one run.
  public var run: String
  public var model: String
  /// The trigger's time.
  public var time: Milliseconds
  /// The version to be made. Where the run fails, the next one has the same.
  public var version: Int
  /// The version to continue from: the newest challenger, else the champion; `nil` for the first version.
  public var parent: Int?
  /// SHA-256 of the parent's artifact.
  public var parentArtifact: String?
  /// The champion to be judged against, with the SHA-256 of its artifact.
  public var champion: NamedVersion?
  /// The version that would serve again were the champion rolled back: of a champion that serves provisionally.
  public var fallback: NamedVersion?
  /// SHA-256 of what the gate knows of the challenger from earlier runs; `nil` where it begins anew.
  public var contest: String?
  public var family: String
  public var seed: UInt64
  /// Rows to learn and validate on.
  public var rows: RowSet
  /// Where rows for the reference may start.
  public var referenceFrom: Milliseconds?
  /// From when on rows are thought to be changed: a reference is made of those, where they are enough.
  public var onset: Milliseconds?
  /// Share of the rows, the newest, that a program outside does not learn, and that epochs are judged by; built-in families
  /// learn all. Above 0 and below 1.
  public var holdout: Double

  public init(
    run: String, model: String, time: Milliseconds, version: Int, parent: Int? = nil,
    parentArtifact: String? = nil, champion: NamedVersion? = nil, fallback: NamedVersion? = nil, contest: String? = nil,
    family: String, seed: UInt64, rows: RowSet, referenceFrom: Milliseconds? = nil,
    onset: Milliseconds? = nil, holdout: Double
  ) {
    self.run = run
    self.model = model
    self.time = time
    self.version = version
    self.parent = parent
    self.parentArtifact = parentArtifact
    self.champion = champion
    self.fallback = fallback
    self.contest = contest
    self.family = family
    self.seed = seed
    self.rows = rows
    self.referenceFrom = referenceFrom
    self.onset = onset
    self.holdout = holdout
  }
}

/// A version and the SHA-256 of its artifact.
public struct NamedVersion: Hashable, Sendable {
  public var version: Int
  public var artifact: String

  public init(version: Int, artifact: String) {
    self.version = version
    self.artifact = artifact
  }
}

/// What a trainer reports. Wall-clock figures stand here and nowhere else.
public struct RunFinished: Hashable, Sendable {
  public var run: String
  public var model: String
  public var version: Int
  /// Why there is no artifact, where there is none.
  public var failure: String?
  public var seconds: Double
  public var result: RunResult?

  public init(
    run: String, model: String, version: Int, failure: String? = nil, seconds: Double, result: RunResult? = nil
  ) {
    self.run = run
    self.model = model
    self.version = version
    self.failure = failure
    self.seconds = seconds
    self.result = result
  }
}

/// A finished run's artifact and figures.
public struct RunResult: Hashable, Sendable {
  /// SHA-256 of the artifact, hexadecimal.
  public var artifact: String
  public var artifactBytes: Int
  public var trainedRows: Int
  public var validatedRows: Int
  /// Rows that could not be learned (a label that does not fit the task).
  public var refusedRows: Int
  /// The rows that the artifact has learned in this run.
  public var learned: RowSet
  /// The newest rows, on which the figures below were made: scored before they were learned, or never learned.
  public var validated: RowSet
  /// SHA-256 over the rows, in the order in which they were learned.
  public var rowsHash: String
  public var challenger: MetricsRecord
  /// The champion on the same validation rows.
  public var champion: MetricsRecord?
  /// Challenger's loss minus champion's, row by row, on validation rows.
  public var difference: MomentsRecord?
  /// What the gate says of the challenger, by these rows and those of earlier runs.
  public var gate: GateRecord
  /// SHA-256 of what the gate goes on from in the next run, whose bytes stand in `artifacts`; `nil` where it begins anew.
  public var contest: String?
  public var reference: ReferenceRecord
  /// Validation rows that the champion did not score in production, so that no comparison can be made on them; `nil` where
  /// the champion is there to score them itself.
  public var unpairedRows: Int?
  /// What the trainer says of its work, in its own terms and order.
  public var reported: [ReportedFigure]

  public init(
    artifact: String, artifactBytes: Int, trainedRows: Int, validatedRows: Int, refusedRows: Int,
    learned: RowSet, validated: RowSet, rowsHash: String, challenger: MetricsRecord,
    champion: MetricsRecord? = nil, difference: MomentsRecord? = nil, gate: GateRecord, contest: String? = nil,
    reference: ReferenceRecord, unpairedRows: Int? = nil, reported: [ReportedFigure] = []
  ) {
    self.artifact = artifact
    self.artifactBytes = artifactBytes
    self.trainedRows = trainedRows
    self.validatedRows = validatedRows
    self.refusedRows = refusedRows
    self.learned = learned
    self.validated = validated
    self.rowsHash = rowsHash
    self.challenger = challenger
    self.champion = champion
    self.difference = difference
    self.gate = gate
    self.contest = contest
    self.reference = reference
    self.unpairedRows = unpairedRows
    self.reported = reported
  }
}

/// A finite figure under the name that a trainer gave it.
public struct ReportedFigure: Hashable, Sendable {
  public var name: String
  public var value: Double

  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}

/// Metrics on one set of rows; those that do not apply to the task are `nil`.
public struct MetricsRecord: Hashable, Sendable {
  public var rows: Int
  /// The loss that the gate compares.
  public var loss: Double
  public var accuracy: Double?
  public var logLoss: Double?
  public var auc: Double?
  public var mae: Double?
  public var rmse: Double?

  public init(
    rows: Int, loss: Double, accuracy: Double? = nil, logLoss: Double? = nil, auc: Double? = nil,
    mae: Double? = nil, rmse: Double? = nil
  ) {
    self.rows = rows
    self.loss = loss
    self.accuracy = accuracy
    self.logLoss = logLoss
    self.auc = auc
    self.mae = mae
    self.rmse = rmse
  }
}
