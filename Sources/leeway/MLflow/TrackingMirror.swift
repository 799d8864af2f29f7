import Events

/// Brings a tracking server to where a book says it should be. What the server has it is asked, by the tags that are on
/// everything mirrored, and never remembered beyond the last failure: so nothing is there twice, whoever was interrupted
/// where, and a server that has lost something, or is a new one, gets it again.
struct TrackingMirror {
  /// What was written.
  struct Count: Equatable {
    var runs = 0
    var versions = 0
    var aliases = 0
    /// What the server refuses.
    var refused = 0
  }

  /// What the server has.
  private struct Shelf {
    struct Model {
      var versions: [TrackedVersion]
      var aliases: [String: Int]
    }

    /// nil until there is something to put into it.
    var experiment: String?
    var runs: [String: [TrackedRun]]
    var models: [String: Model] = [:]
  }

  private let client: MLflowClient
  private let experiment: String
  /// Stands before the names of registered models.
  private let prefix: String
  /// Why the server would not have something, in sentences.
  private var refusals: [String] = []
  /// nil where it may be other than was last seen.
  private var shelf: Shelf?
  private(set) var count = Count()

  init(_ client: MLflowClient, experiment: String, prefix: String) {
    self.client = client
    self.experiment = experiment
    self.prefix = prefix
  }

  /// Runs of the experiment that were mirrored before, once that is known.
  var knownRuns: Int? { shelf?.runs.count }

  /// Writes all that is open. What the server refuses is told and passed over.
  ///
  /// - Throws: where the server is away, or nobody waits any more. What has been written by then is no longer open.
  mutating func write(_ book: inout MirrorBook) throws(MLflowFailure) {
    var shelf: Shelf
    if let known = self.shelf { shelf = known } else { shelf = try look() }
    // Whether the last thing asked for was done nobody knows after a failure.
    self.shelf = nil
    for run in book.openRuns {
      let outcome = Result { () throws(MLflowFailure) in try write(run, &shelf) }
      _ = try enter(outcome, "run \(run.run)", \.runs)
      book.wrote(run)
    }
    for (name, model) in book.models.sorted(by: { $0.key < $1.key }) where model.hasMoved || !model.open.isEmpty {
      try write(model, named: name, &book, &shelf)
    }
    self.shelf = shelf
  }

  /// What the server has refused since this was asked last.
  mutating func takeRefusals() -> [String] {
    defer { refusals = [] }
    return refusals
  }

  private func look() throws(MLflowFailure) -> Shelf {
    guard let found = try client.experiment(experiment) else { return Shelf(runs: [:]) }
    guard !found.isDeleted else {
      throw .away("its experiment \(experiment) is deleted: restore it there, or name another under mlflow.experiment")
    }
    return Shelf(experiment: found.id, runs: try client.runs(of: found.id))
  }

  /// Counts what was done, or takes note of why it was refused.
  /// - Returns: whether the server has it now.
  private mutating func enter(
    _ outcome: Result<Bool, MLflowFailure>, _ what: String, _ kind: WritableKeyPath<Count, Int>
  ) throws(MLflowFailure) -> Bool {
    switch outcome {
    case .success(let isNews):
      count[keyPath: kind] += isNews ? 1 : 0
      return true
    case .failure(let failure):
      guard failure.kind == .refused else { throw failure }
      count.refused += 1
      refusals.append("\(what) is passed over: \(failure.message)")
      return false
    }
  }

  /// - Returns: whether anything was missing.
  private func write(_ run: RunImage, _ shelf: inout Shelf) throws(MLflowFailure) -> Bool {
    let same = shelf.runs[run.run]?.firstIndex { !$0.hasEnded || run.outcome == nil || $0.artifact == run.artifact }
    let id: String
    if let same, let known = shelf.runs[run.run]?[same] {
      guard !known.hasEnded else { return false }
      id = known.id
    } else {
      let place: String
      if let known = shelf.experiment { place = known } else { place = try client.createExperiment(experiment) }
      shelf.experiment = place
      id = try client.createRun(run, in: place)
      shelf.runs[run.run, default: []].append(TrackedRun(id: id, hasEnded: false))
    }
    try client.log(id, parameters: run.parameters, figures: run.figures, tags: run.outcomeTags, at: run.end)
    guard let outcome = run.outcome else { return true }
    // Last: a run that has ended is complete.
    try client.end(id, outcome, at: run.end)
    if let index = shelf.runs[run.run]?.firstIndex(where: { $0.id == id }) {
      shelf.runs[run.run]?[index] = TrackedRun(id: id, hasEnded: true, artifact: run.artifact)
    }
    return true
  }
}

