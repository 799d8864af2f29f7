import Events

/// What the topics `runs` and `models` say and a tracking server may not have yet: a fold over their records, in order.
///
/// Of runs that are written the names are kept; of versions those of a model stay, as a later record changes them.
struct MirrorBook: Equatable {
  struct Model: Equatable {
    fileprivate(set) var versions: [Int: VersionImage] = [:]
    /// Versions that may differ from what the server has.
    fileprivate(set) var open: Set<Int> = []
    /// The version that serves.
    fileprivate(set) var champion: Int?
    /// Whether an alias may stand elsewhere.
    fileprivate(set) var hasMoved = false

    /// The newest version that is still judged.
    var challenger: Int? {
      versions.values.filter { $0.status == .shadow || $0.status == .inconclusive }.map(\.version).max()
    }
  }

  private(set) var models: [String: Model] = [:]
  private struct Run: Equatable {
    let number: Int
    var image: RunImage
  }

  /// By what they are called; numbered in the order of their records.
  private var runs: [String: Run] = [:]
  private var nextNumber = 0
  /// Those that have ended and are written.
  private var ended: Set<String> = []
  /// Requests to cancel a run, by run, until it has ended.
  private var cancels: [String: RunRequest] = [:]

  /// Runs that are to be written, in the order of their records.
  var openRuns: [RunImage] { runs.values.sorted { $0.number < $1.number }.map(\.image) }
  var openVersions: Int { models.values.reduce(0) { $0 + $1.open.count } }
  var isWritten: Bool { runs.isEmpty && !models.values.contains { $0.hasMoved || !$0.open.isEmpty } }

  /// - Parameter time: the record's timestamp.
  mutating func take(_ record: RunRecord, time: Milliseconds) {
    switch record {
    case .started(let started):
      // A record that comes again says nothing new.
      if runs[started.run] == nil, !ended.contains(started.run) { enter(RunImage(started)) }
    case .finished(let finished):
      // A run ends once: what a trainer reports of one that was cancelled counts for nothing.
      guard !ended.contains(finished.run) else { return }
      let request = cancels.removeValue(forKey: finished.run)
      if runs[finished.run] == nil {
        enter(RunImage(finished, time: time, cancelledBy: request))
      } else if runs[finished.run]?.image.outcome == nil {
        runs[finished.run]?.image.finish(finished, cancelledBy: request)
      }
    case .requested(let request):
      guard request.kind == .cancel, let run = request.run, !ended.contains(run) else { return }
      cancels[run] = request
    }
  }

  private mutating func enter(_ run: RunImage) {
    runs[run.run] = Run(number: nextNumber, image: run)
    nextNumber += 1
  }

  mutating func take(_ record: ModelRecord) {
    var model = models[record.model] ?? Model()
    defer { models[record.model] = model }
    if model.versions[record.version]?.change(record) == nil {
      model.versions[record.version] = VersionImage(record)
    }
    if record.status == .champion {
      model.champion = record.version
    } else if model.champion == record.version {
      model.champion = nil
    }
    model.open.insert(record.version)
    model.hasMoved = true
  }

  /// A run stands in the server as this image says, or never will.
  mutating func wrote(_ run: RunImage) {
    guard runs[run.run]?.image == run else { return }
    runs[run.run] = nil
    if run.outcome != nil { ended.insert(run.run) }
  }

  mutating func wrote(_ version: VersionImage, of model: String) {
    guard models[model]?.versions[version.version] == version else { return }
    models[model]?.open.remove(version.version)
  }

  mutating func movedAliases(of model: String) {
    models[model]?.hasMoved = false
  }
}
