import Events
import Foundation
import LeewayClient
import TestSupport
import Testing

@testable import leeway

/// Engines in processes of their own, with a tracking server or without the one that they are told of.
@Suite("MLflow: engines", .serialized)
struct MirrorEngineTests {
  static func station(_ url: String, more: String = "") throws -> Station {
    try Station(
      """
      topics: {partitions: 2}
      time: {pane: 1s, lateness: 1s, idle: 2s, label_horizon: 60s}
      train: {minimum_rows: 100, reference_rows: 200}
      mlflow: {url: "\(url)"\(more)}
      models: [{name: m, task: binary}]
      """)
  }

  static func rows(_ ids: Range<Int> = -400..<0) -> [Concept.Row] {
    var random = SplitMix64(seed: 2)
    return Concept.rows(ids, rule: 0, start: 1_700_000_000_000, step: 1_000, using: &random)
  }

  @Test func versionsArePublishedWithoutTheServer() throws {
    let station = try Self.station("http://127.0.0.1:\(FakeServer.deadPort())")
    try station.importHistory(Self.rows())
    let run = try station.leeway("run", "--until-idle")
    #expect(try station.champion().version == 1)
    #expect(run.errors.ranges(of: "takes nothing (").count == 1, "\(run.errors)")
    #expect(run.errors.contains("has yet to get 1 runs and 1 versions: they come when an engine runs again"))
    let doctor = try station.leeway("doctor")
    #expect(doctor.output.contains("warning  MLflow: MLflow at http://127.0.0.1"), "\(doctor.output)")
    let mirror = try Child(["models", "mirror"], in: station.folder.path).end(within: 60)
    #expect(mirror.status == 1 && mirror.errors.contains("takes nothing ("), "\(mirror.errors)")
  }

  @Test func aServerThatSaysNothingHoldsNothingUp() throws {
    let server = try FakeServer { _ in .silence }
    let station = try Self.station(server.url)
    try station.importHistory(Self.rows())
    let engine = try station.start("run")
    try wait(for: "version 1", within: 60) { try !station.values(of: .models).isEmpty }
    engine.terminate()
    #expect(try engine.end(within: 10).status == 0)
  }

  @Test func anEngineMirrorsWhatItDoesAndTheCommandTheRest() throws {
    let tracking = FakeTracking()
    let server = try tracking.serve()
    let station = try Self.station(server.url, more: ", token: {file: token}")
    try station.folder.write("token", "geheim\n")
    try station.importHistory(Self.rows())
    let run = try station.leeway("run", "--until-idle")
    #expect(!run.errors.contains("geheim") && !run.errors.contains("has yet to get"))
    let content = tracking.content
    #expect(content.authorizations == ["Bearer geheim"])
    #expect(content.runs.map(\.status) == ["FINISHED"] && content.models["m"]?.aliases == ["champion": 1])
    let again = try station.leeway("models", "mirror")
    #expect(again.output == "MLflow at \(server.url): 0 runs, 0 versions and 0 aliases written\n")
    #expect(tracking.content == content)
    tracking.change { $0 = FakeTracking.Content() }
    let anew = try station.leeway("models", "mirror")
    #expect(anew.output == "MLflow at \(server.url): 1 runs, 1 versions and 1 aliases written\n")
    #expect(tracking.content == content)
    // A server that has come back, or a new one: the next engine sees to it.
    tracking.change { $0 = FakeTracking.Content() }
    try station.leeway("run", "--until-idle", "--quiet")
    #expect(tracking.content == content)
  }

  @Test func aServerThatComesLateGetsEverything() throws {
    let tracking = FakeTracking()
    let port = try FakeServer.deadPort()
    let station = try Self.station("http://127.0.0.1:\(port)")
    try station.importHistory(Self.rows())
    let engine = try station.start("run")
    try wait(for: "a warning", within: 60) { engine.errors.contains("takes nothing (") }
    try wait(for: "version 1", within: 60) { try !station.values(of: .models).isEmpty }
    let server = try tracking.serve(at: port)
    try wait(for: "the version", within: 90) { tracking.content.models["m"]?.aliases == ["champion": 1] }
    withExtendedLifetime(server) {}
    engine.terminate()
    let ended = try engine.end(within: 10)
    #expect(ended.status == 0 && ended.errors.contains("answers again after"), "\(ended.errors)")
    #expect(ended.errors.ranges(of: "takes nothing (").count == 1)
  }

  @Test func withoutItsSecretAnEngineDoesNotStart() throws {
    let station = try Self.station("http://127.0.0.1:1", more: ", token: {env: LEEWAY_NO_SUCH_TOKEN}")
    let run = try Child(["run"], in: station.folder.path).end(within: 30)
    #expect(run.status == 1 && run.errors.contains("mlflow.token names it"), "\(run.errors)")
    let doctor = try Child(["doctor"], in: station.folder.path).end(within: 60)
    #expect(doctor.status == 1 && doctor.output.contains("failed   MLflow: environment variable LEEWAY_NO_SUCH_TOKEN"))
  }
}