// Versions and aliases.
extension TrackingMirror {
  static let champion = "champion"
  static let challenger = "challenger"

  private mutating func write(
    _ model: MirrorBook.Model, named name: String, _ book: inout MirrorBook, _ shelf: inout Shelf
  ) throws(MLflowFailure) {
    let registered = prefix + name
    let found = Result { () throws(MLflowFailure) in
      if shelf.models[name] == nil { shelf.models[name] = try look(registered) }
      return false
    }
    let isThere = try enter(found, "model \(registered)", \.versions)
    for version in model.open.sorted().compactMap({ model.versions[$0] }) {
      if isThere {
        let outcome = Result { () throws(MLflowFailure) in try write(version, of: name, &shelf) }
        _ = try enter(outcome, "version \(version.version) of \(registered)", \.versions)
      }
      book.wrote(version, of: name)
    }
    for (alias, version) in [(Self.champion, model.champion), (Self.challenger, model.challenger)] where isThere {
      let image = version.flatMap { model.versions[$0] }
      let outcome = Result { () throws(MLflowFailure) in try point(alias, at: image, of: name, &shelf) }
      _ = try enter(outcome, "alias \(alias) of \(registered)", \.aliases)
    }
    book.movedAliases(of: name)
  }

  private func look(_ registered: String) throws(MLflowFailure) -> Shelf.Model {
    guard !(registered.contains("'") && registered.contains("\"")) else {
      throw .refused(400, code: "name", "MLflow cannot search for a name with both kinds of quotation marks")
    }
    if let aliases = try client.aliases(of: registered) {
      return Shelf.Model(versions: try client.versions(of: registered), aliases: aliases)
    }
    try client.createModel(registered, tags: [MirrorEntry("leeway.model", registered)])
    return Shelf.Model(versions: [], aliases: [:])
  }

  /// - Returns: whether anything was missing.
  private func write(
    _ image: VersionImage, of name: String, _ shelf: inout Shelf
  ) throws(MLflowFailure) -> Bool {
    let registered = prefix + name
    guard let index = shelf.models[name]?.versions.firstIndex(where: image.isSame),
      var tracked = shelf.models[name]?.versions[index]
    else {
      let run = image.run.flatMap { shelf.runs[$0]?.last { $0.artifact == image.artifact } }
      // Before the version: where that is there, this has been done.
      if let run { try client.log(run.id, parameters: image.parameters, at: image.time) }
      let number = try client.createVersion(image, of: registered, run: run?.id)
      let tags = Dictionary(image.tags.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
      shelf.models[name]?.versions.append(
        TrackedVersion(number: number, description: image.description, tags: tags))
      return true
    }
    var isNews = false
    for tag in image.tags where tracked.tags[tag.name] != tag.value {
      try client.tag(tracked.number, of: registered, tag)
      tracked.tags[tag.name] = tag.value
      isNews = true
    }
    if tracked.description != image.description {
      try client.describe(tracked.number, of: registered, image.description)
      tracked.description = image.description
      isNews = true
    }
    shelf.models[name]?.versions[index] = tracked
    return isNews
  }

  /// - Parameter image: nil takes the alias away.
  private func point(
    _ alias: String, at image: VersionImage?, of name: String, _ shelf: inout Shelf
  ) throws(MLflowFailure) -> Bool {
    guard let model = shelf.models[name] else { return false }
    let number = image.flatMap { image in model.versions.first(where: image.isSame)?.number }
    // A version that was refused can have none, and the former one serves no longer.
    guard model.aliases[alias] != number else { return false }
    try client.setAlias(alias, of: prefix + name, to: number)
    shelf.models[name]?.aliases[alias] = number
    return true
  }
}
