import Events
import Foundation
import TestSupport
import Testing

@testable import leeway

/// The mirror with an MLflow server itself, looked at through MLflow's own client; `Tests/interop/run.sh` brings both.
@Suite(
  "MLflow: interop", .enabled(if: ProcessInfo.processInfo.environment["LEEWAY_INTEROP_PYTHON"] != nil), .serialized)
struct MLflowInteropTests {
  /// What the server holds, as its client says.
  private struct Content: Decodable, Equatable {
    struct Run: Decodable, Equatable {
      let experiment: String
      let name: String
      let status: String
      let start: Int
      let end: Int?
      let params: [String: String]
      let metrics: [String: Double]
      /// The most values that one figure has.
      let history: Int
      let tags: [String: String]
      let id: String
    }

    struct Version: Decodable, Equatable {
      let model: String
      let number: Int
      let description: String
      let run: String?
      let tags: [String: String]
    }

    let runs: [Run]
    let versions: [Version]
    let aliases: [String: [String: Int]]
  }

  private static let dump = """
    import json, sys
    from mlflow import MlflowClient
    from mlflow.entities import ViewType
    client = MlflowClient(sys.argv[1])
    runs, versions = [], []
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL, max_results=1000):
            info, data = run.info, run.data
            history = [len(client.get_metric_history(info.run_id, name)) for name in data.metrics]
            runs.append(dict(
                experiment=experiment.name, name=info.run_name, status=info.status, start=info.start_time,
                end=info.end_time, params=data.params, metrics=data.metrics, history=max(history, default=0),
                tags={name: tag for name, tag in data.tags.items() if name.startswith("leeway.")}, id=info.run_id))
    for version in client.search_model_versions(max_results=1000):
        versions.append(dict(
            model=version.name, number=int(version.version), description=version.description, run=version.run_id or None,
            tags=version.tags))
    aliases = {model.name: {name: int(version) for name, version in client.get_registered_model(model.name).aliases.items()}
               for model in client.search_registered_models()}
    runs.sort(key=lambda run: (run["start"], run["name"]))
    versions.sort(key=lambda version: (version["model"], version["number"]))
    print(json.dumps(dict(runs=runs, versions=versions, aliases=aliases)))
    """

  /// A server with its database in a folder. Ends with this object.
  private final class Server {
    static let python = ProcessInfo.processInfo.environment["LEEWAY_INTEROP_PYTHON"] ?? ""
    static let environment = ProcessInfo.processInfo.environment.merging([
      "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
      "GIT_PYTHON_REFRESH": "quiet",
    ]) { $1 }

