import Events
import LeewayClient
import Testing

/// What the producer accepts can be read; what could not be read it refuses.
struct EventValidationTests {
  private static let long = String(repeating: "x", count: 70_000)

  private static let refused: [ServingEvent] = [
    .prediction(with(\.id, "")),
    .prediction(with(\.id, long)),
    .prediction(with(\.model, "")),
    .prediction(with(\.model, long)),
    .prediction(with(\.version, 0)),
    .prediction(with(\.version, nil)),
    .prediction(with(\.entity, "")),
    .prediction(with(\.time, .max)),
    .prediction(with(\.time, .min)),
    .prediction(with(\.score, .number(.nan))),
    .prediction(with(\.score, .category(""))),
    .prediction(with(\.score, .probabilities([]))),
    .prediction(with(\.score, .probabilities([0.5, .infinity]))),
    .prediction(with(\.features, [Feature(name: "", value: .missing)])),
    .prediction(with(\.features, [Feature(name: "x", value: .number(.infinity))])),
    .prediction(with(\.features, [Feature(name: "x", value: .category(long))])),
    .prediction(with(\.features, [Feature(name: "x", value: .missing), Feature(name: "x", value: .missing)])),
    .prediction(with(\.features, (0...Limits.features).map { Feature(name: "\($0)", value: .missing) })),
    .prediction(with(\.segments, [Segment(name: "", value: "x")])),
    .prediction(with(\.segments, [Segment(name: "a", value: "x"), Segment(name: "a", value: "y")])),
    .label(Label(prediction: "", model: "m", time: 0, value: .number(1))),
    .label(Label(prediction: "p", model: "", time: 0, value: .number(1))),
    .label(Label(prediction: "p", model: "m", time: 0, value: .number(-.infinity))),
    .label(Label(prediction: "p", model: "m", time: 0, value: .category(""))),
    .features(FeatureUpdate(entity: "", time: 0, features: [])),
    .features(FeatureUpdate(entity: "e", time: 0, features: [Feature(name: "x", value: .number(.nan))])),
  ]

  private static func with<T>(_ path: WritableKeyPath<Prediction, T>, _ value: T) -> Prediction {
    var event = prediction(1)
    event[keyPath: path] = value
    return event
  }

  @Test func whatCannotBeReadIsRefusedAtOnce() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: patient())
    for event in Self.refused {
      let error = #expect(throws: ClientError.self) { try producer.trySend(event) }
      #expect(error?.code == .invalidEvent)
      #expect((error?.message.utf8.count ?? 0) < 1_000)
    }
    try await producer.close()
    #expect(log.appendCalls == 0)
  }

  @Test func whatIsAcceptedCanBeRead() async throws {
    let accepted: [Prediction] = [
      Self.with(\.id, String(repeating: "x", count: Limits.idBytes)),
      Prediction(id: "p", model: "m", time: 1, features: []), Self.with(\.score, nil),
      Self.with(\.score, .category("yes")),
      Self.with(\.score, .probabilities([0.25, 0.75])), Self.with(\.score, .number(-1e300)),
      Self.with(\.time, Limits.earliestTime), Self.with(\.time, Limits.latestTime), Self.with(\.time, 0),
      Self.with(\.id, "\u{1F600}\"\\\n\u{0}"), Self.with(\.features, []),
      Self.with(
        \.features,
        [
          Feature(name: "a\"b", value: .category("")), Feature(name: "é", value: .number(.leastNonzeroMagnitude)),
          Feature(name: "z", value: .missing),
        ]),
      Self.with(\.segments, [Segment(name: "channel", value: "")]),
    ]
    let log = MemoryLog(["predictions": 1, "labels": 1])
    let producer = try await EventProducer(log: log, configuration: patient())
    for event in accepted { try await producer.send(event) }
    try await producer.close()
    #expect(try log.records("predictions").map { try Prediction.decode(value: $0.value) } == accepted)
  }

  @Test func anEntityIsNeededWhereItIsTheKey() async throws {
    var configuration = patient()
    configuration.key = .entity
    let producer = try await EventProducer(log: MemoryLog(), configuration: configuration)
    for event in [ServingEvent.prediction(prediction(1)), .label(label(1))] {
      let error = #expect(throws: ClientError.self) { try producer.trySend(event) }
      #expect(error?.code == .invalidEvent)
    }
    try await producer.close()
  }

  @Test func anEventBeyondTheLimitIsRefused() async throws {
    var configuration = patient()
    configuration.buffer.eventBytes = 50
    let producer = try await EventProducer(log: MemoryLog(), configuration: configuration)
    let error = #expect(throws: ClientError.self) { try producer.trySend(.prediction(prediction(1))) }
    #expect(error?.code == .invalidEvent)
    try await producer.close()
  }
}
