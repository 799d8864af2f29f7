import Bytes
import Events
import LeewayClient
import Log
import Testing

struct EventProducerTests {
  @Test func recordsHoldTheEventsInOrder() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: patient())
    for number in 0..<100 {
      try await producer.send(prediction(number))
      try await producer.send(label(number))
    }
    try await producer.send(FeatureUpdate(entity: "e", time: 7, features: [Feature(name: "x", value: .number(1))]))
    try await producer.close()
    for partition in 0..<3 {
      let here = (0..<100).filter { Murmur2.partition(of: Array("p-\($0)".utf8), among: 3) == partition }
      let predictions = log.records("predictions", partition)
      #expect(predictions.map(\.keyText) == here.map { "p-\($0)" })
      #expect(predictions.map(\.timestamp) == here.map { Int64(1_000 + $0) })
      #expect(try predictions.map { try Prediction.decode(value: $0.value) } == here.map { prediction($0) })
      #expect(try log.records("labels", partition).map { try Label.decode(value: $0.value) } == here.map { label($0) })
    }
    let updates = log.records("features", Murmur2.partition(of: Array("e".utf8), among: 3))
    #expect(updates.map(\.keyText) == ["e"])
    #expect(updates.map(\.timestamp) == [7])
    #expect(log.openProducers == 0)
  }

  @Test func keyedByEntity() async throws {
    let log = MemoryLog()
    var configuration = patient()
    configuration.key = .entity
    let producer = try await EventProducer(log: log, configuration: configuration)
    try await producer.send(prediction(1, entity: "e"))
    try await producer.send(label(1, entity: "e"))
    try await producer.close()
    let partition = Murmur2.partition(of: Array("e".utf8), among: 3)
    #expect(log.records("predictions", partition).map(\.keyText) == ["e"])
    #expect(log.records("labels", partition).map(\.keyText) == ["e"])
  }

  @Test func prefixAndClock() async throws {
    let log = MemoryLog(["eu.predictions": 1, "eu.labels": 1])
    var configuration = patient()
    configuration.topicPrefix = "eu."
    configuration.timestamps = .clock { 42 }
    let producer = try await EventProducer(log: log, configuration: configuration)
    try await producer.send(prediction(1))
    try await producer.close()
    #expect(log.records("eu.predictions", 0).map(\.timestamp) == [42])
  }

  /// What the binary form has no room for goes as JSON; labels are JSON in any case.
  @Test func binaryForm() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1])
    var configuration = patient()
    configuration.form = .binary
    let producer = try await EventProducer(log: log, configuration: configuration)
    let plain = prediction(
      1, features: [Feature(name: "c", value: .category("é")), Feature(name: "x", value: .missing)])
    var large = plain
    large.version = 1 << 32
    try await producer.send(plain)
    try await producer.send(large)
    try await producer.send(label(1))
    try await producer.close()
    let values = log.records("predictions", 0).map(\.value)
    #expect(values == [try #require(BinaryEvent.encode(plain))[...], large.encoded()[...]])
    #expect(try values.map { try Prediction.decode(value: $0) } == [plain, large])
    #expect(log.records("labels", 0).map(\.value) == [label(1).encoded()[...]])
  }

  @Test func batchesByCount() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1])
    let producer = try await EventProducer(log: log, configuration: patient(10))
    for number in 0..<25 { try await producer.send(prediction(number)) }
    #expect(await eventually { log.records("predictions").count == 20 })
    try await producer.flush()
    #expect(log.accepted.map { $0.map(\.records.count) } == [[10], [10], [5]])
    #expect(log.accepted.map { $0.map(\.sequence) } == [[0], [10], [20]])
    try await producer.close()
  }

  @Test func batchesByBytes() async throws {
    let log = MemoryLog(["predictions": 1, "labels": 1])
    var configuration = patient()
    let size = prediction(1).encoded().count + 3
    configuration.batch.bytes = 2 * size
    let producer = try await EventProducer(log: log, configuration: configuration)
    for number in 1...5 { try await producer.send(prediction(number)) }
    try await producer.close()
    #expect(log.accepted.map { $0.map(\.records.count) } == [[2], [2], [1]])
  }

  @Test func batchesByTime() async throws {
    let log = MemoryLog()
    var configuration = patient()
    configuration.batch.linger = .milliseconds(2)
    let producer = try await EventProducer(log: log, configuration: configuration)
    try await producer.send(prediction(1))
    #expect(await eventually { log.records("predictions").count == 1 })
    try await producer.close()
  }

  /// The same events under the same name make the same appends, whatever the threads do.
  @Test func sameEventsSameBytes() async throws {
    func run() async throws -> [[[Record]]] {
      let log = MemoryLog()
      let producer = try await EventProducer(log: log, configuration: patient(7))
      for number in 0..<100 {
        try await producer.send(prediction(number))
        if number % 10 == 9 { try await producer.flush() }
      }
      try await producer.close()
      return log.accepted.map { $0.map(\.records) }
    }
    let first = try await run()
    #expect(try await run() == first)
  }

  @Test func flushMeansInTheLog() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: patient())
    try await producer.flush()
    #expect(log.appendCalls == 0)
    for number in 0..<20 {
      try await producer.send(prediction(number))
      try await producer.flush()
      #expect(log.records("predictions").count == number + 1)
    }
    try await producer.close()
  }

  @Test func closeIsForGoodAndRepeatable() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: patient())
    try await producer.send(prediction(1))
    try await producer.close()
    try await producer.close()
    #expect(log.records("predictions").count == 1)
    let error = await #expect(throws: ClientError.self) { try await producer.send(prediction(2)) }
    #expect(error?.code == .closed)
    #expect(throws: ClientError.self) { try producer.trySend(.label(label(2))) }
    try await producer.flush()
  }

  @Test func aDroppedProducerStillSends() async throws {
    let log = MemoryLog()
    do {
      let producer = try await EventProducer(log: log, configuration: patient())
      try await producer.send(prediction(1))
    }
    #expect(await eventually { log.openProducers == 0 })
    #expect(log.records("predictions").count == 1)
  }

  @Test func manyTasksShareOne() async throws {
    let log = MemoryLog()
    var configuration = patient(10)
    configuration.buffer.events = 20
    let producer = try await EventProducer(log: log, configuration: configuration)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<20 {
        group.addTask {
          for number in 0..<50 { try await producer.send(prediction(task * 50 + number)) }
        }
      }
      try await group.waitForAll()
    }
    try await producer.close()
    let ids = try log.records("predictions").map { try Prediction.decode(value: $0.value).id }
    #expect(ids.count == 1_000)
    #expect(Set(ids) == Set((0..<1_000).map { "p-\($0)" }))
  }
}
