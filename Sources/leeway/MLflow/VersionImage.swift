import Events

/// A version as it is to stand in the tracking server.
struct VersionImage: Equatable {
  let version: Int
  /// SHA-256 of the artifact. A log that was begun anew uses numbers again: only with this a version is the same one.
  let artifact: String?
  /// The run that made it.
  let run: String?
  private let fixed: [MirrorEntry]
  /// What its run was done with, and only the version's record tells.
  let parameters: [MirrorEntry]
  private(set) var status: ModelStatus
  private(set) var description: String
  private(set) var time: Milliseconds

  /// - Parameter record: the first of the version.
  init(_ record: ModelRecord) {
    version = record.version
    artifact = record.artifact
    run = record.trigger
    (status, time) = (record.status, record.time)
    description = Self.described(record)
    parameters = [MirrorEntry("configuration", record.configuration), MirrorEntry("code", record.code)]
    let fixed = [
      MirrorEntry(MirrorTag.version, "\(record.version)"), MirrorEntry(MirrorTag.artifact, record.artifact),
      MirrorEntry("leeway.family", record.family), MirrorEntry("leeway.task", record.task),
      MirrorEntry("leeway.parent", record.parent.map(String.init)), MirrorEntry("leeway.trigger", record.trigger),
      MirrorEntry("leeway.rows_sha256", record.rowsHash), MirrorEntry("leeway.seed", "\(record.seed)"),
      MirrorEntry("leeway.configuration", record.configuration), MirrorEntry("leeway.code", record.code),
    ]
    self.fixed = fixed.compactMap(\.self)
  }

  /// A later record of the same version says where it stands now.
  mutating func change(_ record: ModelRecord) {
    (status, time) = (record.status, record.time)
    description = Self.described(record)
  }

  var tags: [MirrorEntry] {
    fixed + [MirrorEntry(MirrorTag.status, status.rawValue), MirrorEntry("leeway.time", RFC3339.format(time))]
  }

  /// A model version has to name its source. The artifact itself stays in the log.
  func source(of model: String) -> String {
    "leeway://models/\(MLflowClient.escaped(model))/\(version)"
  }

  private static func described(_ record: ModelRecord) -> String {
    Words.cut(record.reason, bytes: 5_000)
  }

  /// Whether that is what the server has of this version.
  func isSame(as tracked: TrackedVersion) -> Bool {
    tracked.tags[MirrorTag.version] == "\(version)" && tracked.tags[MirrorTag.artifact] == artifact
  }
}
