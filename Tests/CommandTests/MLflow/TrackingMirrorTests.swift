import Events
import Foundation
import TestSupport
import Testing

@testable import leeway

/// The mirror against a server that it can be made hard for.
@Suite("MLflow: writing what is missing")
struct TrackingMirrorTests {
  private static func mirror(_ server: FakeServer, authorization: String? = nil) -> TrackingMirror {
    let client = MLflowClient(MLflowSection(url: server.url), authorization: authorization, patience: 5)
    return TrackingMirror(client, experiment: "leeway", prefix: "prod.")
  }

  /// Two versions, a failed run and one under way; a third version that only the registry knows.
  private static func book() -> MirrorBook {
    var book = MirrorBook()
    let runs: [RunRecord] = [
      MirrorRecords.started("r1"), MirrorRecords.finished("r1", artifact: "a1"),
      MirrorRecords.finished("none", artifact: nil), MirrorRecords.started("r2", version: 2, parent: 1),
      MirrorRecords.finished("r2", version: 2, artifact: "a2"), MirrorRecords.started("r3", version: 3, parent: 2),
    ]
    for run in runs { book.take(run, time: 5) }
    book.take(MirrorRecords.version(1, .champion, artifact: "a1", run: "r1"))
    book.take(MirrorRecords.version(1, .retired, artifact: "a1", run: "r2", reason: "version 2 is champion now"))
    book.take(MirrorRecords.version(2, .champion, artifact: "a2", run: "r2"))
    book.take(MirrorRecords.version(1, .shadow, model: "other", artifact: "b"))
    return book
  }

  @Test func everythingIsThere() throws {
    let tracking = FakeTracking()
    let server = try tracking.serve()
    var mirror = Self.mirror(server, authorization: "Bearer x")
    var book = Self.book()
    try mirror.write(&book)
    #expect(book.isWritten && mirror.takeRefusals().isEmpty)
    #expect(mirror.count == TrackingMirror.Count(runs: 4, versions: 3, aliases: 2))
    let content = tracking.content
    #expect(content.experiments == ["leeway"] && content.authorizations == ["Bearer x"])
    #expect(content.runs.map { $0.tags["leeway.run"] } == ["r1", "none", "r2", "r3"])
    #expect(content.runs.map(\.status) == ["FINISHED", "FAILED", "FINISHED", "RUNNING"])
    #expect(content.runs[1].tags["leeway.failure"] == "fewer rows than are needed")
    #expect(content.runs[2].parameters["configuration"] == "c1" && content.runs[2].parameters["parent"] == "1")
    #expect(content.runs[2].figures["champion/loss"] == 0.5)
    let model = try #require(content.models["prod.m"])
    #expect(model.versions.map { $0.tags["leeway.status"] } == ["retired", "champion"])
    #expect(model.versions.map(\.run) == ["0", "2"] && model.aliases == ["champion": 2])
    #expect(model.versions[0].description == "version 2 is champion now")
    #expect(content.models["prod.other"]?.aliases == ["challenger": 1])
  }

