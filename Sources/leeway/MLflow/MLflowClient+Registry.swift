import Events

/// A version that the server has and that comes from here.
struct TrackedVersion: Equatable {
  /// The server's own number.
  let number: Int
  var description: String
  var tags: [String: String]
}

extension MLflowClient {
  private static let pageVersions = 200

  /// The aliases of a registered model, with the server's numbers of versions; nil where there is no such model.
  func aliases(of model: String) throws(MLflowFailure) -> [String: Int]? {
    let json: JSON
    do {
      json = try call(.get, "registered-models/get", [("name", model)])
    } catch {
      guard error.code == "RESOURCE_DOES_NOT_EXIST" else { throw error }
      return nil
    }
    return try read(json) { (json) throws(EventError) in
      let pairs = try json.need("registered_model")["aliases"]?.list { (json) throws(EventError) in
        (try json.need("alias").text(), Self.number(try json.need("version")))
      }
      return Dictionary(pairs ?? [], uniquingKeysWith: { _, last in last })
    }
  }

  func createModel(_ name: String, tags: [MirrorEntry]) throws(MLflowFailure) {
    _ = try call(.post, "registered-models/create") { body in
      body.field("name", name)
      body.entries("tags", tags)
    }
  }

  /// All versions of a model, by the server's numbers.
  ///
  /// - Parameter model: without one of the two kinds of quotation marks: the search knows no escapes.
  func versions(of model: String) throws(MLflowFailure) -> [TrackedVersion] {
    let mark = model.contains("'") ? "\"" : "'"
    var versions: [TrackedVersion] = []
    try pages { (token) throws(MLflowFailure) in
      try call(
        .get, "model-versions/search",
        [("filter", "name=\(mark)\(model)\(mark)"), ("max_results", "\(Self.pageVersions)")]
          + (token.map { [("page_token", $0)] } ?? []))
    } _: { (json) throws(MLflowFailure) in
      versions += try read(json) { (json) throws(EventError) in
        try json["model_versions"]?.list { (json) throws(EventError) in
          TrackedVersion(
            number: Self.number(try json.need("version")), description: try json["description"]?.text() ?? "",
            tags: try json["tags"]?.entries() ?? [:])
        } ?? []
      }
    }
    return versions.sorted { $0.number < $1.number }
  }

  /// - Parameter run: the server's own id.
  /// - Returns: the number that the server gives it.
  func createVersion(_ image: VersionImage, of model: String, run: String?) throws(MLflowFailure) -> Int {
    let json = try call(.post, "model-versions/create") { body in
      body.field("name", model)
      body.field("source", image.source(of: model))
      body.field("run_id", run)
      body.field("description", image.description)
      body.entries("tags", image.tags)
    }
    return try read(json) { (json) throws(EventError) in
      Self.number(try json.need("model_version").need("version"))
    }
  }

  func describe(_ version: Int, of model: String, _ description: String) throws(MLflowFailure) {
    _ = try call(.patch, "model-versions/update") { body in
      body.field("name", model)
      body.field("version", "\(version)")
      body.field("description", description)
    }
  }

  func tag(_ version: Int, of model: String, _ tag: MirrorEntry) throws(MLflowFailure) {
    _ = try call(.post, "model-versions/set-tag") { body in
      body.field("name", model)
      body.field("version", "\(version)")
      body.field("key", tag.name)
      body.field("value", tag.value)
    }
  }

  /// - Parameter version: nil takes the alias away.
  func setAlias(_ alias: String, of model: String, to version: Int?) throws(MLflowFailure) {
    _ = try call(version == nil ? .delete : .post, "registered-models/alias") { body in
      body.field("name", model)
      body.field("alias", alias)
      body.field("version", version.map(String.init))
    }
  }

  /// Versions are numbers that are written as text; 0 for anything else.
  private static func number(_ json: JSON) -> Int {
    if let text = try? json.text() { return Int(text) ?? 0 }
    return (try? json.count()) ?? 0
  }
}
