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
  public var model: String
  public var version: Int
  public var status: ModelStatus
  /// Why it has this status, with the figures.
  public var reason: String
  /// Event time of the change.
  public var time: Milliseconds
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
    model: String, version: Int, status: ModelStatus, reason: String, time: Milliseconds, parent: Int? = nil,
    trigger: String? = nil, family: String, task: String, artifact: String? = nil, artifactBytes: Int? = nil,
    challenger: MetricsRecord? = nil, champion: MetricsRecord? = nil, difference: MomentsRecord? = nil,
    gate: GateRecord? = nil, rows: RowSet? = nil, trainedRows: Int? = nil, rowsHash: String? = nil,
    configuration: String, code: String, seed: UInt64, reference: ReferenceRecord? = nil
  ) {
    self.model = model
    self.version = version
    self.status = status
    self.reason = reason
    self.time = time
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
