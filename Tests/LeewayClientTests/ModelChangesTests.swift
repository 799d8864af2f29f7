import Events
import LeewayClient
import Log
import Testing

/// The async sequence of changes.
struct ModelChangesTests {
  private let log = MemoryLog()
  private let one: [UInt8]
  private let two: [UInt8]

  init() throws {
    one = try artifact(rows: 10)
    two = try artifact(rows: 20)
  }

  @Test func tellsChangesAsTheyCome() async throws {
    log.publish("m", 1, one)
    let subscriber = ModelSubscriber(log: log)
    let changes = Collected<ModelChange>()
    let follower = Task {
      for await change in subscriber.changes { changes.add(change) }
    }
    #expect(await eventually { changes.all.map(\.version) == [1] })
    log.publish("m", 2, two)
    #expect(await eventually { changes.all.map(\.version) == [1, 2] })
    log.write("models", [modelRecord(record("m", 3, artifact: []))])
    #expect(await eventually { changes.all.count == 3 })
    #expect(changes.all.last?.scorer == nil)
    #expect(throws: ClientError.self) { try subscriber.poll() }
    subscriber.close()
    await follower.value
    #expect(await eventually { log.openReaders == 0 })
  }

  /// Whatever the log does meanwhile.
  @Test func cancellationEndsAtOnce() async throws {
    let subscriber = ModelSubscriber(log: log)
    log.stall(true)
    for _ in 0..<5 {
      let ended = Collected<Bool>()
      let follower = Task {
        for await _ in subscriber.changes {}
        ended.add(Task.isCancelled)
      }
      try await Task.sleep(for: .milliseconds(5))
      #expect(ended.all.isEmpty)
      follower.cancel()
      #expect(await eventually { ended.all == [true] })
    }
    // The subscriber itself goes on.
    log.publish("m", 1, one)
    log.stall(false)
    var iterator = subscriber.changes.makeAsyncIterator()
    #expect(await iterator.next()?.version == 1)
  }

  @Test func closingEndsAtOnce() async throws {
    let subscriber = ModelSubscriber(log: log)
    log.stall(true)
    let ended = Collected<Bool>()
    let follower = Task {
      for await _ in subscriber.changes {}
      ended.add(true)
    }
    try await Task.sleep(for: .milliseconds(5))
    subscriber.close()
    #expect(await eventually { ended.all == [true] })
    #expect(throws: Never.self) { try subscriber.poll() }
    await follower.value
    log.stall(false)
    #expect(await eventually { log.openReaders == 0 })
  }

  @Test func closingEndsEveryIteration() async throws {
    let subscriber = ModelSubscriber(log: log)
    let followers = (0..<3).map { _ in
      Task {
        for await _ in subscriber.changes {}
      }
    }
    try await Task.sleep(for: .milliseconds(5))
    subscriber.close()
    subscriber.close()
    for follower in followers { await follower.value }
    var iterator = subscriber.changes.makeAsyncIterator()
    #expect(await iterator.next() == nil)
    #expect(await eventually { log.openReaders == 0 })
  }

  @Test func aDroppedSubscriberLetsGo() async throws {
    log.publish("m", 1, one)
    do {
      var iterator = ModelSubscriber(log: log).changes.makeAsyncIterator()
      #expect(await iterator.next()?.version == 1)
    }
    #expect(await eventually { log.openReaders == 0 })
  }

  @Test func anInterruptionIsToldOnceAndPasses() async throws {
    let log = MemoryLog([:])
    let subscriber = ModelSubscriber(log: log)
    let changes = Collected<ModelChange>()
    let follower = Task {
      for await change in subscriber.changes { changes.add(change) }
    }
    #expect(await eventually { changes.all.count == 1 })
    if case .interrupted(let error)? = changes.all.first {
      #expect(error.cause?.code == .unknownTopic)
    } else {
      Issue.record("\(changes.all)")
    }
    try log.create(TopicSpec(name: "models", partitions: 1))
    try log.create(TopicSpec(name: "artifacts", partitions: 1))
    log.publish("m", 1, one)
    #expect(await eventually { changes.all.count == 2 })
    #expect(changes.all.last?.version == 1)
    subscriber.close()
    await follower.value
  }

  @Test func aClosedLogEndsTheSequence() async throws {
    log.takeDown(LogError(.closed, "the log is closed"))
    let subscriber = ModelSubscriber(log: log)
    var told = 0
    for await _ in subscriber.changes { told += 1 }
    #expect(told <= 1)
  }
}
