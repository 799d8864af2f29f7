import Events
import LeewayClient
import Models
import Testing

struct ServingTests {
  @Test func scoresAsTheModelDoes() throws {
    let model = try trainedModel(rows: 50)
    let scorer = LocalScorer(name: "m", version: 3, model: model)
    let row = model.schema.row(from: [(name: "x", value: .number(0.5)), (name: "c", value: .category("a"))])
    guard case .number(let expected) = model.predict(row) else {
      Issue.record("a binary model gives a number")
      return
    }
    let features = [Feature(name: "x", value: .number(0.5)), Feature(name: "c", value: .category("a"))]
    #expect(scorer.score(features) == Scored(version: 3, score: .number(expected)))
    #expect(
      scorer.score([("c", .category("a")), ("other", .number(1)), ("x", .number(0.5))]).score == .number(expected))
    guard case .number(let empty) = scorer.score([Feature]()).score else {
      Issue.record("a row of nothing is scored")
      return
    }
    #expect((0...1).contains(empty))
  }

  @Test func changesOverWhenAVersionIsPublished() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1, "models": 1, "artifacts": 1])
    let changes = Collected<ModelChange>()
    let serving = try await Serving(model: "m", log: log, configuration: patient(), onChange: { changes.add($0) })
    let features = [Feature(name: "x", value: .number(0.5))]
    let first = try await serving.predict(id: "p-1", features: features, time: 10)
    #expect(first.version == nil && first.score == nil)
    try log.publish("m", 1, artifact())
    #expect(await eventually { serving.champion?.version == 1 })
    #expect(changes.all.map(\.version) == [1])
    let second = try await serving.predict(id: "p-2", features: features, time: 11)
    #expect(second.version == 1 && second.score != nil)
    try await serving.label("p-2", .number(1), time: 12)
    try await serving.flush()
    #expect(try log.records("predictions").map { try Prediction.decode(value: $0.value) } == [first, second])
    #expect(try log.records("labels").map { try Label.decode(value: $0.value).prediction } == ["p-2"])
    try await serving.close()
    try await serving.close()
    #expect(await eventually { log.openReaders == 0 && log.openProducers == 0 })
  }

  @Test func beginsWithThePresentChampion() async throws {
    let log = MemoryLog()
    try log.publish("m", 4, artifact())
    let serving = try await Serving(model: "m", log: log, configuration: patient())
    #expect(serving.champion?.version == 4)
    try await serving.close()
  }
}
