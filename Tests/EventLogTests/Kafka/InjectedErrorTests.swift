import CRdKafka
@testable import EventLog
import KafkaMock
import Log
import Testing

/// Every error that a coordinator or a leader can answer a transaction's requests with, and what comes of it.
@Suite(.blocking) struct InjectedErrorTests {
  enum Outcome: Equatable {
    /// Within the one call, whether the library tries the request again or we write the whole transaction again.
    case committed
    /// With this error. `isOver`: the worker is at its end, and a new one goes on.
    case failed(LogError.Code, retriable: Bool, isOver: Bool)
  }

  struct Injection: CustomTestStringConvertible, Sendable {
    let request: MockCluster.Request
    let error: rd_kafka_resp_err_t
    let outcome: Outcome

    init(_ request: MockCluster.Request, _ error: rd_kafka_resp_err_t, _ outcome: Outcome) {
      (self.request, self.error, self.outcome) = (request, error, outcome)
    }

    /// Rights may come back, and then the worker lives on.
    var isPassing: Bool { error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED }

    var testDescription: String { "\(request): \(String(cString: rd_kafka_err2name(error)))" }
  }

  private static let fenced = Outcome.failed(.fenced, retriable: true, isOver: true)
  private static let over = Outcome.failed(.unavailable, retriable: true, isOver: true)
  private static let denied = Outcome.failed(.denied, retriable: false, isOver: false)

  /// At the start of a writer.
  static let starts = [
    Injection(.initProducerId, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, .committed),
    Injection(.initProducerId, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, .committed),
    Injection(.findCoordinator, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, .committed),
    Injection(.initProducerId, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, fenced),
    Injection(
      .initProducerId, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      .failed(.denied, retriable: false, isOver: true)),
  ]

  /// In a transaction of its records alone.
  static let records = [
    Injection(.addPartitions, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, .committed),
    Injection(.addPartitions, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, .committed),
    Injection(.addPartitions, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, denied),
    Injection(.addPartitions, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, fenced),
    Injection(.addPartitions, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, fenced),
    Injection(.produce, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, .committed),
    Injection(.produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, .committed),
    Injection(
      .produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, .failed(.tooLarge, retriable: false, isOver: false)),
    Injection(.produce, RD_KAFKA_RESP_ERR_INVALID_RECORD, .failed(.invalidArgument, retriable: false, isOver: false)),
    Injection(
      .produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .failed(.denied, retriable: false, isOver: true)),
    Injection(.produce, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, fenced),
    Injection(.produce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, over),
    Injection(.endTransaction, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, .committed),
    Injection(.endTransaction, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, .committed),
    Injection(.endTransaction, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, fenced),
    Injection(.endTransaction, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, fenced),
    Injection(.endTransaction, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, over),
  ]

  /// Of the consumed offsets in it.
  static let offsets = [
    Injection(.addOffsets, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, .committed),
    Injection(.addOffsets, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, denied),
    Injection(.txnOffsetCommit, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, .committed),
    Injection(.txnOffsetCommit, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, .committed),
    Injection(.txnOffsetCommit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, .committed),
    Injection(
      .txnOffsetCommit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, .failed(.fenced, retriable: true, isOver: false)),
    Injection(
      .txnOffsetCommit, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, .failed(.fenced, retriable: false, isOver: false)),
  ]

  private let input = TopicPartition("in", 0)
  private let output = TopicPartition("out", 0)

  private func make() throws -> (place: MockPlace, log: any Log) {
    let place = try MockPlace()
    for name in ["in", "out"] { try place.cluster.createTopic(name, partitions: 1) }
    return (place, try place.open())
  }

  private func batch(_ texts: String...) -> AppendBatch {
    AppendBatch(output, texts.map { Record(1, $0) })
  }

  /// The mock cluster shows what was given up as well: what counts is how it ends.
  private func expectEnd(_ log: any Log, _ texts: [String], _ comment: Comment) throws {
    let found = try log.makeReader().all(output).map { $0.record.text ?? "" }
    #expect(Array(found.suffix(texts.count)) == texts, comment)
  }

  private func failure(_ body: () throws -> Void) -> LogError? {
    do {
      try body()
      return nil
    } catch {
      return error as? LogError
    }
  }

  private func expect(_ error: LogError?, _ outcome: Outcome) {
    switch outcome {
    case .committed: #expect(error == nil)
    case .failed(let code, let retriable, _):
      #expect(error?.code == code && error?.retriable == retriable, "\(error?.message ?? "no error")")
    }
  }

  @Test(arguments: starts) func startOfAProducer(injection: Injection) throws {
    let (place, log) = try make()
    place.cluster.fail(injection.request, with: [injection.error])
    let error = failure { try log.makeProducer(id: "p").append([batch("a")]) }
    expect(error, injection.outcome)
    try log.makeProducer(id: "p").append([batch("b")])
    try expectEnd(log, error == nil ? ["a", "b"] : ["b"], "a new producer")
  }

