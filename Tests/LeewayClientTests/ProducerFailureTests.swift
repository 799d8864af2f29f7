import Events
import LeewayClient
import Log
import Testing

struct ProducerFailureTests {
  private static let passing = LogError(.unavailable, "the log is away", retriable: true)
  private static let lasting = LogError(.diskFull, "the disk is full")

  /// The append succeeds, its acknowledgement is lost: the retry must not append again.
  @Test func aRetryIsNoDuplicate() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1])
    log.failAfterAppend { call, _ in call % 2 == 0 ? Self.passing : nil }
    log.failBeforeAppend { call, _ in call % 5 == 3 ? Self.passing : nil }
    let failures = Collected<EventFailure>()
    let producer = try await EventProducer(log: log, configuration: patient(10)) { failures.add($0) }
    for number in 0..<500 { try await producer.send(prediction(number)) }
    try await producer.close()
    let ids = try log.records("predictions").map { try Prediction.decode(value: $0.value).id }
    #expect(ids == (0..<500).map { "p-\($0)" })
    #expect(failures.all.isEmpty)
  }

  @Test func retriesAreBounded() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1])
    log.failBeforeAppend { _, _ in Self.passing }
    let failures = Collected<EventFailure>()
    var configuration = patient(10)
    configuration.retry.retries = 3
    let producer = try await EventProducer(log: log, configuration: configuration) { failures.add($0) }
    try await producer.send(prediction(1))
    let error = await #expect(throws: ClientError.self) { try await producer.flush() }
    #expect(error?.code == .undelivered)
    #expect(error?.retriable == true)
    #expect(log.appendCalls == 4)
    #expect(failures.all.map(\.id) == ["p-1"])
    // Told once; what is sent later is tried again.
    log.failBeforeAppend { _, _ in nil }
    try await producer.send(prediction(2))
    try await producer.close()
    #expect(log.records("predictions").map(\.keyText) == ["p-2"])
  }

  /// All tries reached the log and none was acknowledged: the producer asks, and finds its events there.
  @Test func whatIsInTheLogIsNotReported() async throws {
    let log = MemoryLog()
    log.failAfterAppend { _, _ in Self.lasting }
    let failures = Collected<EventFailure>()
    let producer = try await EventProducer(log: log, configuration: patient(10)) { failures.add($0) }
    for number in 0..<30 { try await producer.send(prediction(number)) }
    try await producer.close()
    #expect(failures.all.isEmpty)
    #expect(log.records("predictions").count == 30)
  }

  @Test func failuresNameTheirEvents() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1])
    log.failBeforeAppend { call, _ in call == 1 ? Self.lasting : nil }
    let failures = Collected<EventFailure>()
    let producer = try await EventProducer(log: log, configuration: patient(3)) { failures.add($0) }
    for number in 0..<9 { try await producer.send(.prediction(prediction(number))) }
    let error = await #expect(throws: ClientError.self) { try await producer.close() }
    #expect(error?.message.contains("3 events") == true)
    #expect(error?.message.contains("p-3") == true)
    #expect(failures.all.map(\.number) == [3, 4, 5])
    #expect(failures.all.map(\.id) == ["p-3", "p-4", "p-5"])
    #expect(failures.all.allSatisfy { $0.topic == .predictions && $0.error.cause?.code == .diskFull })
    #expect(log.records("predictions").map(\.keyText) == [0, 1, 2, 6, 7, 8].map { "p-\($0)" })
    let again = await #expect(throws: ClientError.self) { try await producer.close() }
    #expect(again?.message == error?.message)
  }

  /// A batch that the log finds too large is split until the events that are themselves too large stand alone.
  @Test func tooLargeIsSplit() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1])
    log.failBeforeAppend { _, batches in
      let records = batches.flatMap(\.records)
      return records.count > 3 || records.contains { $0.keyText == "p-5" } ? LogError(.tooLarge, "too large") : nil
    }
    let failures = Collected<EventFailure>()
    let producer = try await EventProducer(log: log, configuration: patient(16)) { failures.add($0) }
    for number in 0..<16 { try await producer.send(prediction(number)) }
    _ = await #expect(throws: ClientError.self) { try await producer.close() }
    #expect(failures.all.map(\.number) == [5])
    #expect(log.records("predictions").map(\.keyText) == (0..<16).filter { $0 != 5 }.map { "p-\($0)" })
  }

  @Test func startFailsWithoutTheTopics() async throws {
    for topics in [[:], ["predictions": 2], ["predictions": 2, "labels": 3]] {
      let error = await #expect(throws: ClientError.self) {
        _ = try await EventProducer(log: MemoryLog(topics), configuration: patient())
      }
      #expect(error?.code == .topics)
    }
    var configuration = patient()
    configuration.key = .entity
    let error = await #expect(throws: ClientError.self) {
      _ = try await EventProducer(
        log: MemoryLog(["predictions": 2, "labels": 2, "features": 1]), configuration: configuration)
    }
    #expect(error?.code == .topics)
    let log = MemoryLog()
    log.takeDown(Self.lasting)
    let down = await #expect(throws: ClientError.self) {
      _ = try await EventProducer(log: log, configuration: patient())
    }
    #expect(down?.cause?.code == .diskFull)
  }

  @Test func aMissingFeaturesTopicIsToldWhenItIsNeeded() async throws {
    let producer = try await EventProducer(
      log: MemoryLog(["predictions": 1, "labels": 1]), configuration: patient())
    let error = await #expect(throws: ClientError.self) {
      try await producer.send(FeatureUpdate(entity: "e", time: 1, features: []))
    }
    #expect(error?.code == .topics)
    try await producer.close()
  }

  @Test(
    arguments: [
      { $0.id = "" }, { $0.batch.events = 0 }, { $0.batch.bytes = 0 }, { $0.buffer.events = 999 },
      { $0.buffer.bytes = 100 }, { $0.buffer.eventBytes = 0 }, { $0.buffer.eventBytes = 1 << 40 },
      { $0.batch.linger = .milliseconds(-1) }, { $0.retry.retries = -1 }, { $0.retry.pause = .seconds(-1) },
    ] as [@Sendable (inout ProducerConfiguration) -> Void])
  func impossibleConfigurationsAreRefused(_ change: @Sendable (inout ProducerConfiguration) -> Void) async {
    var configuration = ProducerConfiguration()
    change(&configuration)
    let error = await #expect(throws: ClientError.self) {
      _ = try await EventProducer(log: MemoryLog(), configuration: configuration)
    }
    #expect(error?.code == .invalidConfiguration)
  }
}
