import Foundation
import Synchronization

/// As much of an MLflow server as the mirror needs, with what it was told in memory. It can be made to fail at one
/// request, before or after having done what was asked.
final class FakeTracking: Sendable {
  /// What becomes of a request.
  enum Trouble: CaseIterable {
    /// An error of the server.
    case error
    /// The connection closes before anything is done.
    case lostRequest
    /// It is done, and nobody learns of it.
    case lostAnswer
  }

  struct Run: Equatable {
    var tags: [String: String] = [:]
    var parameters: [String: String] = [:]
    var figures: [String: Double] = [:]
    var status = "RUNNING"
    var start = 0
    var end: Int?
  }

  struct Version: Equatable {
    var description = ""
    var run: String?
    var tags: [String: String] = [:]
  }

  struct Model: Equatable {
    var versions: [Version] = []
    var aliases: [String: Int] = [:]
  }

  struct Content: Equatable {
    var experiments: [String] = []
    /// Their ids are their places.
    var runs: [Run] = []
    var models: [String: Model] = [:]
    /// By path.
    var requests: [String] = []
    var authorizations: Set<String> = []
    /// The request, counted from 0, that goes wrong, and how.
    var trouble: (at: Int, Trouble)?
    /// A path at which everything is refused.
    var refuses: String?

    static func == (left: Self, right: Self) -> Bool {
      (left.experiments, left.runs, left.models) == (right.experiments, right.runs, right.models)
    }
  }

  private struct Refusal: Error {
    var status = 400
    var code = "INVALID_PARAMETER_VALUE"
    var message = "it will not do"
  }

  private let state = Mutex(Content())

  var content: Content { state.withLock { $0 } }
  func change(_ body: (inout Content) -> Void) { state.withLock { body(&$0) } }

  func serve(at port: UInt16 = 0) throws -> FakeServer {
    try FakeServer(at: port) { [self] request in state.withLock { Self.answer(request, &$0) } }
  }

  private static func answer(_ request: FakeServer.Request, _ content: inout Content) -> FakeServer.Answer {
    let number = content.requests.count
    let path = request.path.replacing("/api/2.0/mlflow/", with: "")
    content.requests.append(path)
    content.authorizations.insert(request.headers["authorization"] ?? "")
    let trouble = content.trouble.flatMap { $0.at == number ? $0.1 : nil }
    switch trouble {
    case .error: return .json(503, ["message": "busy"])
    case .lostRequest: return .nothing
    default: break
    }
    do {
      guard content.refuses != path else { throw Refusal() }
      let body = try request.body.isEmpty ? nil : JSONSerialization.jsonObject(with: Data(request.body))
      let fields = (body as? [String: Any]) ?? request.query
      let answer = try act(request.method, path, fields, &content)
      return trouble == .lostAnswer ? .nothing : .json(200, answer)
    } catch let refusal as Refusal {
      return trouble == .lostAnswer
        ? .nothing : .json(refusal.status, ["error_code": refusal.code, "message": refusal.message])
    } catch {
      return .json(500, ["message": "\(error)"])
    }
  }

  private static func act(
    _ method: String, _ path: String, _ fields: [String: Any], _ content: inout Content
  ) throws -> [String: Any] {
    switch (method, path) {
    case ("GET", "experiments/get-by-name"):
      let name = fields["experiment_name"] as? String ?? ""
      guard let index = content.experiments.firstIndex(of: name) else { throw missing }
      return ["experiment": ["experiment_id": "\(index)", "name": name, "lifecycle_stage": "active"]]
    case ("POST", "experiments/create"):
      content.experiments.append(try text(fields, "name"))
      return ["experiment_id": "\(content.experiments.count - 1)"]
    case (_, let path) where path.hasPrefix("runs/"): return try runs(path, fields, &content)
    default: return try registry(method, path, fields, &content)
    }
  }

  private static let missing = Refusal(status: 404, code: "RESOURCE_DOES_NOT_EXIST", message: "not there")

  private static func text(_ fields: [String: Any], _ name: String) throws -> String {
    guard let text = fields[name] as? String else { throw Refusal(message: "\(name) is missing") }
    return text
  }