  @Test(arguments: records) func append(injection: Injection) throws {
    let (place, log) = try make()
    let producer = try log.makeProducer(id: nil)
    try producer.append([batch("before")])
    place.cluster.fail(injection.request, with: [injection.error])
    var offsets: [Int64] = []
    let error = failure { offsets = try producer.append([batch("a", "b"), batch("c")]) }
    expect(error, injection.outcome)
    switch injection.outcome {
    case .committed:
      try expectEnd(log, ["a", "b", "c"], "in this order")
      // Where the producer says they are.
      let reader = try log.makeReader()
      for (offset, text) in zip(offsets, ["a", "c"]) {
        #expect(try reader.read(output, from: offset, limit: ReadLimit()).records.first?.record.text == text)
      }
      #expect(offsets.count == 2)
    case .failed(_, _, isOver: false):
      try producer.append([batch("d")])
      try expectEnd(log, ["d"], "the same producer goes on")
    case .failed(let code, _, isOver: true):
      // One who was put aside by another stays aside; any other failure is over with the next append.
      let again = failure { try producer.append([batch("d")]) }
      #expect(injection.isPassing || (again != nil) == (code == .fenced))
      try log.makeProducer(id: nil).append([batch("e")])
      try expectEnd(log, ["e"], "a new producer goes on")
    }
  }

  @Test(arguments: records + offsets) func commit(injection: Injection) throws {
    let (place, log) = try make()
    let consumer = try log.join(group: "g", topics: ["in"], member: "m")
    try consumer.start(["in"])
    _ = try consumer.poll(["in"], limit: ReadLimit())
    try consumer.commit(outputs: [batch("before")], offsets: [input: 0])
    // The requests for records go out by themselves: the error is to meet those of the commit, or the only one there is.
    if injection.request == .addPartitions { place.cluster.fail(injection.request, with: [injection.error]) }
    try consumer.send([batch("sent")])
    if injection.request == .produce { try wait { try log.makeReader().all(output).count == 2 } }
    if injection.request != .addPartitions { place.cluster.fail(injection.request, with: [injection.error]) }
    let error = failure { try consumer.commit(outputs: [batch("a", "b")], offsets: [input: 0]) }
    expect(error, injection.outcome)
    switch injection.outcome {
    case .committed: try expectEnd(log, ["sent", "a", "b"], "in this order")
    case .failed(_, _, isOver: false):
      try consumer.commit(outputs: [batch("c")], offsets: [input: 0])
      try expectEnd(log, ["sent", "c"], "the same worker goes on")
    case .failed(_, _, isOver: true):
      #expect(
        injection.isPassing || failure { try consumer.commit(outputs: [batch("c")], offsets: [input: 0]) } != nil)
      consumer.close()
      let next = try log.join(group: "g", topics: ["in"], member: "m")
      try next.start(["in"])
      _ = try next.poll(["in"], limit: ReadLimit())
      try next.commit(outputs: [batch("d")], offsets: [input: 0])
      try expectEnd(log, ["d"], "a new worker goes on")
    }
  }

  /// Some brokers know no group before its first commit.
  @Test func aGroupThatIsNotThereYet() throws {
    let (place, log) = try make()
    place.cluster.fail(.offsetFetch, with: [RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND])
    #expect(try log.makeReader().committed(group: "g").isEmpty)
    place.cluster.fail(.offsetFetch, with: [RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND])
    let producer = try log.makeProducer(id: "p")
    #expect(try producer.nextSequence(in: output) == 0)
    try producer.append([batch("a")])
    try expectEnd(log, ["a"], "its first record")
  }

  /// One whose generation stays behind has lost its place.
  @Test func aGenerationThatStaysBehind() throws {
    let (place, log) = try make()
    let consumer = try log.join(group: "g", topics: ["in"], member: "m")
    try consumer.start(["in"])
    _ = try consumer.poll(["in"], limit: ReadLimit())
    let errors = Array(repeating: RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, count: 20)
    place.cluster.fail(.txnOffsetCommit, with: errors)
    let start = ContinuousClock.now
    expect(
      failure { try consumer.commit(outputs: [batch("a")], offsets: [input: 0]) },
      .failed(.fenced, retriable: true, isOver: false))
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  /// By its own new membership after an outage, and else by another worker of its name.
  @Test(arguments: [MockCluster.Request.heartbeat, .txnOffsetCommit], [false, true])
  func aNameThatIsRefused(request: MockCluster.Request, afterOutage: Bool) throws {
    let (place, log) = try make()
    let consumer = try log.join(group: "g", topics: ["in"], member: "m")
    try consumer.start(["in"])
    _ = try consumer.poll(["in"], limit: ReadLimit())
    if afterOutage {
      place.cluster.setUp(false)
      SystemCalls.sleep(microseconds: 300_000)
      place.cluster.setUp(true)
      _ = try log.partitions(of: "in")
    }
    place.cluster.fail(request, with: [RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID])
    let error = failure {
      for _ in 0..<200 {
        _ = try consumer.poll(["in"], limit: ReadLimit())
        try consumer.commit(outputs: [batch("a")], offsets: [input: 0])
        SystemCalls.sleep(microseconds: 20_000)
      }
    }
    #expect(error?.code == .fenced && error?.retriable == afterOutage, "\(error?.message ?? "no error")")
    #expect(error?.message.contains("runs under the same name") == !afterOutage)
  }

  private func wait(_ condition: () throws -> Bool) throws {
    for _ in 0..<200 where try !condition() { SystemCalls.sleep(microseconds: 20_000) }
    let holds = try condition()
    try #require(holds)
  }
}