    /// With no signal blocked: a program inherits what the test's thread blocks, and could not be asked to end.
    private static let launch = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, [])
      os.execv(sys.executable, [sys.executable, "-m", "mlflow"] + sys.argv[1:])
      """

    let folder: Scratch
    let port: UInt16
    private var process: TestProcess?

    var url: String { "http://127.0.0.1:\(port)" }

    init() throws {
      folder = try Scratch()
      port = try FakeServer.deadPort()
      try start()
    }

    deinit { try? stop() }

    func start() throws {
      let log = try folder.write("log", "")
      let process = try TestProcess(
        URL(fileURLWithPath: Self.python),
        [
          "-c", Self.launch, "server", "--backend-store-uri", "sqlite:///\(folder.file("mlflow.db"))",
          "--artifacts-destination", folder.file("artifacts"), "--host", "127.0.0.1", "--port", "\(port)",
          "--workers", "1",
        ], in: folder.path, environment: Self.environment, output: log, errors: log)
      self.process = process
      let client = MLflowClient(MLflowSection(url: url), authorization: nil)
      try wait(for: "the server", within: 120) {
        try #require(process.isRunning, "\((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
        Thread.sleep(forTimeInterval: 0.2)
        return (try? client.version()) != nil
      }
    }

    /// Asks it to end, so that it ends its own processes.
    func stop() throws {
      process?.terminate()
      try process?.wait(within: 60)
      process = nil
    }

    func content() throws -> Content {
      let told = try Run.process(
        URL(fileURLWithPath: Self.python), ["-c", MLflowInteropTests.dump, url], in: folder.path,
        environment: Self.environment)
      try #require(told.status == 0, "\(told.errors.suffix(2_000))")
      return try JSONDecoder().decode(Content.self, from: Data(told.output.utf8))
    }
  }

  @Test func anEnginesRunsAndVersions() throws {
    let server = try Server()
    let station = try MirrorEngineTests.station(server.url)
    try station.importHistory(MirrorEngineTests.rows())
    try station.leeway("run", "--until-idle")
    try #require(server.content().aliases == ["m": ["champion": 1]])
    // While it is away, a run that comes to nothing and one more version.
    try server.stop()
    try station.leeway("trigger", "m")
    try station.leeway("run", "--until-idle", "--quiet")
    try station.importHistory(MirrorEngineTests.rows(0..<600))
    try station.leeway("run", "--until-idle", "--quiet")
    try server.start()
    try station.leeway("run", "--until-idle")
    let content = try server.content()
    try compare(content, with: station)
    #expect(try station.leeway("models", "mirror").output.hasSuffix(": 0 runs, 0 versions and 0 aliases written\n"))
    #expect(try server.content() == content)
    #expect(try station.leeway("doctor").output.contains("answers (version 3."))
  }

  /// Against the records of the log, which are read here without the mirror.
  private func compare(_ content: Content, with station: Station) throws {
    let records = try station.values(of: .runs).map { try RunRecord.decode($0) }
    let finished = records.compactMap { if case .finished(let run) = $0 { run } else { nil } }
    let versions = try station.values(of: .models).map { try ModelRecord.decode($0) }
    try #require(
      finished.count == 3 && Set(versions.map(\.version)) == [1, 2], "\(finished.map { $0.failure ?? "a version" })")
    #expect(content.runs.map(\.name).sorted() == finished.map(\.run).sorted())
    for run in finished {
      let shown = try #require(content.runs.first { $0.name == run.run })
      #expect(shown.experiment == "leeway" && shown.tags["leeway.run"] == run.run && shown.history == 1)
      #expect(shown.status == (run.failure == nil ? "FINISHED" : "FAILED"))
      #expect(shown.tags["leeway.failure"] == run.failure && shown.metrics["seconds"] == run.seconds)
      guard let result = run.result else { continue }
      #expect(shown.metrics["challenger/loss"] == result.challenger.loss)
      #expect(shown.metrics["challenger/auc"] == result.challenger.auc)
      #expect(shown.metrics["champion/accuracy"] == result.champion?.accuracy)
      #expect(shown.metrics["rows/trained"] == Double(result.trainedRows))
      #expect(shown.params["family"] == "mixture" && shown.params["seed"] == "1")
      #expect(shown.params["version"] == "\(run.version)" && shown.params["configuration"] == versions[0].configuration)
      #expect(shown.end.map { $0 - shown.start } == Int((run.seconds * 1_000).rounded()))
    }
    #expect(content.versions.map(\.number) == [1, 2] && content.versions.allSatisfy { $0.model == "m" })
    for version in content.versions {
      let last = try #require(versions.last { "\($0.version)" == version.tags["leeway.version"] })
      #expect(version.tags["leeway.status"] == last.status.rawValue && version.description == last.reason)
      #expect(version.tags["leeway.sha256"] == last.artifact)
      let run = try #require(content.runs.first { $0.id == version.run })
      #expect(run.params["version"] == "\(last.version)" && run.tags["leeway.sha256"] == last.artifact)
    }
    let champion = try #require(versions.last { $0.status == .champion })
    #expect(content.aliases["m"]?["champion"] == champion.version)
  }

  @Test func namesAndInterruptions() throws {
    let server = try Server()
    let client = MLflowClient(MLflowSection(url: server.url), authorization: nil)
    let names = ["it's", "say \"x\"", "ü & 名 100%", "a.b-c_d"]
    var book = MirrorBook()
    for name in names {
      book.take(MirrorRecords.started("\(name)/'1'", model: name), time: 0)
      book.take(MirrorRecords.finished("\(name)/'1'", model: name, artifact: "a"), time: 0)
      book.take(MirrorRecords.version(1, .champion, model: name, run: "\(name)/'1'"))
    }
    book.take(MirrorRecords.version(1, .champion, model: "no/such:name"))
    let whole = book
    // As one leaves it that is killed before the end.
    let experiment = try client.createExperiment("e")
    let run = try #require(book.openRuns.first)
    let id = try client.createRun(run, in: experiment)
    try client.log(id, parameters: run.parameters, figures: run.figures, tags: run.outcomeTags, at: run.end)
    for isFirst in [true, false] {
      var mirror = TrackingMirror(client, experiment: "e", prefix: "")
      book = whole
      try mirror.write(&book)
      let count = TrackingMirror.Count(runs: 4, versions: 4, aliases: 4, refused: 1)
      #expect(mirror.count == (isFirst ? count : TrackingMirror.Count(refused: 1)))
      #expect(mirror.takeRefusals().first?.contains("Names cannot contain '/' or ':'") == true)
    }
    let content = try server.content()
    #expect(content.runs.map(\.name).sorted() == names.map { "\($0)/'1'" }.sorted())
    #expect(content.runs.allSatisfy { $0.status == "FINISHED" && $0.history == 1 })
    #expect(content.runs.allSatisfy { $0.metrics["reported/_.."] == 1 && $0.metrics["reported/_trees__"] == 30 })
    #expect(content.versions.map(\.model).sorted() == names.sorted())
    #expect(content.aliases == Dictionary(uniqueKeysWithValues: names.map { ($0, ["champion": 1]) }))
    for version in content.versions { #expect(content.runs.contains { $0.id == version.run }) }
  }
}