  private static func entries(_ value: Any?) -> [String: String] {
    let list = value as? [[String: Any]] ?? []
    return Dictionary(uniqueKeysWithValues: list.map { ($0["key"] as? String ?? "", $0["value"] as? String ?? "") })
  }

  private static func list(_ entries: [String: String]) -> [[String: String]] {
    entries.map { ["key": $0.key, "value": $0.value] }
  }
}

extension FakeTracking {
  /// Pages of one run, so that there are several.
  private static func runs(
    _ path: String, _ fields: [String: Any], _ content: inout Content
  ) throws -> [String: Any] {
    switch path {
    case "runs/search":
      let place = Int(fields["page_token"] as? String ?? "0") ?? 0
      guard place < content.runs.count else { return [:] }
      let run = content.runs[place]
      let info = ["run_id": "\(place)", "status": run.status]
      return ["runs": [["info": info, "data": ["tags": list(run.tags)]]], "next_page_token": "\(place + 1)"]
    case "runs/create":
      _ = try text(fields, "experiment_id")
      content.runs.append(Run(tags: entries(fields["tags"]), start: fields["start_time"] as? Int ?? 0))
      return ["run": ["info": ["run_id": "\(content.runs.count - 1)"]]]
    default:
      guard let place = Int(try text(fields, "run_id")), content.runs.indices.contains(place) else { throw missing }
      if path == "runs/update" {
        content.runs[place].status = try text(fields, "status")
        content.runs[place].end = fields["end_time"] as? Int
      } else {
        try log(fields, &content.runs[place])
      }
      return [:]
    }
  }

  private static func log(_ fields: [String: Any], _ run: inout Run) throws {
    for (name, value) in entries(fields["params"]) {
      guard run.parameters[name] ?? value == value else { throw Refusal(message: "\(name) cannot be changed") }
      run.parameters[name] = value
    }
    run.tags.merge(entries(fields["tags"])) { $1 }
    for figure in fields["metrics"] as? [[String: Any]] ?? [] {
      run.figures[try text(figure, "key")] = figure["value"] as? Double
    }
  }

  private static func registry(
    _ method: String, _ path: String, _ fields: [String: Any], _ content: inout Content
  ) throws -> [String: Any] {
    if path == "model-versions/search" {
      let name = try text(fields, "filter").dropFirst("name=".count).dropFirst().dropLast()
      let place = Int(fields["page_token"] as? String ?? "0") ?? 0
      guard let versions = content.models[String(name)]?.versions, place < versions.count else { return [:] }
      return ["model_versions": [shown(versions[place], place)], "next_page_token": "\(place + 1)"]
    }
    let name = try text(fields, "name")
    if path == "registered-models/create" {
      guard content.models.updateValue(Model(), forKey: name) == nil else { throw Refusal() }
      return [:]
    }
    guard var model = content.models[name] else { throw missing }
    defer { content.models[name] = model }
    let number = Int(fields["version"] as? String ?? "") ?? 0
    switch (method, path) {
    case ("GET", "registered-models/get"):
      let aliases = model.aliases.map { ["alias": $0.key, "version": "\($0.value)"] }
      return ["registered_model": ["name": name, "aliases": aliases]]
    case ("POST", "registered-models/alias"): model.aliases[try text(fields, "alias")] = number
    case ("DELETE", "registered-models/alias"): model.aliases[try text(fields, "alias")] = nil
    case ("POST", "model-versions/create"):
      _ = try text(fields, "source")
      model.versions.append(
        Version(
          description: try text(fields, "description"), run: fields["run_id"] as? String,
          tags: entries(fields["tags"])))
      return ["model_version": ["version": "\(model.versions.count)"]]
    case ("PATCH", "model-versions/update"): model.versions[number - 1].description = try text(fields, "description")
    case ("POST", "model-versions/set-tag"):
      model.versions[number - 1].tags[try text(fields, "key")] = try text(fields, "value")
    default: throw missing
    }
    return [:]
  }

  private static func shown(_ version: Version, _ place: Int) -> [String: Any] {
    ["version": "\(place + 1)", "description": version.description, "tags": list(version.tags)]
  }
}
