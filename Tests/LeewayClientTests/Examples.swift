import LeewayClient
import Testing

// The examples of the documentation, word for word: they compile, and they run.
struct Examples {
  private let log = MemoryLog()

  @Test func producing() async throws {
    let producer = try await EventProducer(log: log) { failures in
      for failure in failures { print(failure) }
    }
    try await producer.send(
      Prediction(
        id: "p-1", model: "term-deposit", version: 7, time: 1_762_345_678_901,
        features: [Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("technician"))],
        score: .number(0.183)))
    try await producer.send(
      Label(prediction: "p-1", model: "term-deposit", time: 1_762_349_999_000, value: .number(1)))
    try await producer.close()

    #expect(log.records("predictions").count == 1)
    #expect(log.records("labels").count == 1)
  }

  @Test func subscribing() async throws {
    try log.publish("term-deposit", 1, artifact())
    let closing = Task { [log] in
      _ = await eventually { log.openReaders > 0 }
      try await Task.sleep(for: .milliseconds(50))
      log.takeDown(LogError(.closed, "the log is closed"))
    }

    let subscriber = ModelSubscriber(log: log, models: ["term-deposit"])
    for await change in subscriber.changes {
      switch change {
      case .champion(let served): print("serving version", served.version)
      case .external(let other):
        print("version", other.version, "is", other.artifact.count, "bytes of", other.record.family)
      case .refused(let refused): print(refused.reason)
      case .skipped(let skipped): print(skipped.partition, skipped.offsets, skipped.reason)
      case .interrupted(let error): print(error)
      }
    }

    try await closing.value
  }

  @Test func scoring() throws {
    let scorer = try LocalScorer(name: "term-deposit", version: 1, model: trainedModel())

    let scored = scorer.score([
      Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("technician")),
    ])
    print(scored.version, scored.score)
  }

  @Test func serving() async throws {
    try log.publish("term-deposit", 1, artifact())

    let serving = try await Serving(model: "term-deposit", log: log)
    let said = try await serving.predict(
      id: "p-1", features: [Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("clerk"))])
    print(said.version as Any, said.score as Any)
    try await serving.label("p-1", .number(1))
    try await serving.close()

    #expect(log.records("predictions").count == 1)
  }
}