  /// Another process, or the same one, that reads the log anew.
  @Test func aSecondMirrorOnlyAsks() throws {
    let tracking = FakeTracking()
    let server = try tracking.serve()
    var first = Self.mirror(server)
    var book = Self.book()
    try first.write(&book)
    let before = tracking.content
    // The run that was under way is complete as far as it goes, and written again.
    var second = Self.mirror(server)
    book = Self.book()
    try second.write(&book)
    #expect(tracking.content == before && second.count == TrackingMirror.Count(runs: 1))
    let asked = tracking.content.requests.dropFirst(before.requests.count).filter { !$0.hasPrefix("runs/log-batch") }
    #expect(
      Set(asked) == ["experiments/get-by-name", "runs/search", "registered-models/get", "model-versions/search"])
  }

  /// Whatever request goes wrong, and however: tried again, the server has the same as without.
  @Test(arguments: FakeTracking.Trouble.allCases)
  func troubleAtEveryRequest(_ trouble: FakeTracking.Trouble) throws {
    let untroubled = FakeTracking()
    let server = try untroubled.serve()
    var mirror = Self.mirror(server)
    var book = Self.book()
    try mirror.write(&book)
    let requests = untroubled.content.requests.count
    for number in 0..<requests {
      let tracking = FakeTracking()
      tracking.change { $0.trouble = (number, trouble) }
      let server = try tracking.serve()
      var mirror = Self.mirror(server)
      var book = Self.book()
      let failure = #expect(throws: MLflowFailure.self) { try mirror.write(&book) }
      #expect(failure?.kind == .away, "\(number): \(String(describing: failure))")
      try mirror.write(&book)
      #expect(book.isWritten && tracking.content == untroubled.content, "\(trouble) at \(number)")
      #expect(mirror.takeRefusals().isEmpty)
    }
  }

  @Test(arguments: [
    "runs/create", "runs/log-batch", "runs/update", "registered-models/create",
    "model-versions/create", "registered-models/alias",
  ])
  func whatIsRefusedIsToldAndPassedOver(_ path: String) throws {
    let tracking = FakeTracking()
    tracking.change { $0.refuses = path }
    let server = try tracking.serve()
    var mirror = Self.mirror(server)
    var book = Self.book()
    try mirror.write(&book)
    let refusals = mirror.takeRefusals()
    #expect(book.isWritten && refusals.count == mirror.count.refused && !refusals.isEmpty)
    #expect(refusals.allSatisfy { $0.contains("is passed over: 400 INVALID_PARAMETER_VALUE: it will not do") })
    // Where it is allowed later, another start brings what was missing.
    tracking.change { $0.refuses = nil }
    var later = Self.mirror(server)
    book = Self.book()
    try later.write(&book)
    #expect(tracking.content.runs.map(\.status).sorted() == ["FAILED", "FINISHED", "FINISHED", "RUNNING"])
    #expect(tracking.content.models["prod.m"]?.aliases == ["champion": 2])
    #expect(tracking.content.models["prod.m"]?.versions.count == 2)
  }

  @Test func aliasesMoveAndGo() throws {
    let tracking = FakeTracking()
    let server = try tracking.serve()
    var mirror = Self.mirror(server)
    var book = Self.book()
    try mirror.write(&book)
    book.take(MirrorRecords.version(2, .rolledBack, artifact: "a2"))
    try mirror.write(&book)
    #expect(tracking.content.models["prod.m"]?.aliases == [:])
    book.take(MirrorRecords.version(1, .champion, artifact: "a1"))
    book.take(MirrorRecords.version(3, .inconclusive, artifact: "a3", run: "r3"))
    try mirror.write(&book)
    #expect(tracking.content.models["prod.m"]?.aliases == ["champion": 1, "challenger": 3])
    #expect(tracking.content.models["prod.m"]?.versions.count == 3)
  }

  /// Numbers begin again in a log that was begun anew.
  @Test func aVersionIsKnownByItsArtifact() throws {
    let tracking = FakeTracking()
    let server = try tracking.serve()
    var mirror = Self.mirror(server)
    var book = Self.book()
    try mirror.write(&book)
    var other = Self.mirror(server)
    var anew = MirrorBook()
    anew.take(MirrorRecords.started("r1"), time: 0)
    anew.take(MirrorRecords.finished("r1", artifact: "c1"), time: 0)
    anew.take(MirrorRecords.version(1, .champion, artifact: "c1", run: "r1"))
    try other.write(&anew)
    let content = tracking.content
    #expect(content.runs.filter { $0.tags["leeway.run"] == "r1" }.map { $0.tags["leeway.sha256"] } == ["a1", "c1"])
    #expect(content.models["prod.m"]?.versions.map { $0.tags["leeway.version"] } == ["1", "2", "1"])
    #expect(content.models["prod.m"]?.versions.last?.run == "\(content.runs.count - 1)")
    #expect(content.models["prod.m"]?.aliases == ["champion": 3])
  }
}
