import Events

/// The names of the tags by which what was mirrored is known again.
enum MirrorTag {
  static let run = "leeway.run"
  static let artifact = "leeway.sha256"
  static let version = "leeway.version"
  static let status = "leeway.status"
}

/// A figure as a tracking server takes it: finite, under a name of letters, digits and "_-. /".
struct MirrorFigure: Equatable {
  let name: String
  let value: Double

  init?(_ name: String, _ value: Double?) {
    guard let value, value.isFinite else { return nil }
    self.name = name
    self.value = value
  }

  /// One that a trainer outside has named.
  init?(reported figure: ReportedFigure) {
    let letters = figure.name.unicodeScalars.map { scalar -> Character in
      let isPlain = scalar.properties.isAlphabetic || "0123456789_-. ".unicodeScalars.contains(scalar)
      return scalar.isASCII && isPlain ? Character(scalar) : "_"
    }
    // A name of dots alone would be taken for a folder.
    self.init("reported/_\(String(letters.prefix(200)))", figure.value)
  }
}

/// A run as it is to stand in the tracking server.
struct RunImage: Equatable {
  enum Outcome: String {
    case finished = "FINISHED"
    case failed = "FAILED"
    /// A person has cancelled it.
    case killed = "KILLED"
  }

  let run: String
  let model: String
  var tags: [MirrorEntry]
  /// Times are event times, as they are in the log.
  var start: Milliseconds
  var parameters: [MirrorEntry] = []
  var figures: [MirrorFigure] = []
  /// nil while it is under way.
  var outcome: Outcome?
  /// Of what came of it.
  var outcomeTags: [MirrorEntry] = []
  var artifact: String?
  var end: Milliseconds

  init(_ started: RunStarted) {
    self.init(run: started.run, model: started.model, version: started.version, time: started.time)
    let parameters = [
      MirrorEntry("family", started.family), MirrorEntry("seed", "\(started.seed)"),
      MirrorEntry("version", "\(started.version)"), MirrorEntry("parent", started.parent.map(String.init)),
      MirrorEntry("parent_sha256", started.parentArtifact), MirrorEntry("rows", Self.shown(started.rows)),
      MirrorEntry("rows_from", started.rows.from.map(RFC3339.format)),
      MirrorEntry("rows_before", RFC3339.format(started.rows.before)),
      MirrorEntry("onset", started.onset.map(RFC3339.format)), MirrorEntry("holdout", "\(started.holdout)"),
    ]
    self.parameters = parameters.compactMap(\.self)
  }

  /// Of a run that nobody has started: one that there were no rows for.
  ///
  /// - Parameters:
  ///   - time: of its record.
  ///   - request: to cancel it.
  init(_ finished: RunFinished, time: Milliseconds, cancelledBy request: RunRequest? = nil) {
    self.init(run: finished.run, model: finished.model, version: finished.version, time: time)
    finish(finished, cancelledBy: request)
  }

  private init(run: String, model: String, version: Int, time: Milliseconds) {
    self.run = run
    self.model = model
    (start, end) = (time, time)
    tags = [
      MirrorEntry(MirrorTag.run, run, bytes: 5_000), MirrorEntry("leeway.trigger", run),
      MirrorEntry("leeway.model", model), MirrorEntry(MirrorTag.version, "\(version)"),
    ]
  }

  /// - Parameter request: to cancel it, which may have come too late.
  mutating func finish(_ finished: RunFinished, cancelledBy request: RunRequest? = nil) {
    outcome =
      if let failure = finished.failure { failure == request?.cancellation ? .killed : .failed } else { .finished }
    end = start &+ Int64(clamping: (finished.seconds * 1_000).rounded())
    artifact = finished.result?.artifact
    let tags = [MirrorEntry("leeway.failure", finished.failure), MirrorEntry(MirrorTag.artifact, artifact)]
    outcomeTags = tags.compactMap(\.self)
    var figures = [MirrorFigure("seconds", finished.seconds)]
    if let result = finished.result {
      figures += [
        MirrorFigure("rows/trained", Double(result.trainedRows)),
        MirrorFigure("rows/validated", Double(result.validatedRows)),
        MirrorFigure("rows/refused", Double(result.refusedRows)),
        MirrorFigure("rows/unpaired", result.unpairedRows.map(Double.init)),
        MirrorFigure("artifact_bytes", Double(result.artifactBytes)),
        MirrorFigure("difference", result.difference?.mean),
      ]
      figures += Self.figures(of: result.challenger, "challenger")
      if let champion = result.champion { figures += Self.figures(of: champion, "champion") }
      figures += result.reported.map { MirrorFigure(reported: $0) }
    }
    var names: Set<String> = []
    self.figures = figures.compactMap(\.self).filter { names.insert($0.name).inserted }
  }

  private static func figures(of metrics: MetricsRecord, _ name: String) -> [MirrorFigure?] {
    let figures: [(String, Double?)] = [
      ("rows", Double(metrics.rows)), ("loss", metrics.loss), ("accuracy", metrics.accuracy),
      ("log_loss", metrics.logLoss), ("auc", metrics.auc), ("mae", metrics.mae), ("rmse", metrics.rmse),
    ]
    return figures.map { MirrorFigure("\(name)/\($0)", $1) }
  }

  /// Ranges of numbers, by partition.
  private static func shown(_ rows: RowSet) -> String {
    rows.partitions.map { "\($0.partition): \($0.first)..<\($0.end)" }.joined(separator: ", ")
  }
}

extension Int64 {
  /// The nearest whole number; 0 for what is no number.
  fileprivate init(clamping value: Double) {
    self = value.isNaN ? 0 : Int64(Swift.max(-1e15, Swift.min(1e15, value)))
  }
}
