import Events
import LeewayClient
import Log
import Testing

/// What a producer does while the log does not take anything.
struct ProducerPressureTests {
  private func small() -> ProducerConfiguration {
    var configuration = patient(4)
    configuration.buffer.events = 8
    return configuration
  }

  @Test func aFullBufferSuspendsAndRefuses() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: small())
    log.block()
    for number in 0..<8 { #expect(try producer.trySend(.prediction(prediction(number)))) }
    #expect(await eventually { log.appendCalls == 1 })
    // Those on their way to the log count, too.
    #expect(try !producer.trySend(.prediction(prediction(8))))
    let sent = Collected<Int>()
    let sender = Task {
      for number in 8..<12 {
        try await producer.send(prediction(number))
        sent.add(number)
      }
    }
    try await Task.sleep(for: .milliseconds(20))
    #expect(sent.all.isEmpty)
    #expect(try !producer.trySend(.prediction(prediction(99))))
    log.unblock()
    try await sender.value
    try await producer.close()
    #expect(sent.all == [8, 9, 10, 11])
    #expect(log.records("predictions").count == 12)
  }

  @Test func bytesBoundTheBuffer() async throws {
    let log = MemoryLog()
    var configuration = small()
    let size = prediction(1).encoded().count + 3
    configuration.batch.bytes = size
    configuration.buffer.bytes = 3 * size
    configuration.buffer.eventBytes = size
    let producer = try await EventProducer(log: log, configuration: configuration)
    log.block()
    for number in 1...3 { #expect(try producer.trySend(.prediction(prediction(number)))) }
    #expect(try !producer.trySend(.prediction(prediction(4))))
    log.unblock()
    try await producer.close()
    #expect(log.records("predictions").count == 3)
  }

  @Test func aCancelledSenderLeavesTheLine() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: small())
    log.block()
    for number in 0..<8 { _ = try producer.trySend(.prediction(prediction(number))) }
    let senders = (100..<110).map { number in Task { try await producer.send(prediction(number)) } }
    try await Task.sleep(for: .milliseconds(10))
    for sender in senders.prefix(5) { sender.cancel() }
    for sender in senders.prefix(5) {
      let error = await #expect(throws: ClientError.self) { try await sender.value }
      #expect(error?.code == .cancelled)
    }
    log.unblock()
    for sender in senders.dropFirst(5) { try await sender.value }
    try await producer.close()
    #expect(log.records("predictions").count == 13)
  }

  @Test func aCancelledFlushReturns() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: small())
    log.block()
    try await producer.send(prediction(1))
    let flush = Task { try await producer.flush() }
    try await Task.sleep(for: .milliseconds(5))
    flush.cancel()
    let error = await #expect(throws: ClientError.self) { try await flush.value }
    #expect(error?.code == .cancelled)
    log.unblock()
    try await producer.close()
    #expect(log.records("predictions").count == 1)
  }

  @Test func closingRefusesThoseInLine() async throws {
    let log = MemoryLog()
    let producer = try await EventProducer(log: log, configuration: small())
    log.block()
    for number in 0..<8 { _ = try producer.trySend(.prediction(prediction(number))) }
    let sender = Task { try await producer.send(prediction(8)) }
    try await Task.sleep(for: .milliseconds(10))
    let closing = Task { try await producer.close() }
    let error = await #expect(throws: ClientError.self) { try await sender.value }
    #expect(error?.code == .closed)
    log.unblock()
    try await closing.value
    #expect(log.records("predictions").count == 8)
  }
}
