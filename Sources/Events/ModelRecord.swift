/// Where a version stands.
public enum ModelStatus: String, Hashable, Sendable, CaseIterable {
  case shadow, canary, champion, retired, rejected, inconclusive
  case rolledBack = "rolled_back"

  /// Whether predictions of such a version may exist: it was let out of validation.
  public var hasServed: Bool {
    switch self {
    case .shadow, .canary, .champion, .retired, .rolledBack: true
    case .rejected, .inconclusive: false
    }
  }
}

/// A change of a version's status: one record of `models`, keyed by model. The topic is the history and is never compacted.
public struct ModelRecord: Hashable, Sendable {
  /// Who decided, where the engine did.
  public static let engine = "leeway"

  public var model: String
  public var version: Int
  public var status: ModelStatus
  /// Why it has this status, with the figures.
  public var reason: String
  /// Event time of the change.
  public var time: Milliseconds
  /// The login name of the person who decided it, or `ModelRecord.engine`; `nil` in records of before this was told.
  public var who: String?
  /// The id of the person's request.
  public var request: String?
  /// SHA-256 of the value of the model's record before this one, in `models`, hexadecimal: the records of a model are a
  /// chain. `nil` in its first one, and in records of before there was a chain.
  public var previous: String?
  public var parent: Int?
  public var trigger: String?
  public var family: String
  public var task: String
  /// SHA-256 of the artifact, hexadecimal; its bytes stand in `artifacts`.
  public var artifact: String?
  public var artifactBytes: Int?
  public var challenger: MetricsRecord?
  public var champion: MetricsRecord?
  public var difference: MomentsRecord?
  /// Why it has this status, in figures; of changes that the gate decided.
  public var gate: GateRecord?
  /// The rows it learned from.
  public var rows: RowSet?
  public var trainedRows: Int?
  public var rowsHash: String?
  public var configuration: String
  public var code: String
  public var seed: UInt64
  public var reference: ReferenceRecord?

  public init(
    model: String, version: Int, status: ModelStatus, reason: String, time: Milliseconds, who: String? = nil,
    request: String? = nil, previous: String? = nil, parent: Int? = nil, trigger: String? = nil, family: String,
    task: String, artifact: String? = nil, artifactBytes: Int? = nil, challenger: MetricsRecord? = nil,
    champion: MetricsRecord? = nil, difference: MomentsRecord? = nil, gate: GateRecord? = nil, rows: RowSet? = nil,
    trainedRows: Int? = nil, rowsHash: String? = nil,
    configuration: String, code: String, seed: UInt64, reference: ReferenceRecord? = nil
  ) {
    self.model = model
    self.version = version
    self.status = status
    self.reason = reason
    self.time = time
    self.who = who
    self.request = request
    self.previous = previous
    self.parent = parent
    self.trigger = trigger
    self.family = family
    self.task = task
    self.artifact = artifact
    self.artifactBytes = artifactBytes
    self.challenger = challenger
    self.champion = champion
    self.difference = difference
    self.gate = gate
    self.rows = rows
    self.trainedRows = trainedRows
    self.rowsHash = rowsHash
    self.configuration = configuration
    self.code = code
    self.seed = seed
    self.reference = reference
  }
}
