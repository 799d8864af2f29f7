import Log

/// A way to do it wrong, which the checkers have to notice: each stands for a mistake in the engine, in a log or in how
/// the shell uses them.
public enum Mutation: String, CaseIterable, Sendable {
  // Commits.
  case dropOffsets = "drop-offsets"
  case offsetsFirst = "offsets-first"
  case outputsFirst = "outputs-first"
  case dropOutput = "drop-output"
  case commitTwice = "commit-twice"
  case snapshotApart = "snapshot-apart"
  case ignoreFenced = "ignore-fenced"
  case commitRead = "commit-read"

  // Assignments and what follows them.
  case noSuppression = "no-suppression"
  case keepState = "keep-state"
  case seekBehind = "seek-behind"
  case skipSnapshotPositions = "skip-snapshot-positions"
  case leadingLater = "leading-later"

  // What is written.
  case resetNumbers = "reset-numbers"
  case trainTwice = "train-twice"
  case forgetImports = "forget-imports"

  // The log itself.
  case takeDuplicates = "take-duplicates"
  case noFencing = "no-fencing"
  case readOpen = "read-open"
  case noAbort = "no-abort"

  /// What is wrong, in a line.
  public var summary: String {
    switch self {
    case .dropOffsets: "commits leave the offsets out"
    case .offsetsFirst: "offsets are committed before the outputs, in a commit of their own"
    case .outputsFirst: "outputs are committed before the offsets, in a commit of their own"
    case .dropOutput: "one commit in seven loses its last record"
    case .commitTwice: "a commit that seems to have failed is made again"
    case .snapshotApart: "snapshots are committed before the outputs and offsets that they belong to"
    case .ignoreFenced: "a worker that has lost its place joins again and goes on with what it has"
    case .commitRead: "what has been read is committed, not what has been taken: the queues are lost"
    case .noSuppression: "what is taken again after a restart is written again"
    case .keepState: "state is kept when a partition goes, and gone on with when it comes back"
    case .seekBehind: "reading begins one record behind the place asked for"
    case .skipSnapshotPositions: "reading begins at the commit, not where the snapshot was taken"
    case .leadingLater: "watermarks are shown to a worker only once it has read the rest"
    case .resetNumbers: "examples are numbered from the start by each worker"
    case .trainTwice: "a trigger leads to two runs"
    case .forgetImports: "imported rows are not looked for when examples are numbered"
    case .takeDuplicates: "a batch that is sent again is appended again"
    case .noFencing: "workers that have lost their place may commit"
    case .readOpen: "what has not been committed is read"
    case .noAbort: "what a dead worker had sent counts"
    }
  }

  func settings(_ settings: SimulatedLogSettings) -> SimulatedLogSettings {
    var settings = settings
    switch self {
    case .takeDuplicates: settings.deduplicates = false
    case .noFencing: settings.fences = false
    case .readOpen: settings.hidesOpen = false
    case .noAbort: settings.aborts = false
    default: break
    }
    return settings
  }

  func wrap(_ log: SimulatedLog) -> any Log { MutatedLog(log, self) }
}
