import Events

/// A tag, a parameter or a figure's name with its value.
struct MirrorEntry: Equatable {
  let name: String
  let value: String

  /// Bytes of a value: the least that servers of any version take.
  static let valueBytes = 500

  init(_ name: String, _ value: String, bytes: Int = Self.valueBytes) {
    self.name = name
    self.value = Words.cut(value, bytes: bytes)
  }

  /// None where there is no value.
  init?(_ name: String, _ value: String?) {
    guard let value else { return nil }
    self.init(name, value)
  }
}

/// A run that the server has and that comes from here.
struct TrackedRun: Equatable {
  let id: String
  var hasEnded: Bool
  /// SHA-256 of the artifact that it made; nil where it has made none.
  var artifact: String?
}

extension MLflowClient {
  private static let pageRuns = 200
  /// Parameters and figures of one request.
  private static let batchEntries = 100

  struct Experiment: Equatable {
    let id: String
    let isDeleted: Bool
  }

  func experiment(_ name: String) throws(MLflowFailure) -> Experiment? {
    let json: JSON
    do {
      json = try call(.get, "experiments/get-by-name", [("experiment_name", name)])
    } catch {
      guard error.code == "RESOURCE_DOES_NOT_EXIST" else { throw error }
      return nil
    }
    return try read(json) { (json) throws(EventError) in
      let experiment = try json.need("experiment")
      return Experiment(
        id: try experiment.need("experiment_id").identifier(),
        isDeleted: try experiment["lifecycle_stage"]?.text() == "deleted")
    }
  }

  func createExperiment(_ name: String) throws(MLflowFailure) -> String {
    let json = try call(.post, "experiments/create") { $0.field("name", name) }
    return try read(json) { (json) throws(EventError) in try json.need("experiment_id").identifier() }
  }

  /// The runs that were mirrored, deleted ones among them, by `MirrorTag.run`.
  func runs(of experiment: String) throws(MLflowFailure) -> [String: [TrackedRun]] {
    var runs: [String: [TrackedRun]] = [:]
    try pages { (token) throws(MLflowFailure) in
      try call(.post, "runs/search") { body in
        body.field("experiment_ids", each: [experiment]) { $0.value($1) }
        body.field("filter", "tags.`\(MirrorTag.run)` LIKE '%'")
        body.field("run_view_type", "ALL")
        body.field("max_results", Self.pageRuns)
        body.field("page_token", token)
      }
    } _: { (json) throws(MLflowFailure) in
      let page = try read(json) { (json) throws(EventError) in try json["runs"]?.list(Self.run) ?? [] }
      for (name, run) in page { if let name { runs[name, default: []].append(run) } }
    }
    return runs
  }

  private static func run(_ json: JSON) throws(EventError) -> (name: String?, run: TrackedRun) {
    let info = try json.need("info")
    let tags = try json["data"]?["tags"]?.entries() ?? [:]
    let status = try info["status"]?.text() ?? ""
    let run = TrackedRun(
      id: try info.need("run_id").identifier(), hasEnded: !["RUNNING", "SCHEDULED"].contains(status),
      artifact: tags[MirrorTag.artifact])
    return (tags[MirrorTag.run], run)
  }

  func createRun(_ image: RunImage, in experiment: String) throws(MLflowFailure) -> String {
    let json = try call(.post, "runs/create") { body in
      body.field("experiment_id", experiment)
      body.field("run_name", image.run)
      body.field("start_time", image.start)
      body.entries("tags", image.tags)
    }
    return try read(json) { (json) throws(EventError) in
      try json.need("run").need("info").need("run_id").identifier()
    }
  }

  /// Parameters, figures and tags of a run. The same ones again change nothing.
  func log(
    _ run: String, parameters: [MirrorEntry] = [], figures: [MirrorFigure] = [], tags: [MirrorEntry] = [],
    at time: Milliseconds
  ) throws(MLflowFailure) {
    try log(run, "params", parameters) { body, batch in
      body.entries("params", Array(batch))
    }
    try log(run, "metrics", figures) { body, batch in
      body.field("metrics", each: batch) { writer, figure in
        writer.object {
          $0.field("key", figure.name)
          $0.field("value", figure.value)
          $0.field("timestamp", time)
          $0.field("step", 0)
        }
      }
    }
    try log(run, "tags", tags) { body, batch in body.entries("tags", Array(batch)) }
  }

  private func log<T>(
    _ run: String, _ kind: String, _ entries: [T], _ write: @escaping (inout JSONWriter, ArraySlice<T>) -> Void
  ) throws(MLflowFailure) {
    for start in stride(from: 0, to: entries.count, by: Self.batchEntries) {
      let batch = entries[start..<min(start + Self.batchEntries, entries.count)]
      _ = try call(.post, "runs/log-batch") { body in
        body.field("run_id", run)
        write(&body, batch)
      }
    }
  }

  func end(_ run: String, _ outcome: RunImage.Outcome, at time: Milliseconds) throws(MLflowFailure) {
    _ = try call(.post, "runs/update") { body in
      body.field("run_id", run)
      body.field("status", outcome.rawValue)
      body.field("end_time", time)
    }
  }
}
