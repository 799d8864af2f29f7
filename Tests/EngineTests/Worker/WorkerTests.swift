import Bytes
import EventLog
import Events
import Log
import Testing

@testable import Engine

/// What a worker refuses, and says why.
struct WorkerTests {
  static let configuration = BadInputTests.configuration()

  @Test func aSecondWorkerOfTheGroupIsRefusedNamingTheOwner() throws {
    let log = try TestLog(Self.configuration)
    var first: Worker<JoinStage>? = try log.joinWorker(WorkerSettings(member: "first-of-all"))
    #expect {
      _ = try log.joinWorker(WorkerSettings(member: "second"))
    } throws: { error in
      guard let error = error as? LogError else { return false }
      return error.code == .groupOwned && error.message.contains("first-of-all") && error.retriable
    }
    _ = try log.monitorWorker()
    try first?.close()
    _ = try log.joinWorker()
    first = nil
  }

  @Test func topicsMustBeThereWithTheirPartitions() throws {
    let log = try TestLog(Self.configuration)
    var wrong = Self.configuration
    wrong.inputPartitions = 3
    #expect {
      _ = try Worker(log: log.log, configuration: wrong, settings: WorkerSettings()) { partition, _ in
        JoinStage(partition: partition, configuration: wrong, versions: Directory(), firstFreeNumber: 0)
      }
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.code == .topics && error.message.contains("1 partitions") && error.message.contains("says 3")
    }
    var elsewhere = Self.configuration
    elsewhere.names = TopicNames(prefix: "other.")
    #expect(throws: EngineError.self) {
      _ = try Worker(log: log.log, configuration: elsewhere, settings: WorkerSettings()) { partition, _ in
        MonitorStage(partition: partition, configuration: elsewhere)
      }
    }
  }

  /// Old input goes by retention. With a snapshot behind it the worker goes on; without one it says what is lost.
  @Test(arguments: [true, false]) func historyThatIsGone(keepsSnapshot: Bool) throws {
    let log = try TestLog(Self.configuration, retention: Retention(milliseconds: 1_000))
    var worker: Worker<JoinStage>? = try log.joinWorker()
    try BadInputTests.appendGood("one", to: log, at: BadInputTests.now)
    try BadInputTests.appendGood("two", to: log, at: BadInputTests.now + 60_000)
    try BadInputTests.settle(try #require(worker), at: BadInputTests.now + 100_000)
    if keepsSnapshot { try worker?.close() }
    worker = nil
    if !keepsSnapshot { try SnapshotFault.overwritten.strike(log) }
    try log.log.maintain(now: BadInputTests.now + 50_000)
    #expect(try log.records(.predictions).count == 1)
    let again = try log.joinWorker()
    try BadInputTests.appendGood("three", to: log, at: BadInputTests.now + 200_000)
    guard keepsSnapshot else {
      #expect {
        try again.exhaust()
      } throws: { error in
        guard let error = error as? EngineError else { return false }
        return error.code == .noSnapshot && error.message.contains("begins at offset 1")
      }
      return
    }
    try BadInputTests.settle(again, at: BadInputTests.now + 300_000)
    #expect(try BadInputTests.ids(in: log).last == "three")
  }

  /// Retention that overtakes a worker which is down loses records, and says which.
  @Test func recordsThatWentBeforeTheyWereRead() throws {
    let log = try TestLog(Self.configuration, retention: Retention(milliseconds: 1_000))
    var worker: Worker<JoinStage>? = try log.joinWorker()
    try BadInputTests.appendGood("one", to: log, at: BadInputTests.now)
    try BadInputTests.settle(try #require(worker), at: BadInputTests.now + 100_000)
    try worker?.close()
    worker = nil
    for (id, time) in [("gone", Int64(200_000)), ("too", 210_000), ("kept", 400_000)] {
      try BadInputTests.appendGood(id, to: log, at: BadInputTests.now + time)
    }
    try log.log.maintain(now: BadInputTests.now + 390_000)
    #expect(try log.records(.predictions).count == 1)
    try BadInputTests.settle(try log.joinWorker(), at: BadInputTests.now + 500_000)
    #expect(try BadInputTests.ids(in: log).filter { $0 != "one" } == ["kept"])
    let letters = try log.records(.deadletters).map { try DeadLetter.decode(value: $0.value) }
    let lost = letters.filter { $0.code == "deleted" }
    #expect(Set(lost.map(\.topic)) == ["predictions", "labels"])
    #expect(lost.allSatisfy { $0.offset == 1 && $0.reason.contains("offsets 1 to 2") })
  }

  /// A snapshot that another build or configuration wrote is whole, and still of no use.
  @Test func aStateThatCannotBeReadIsMadeAgain() throws {
    let log = try TestLog(Self.configuration)
    var worker: Worker<JoinStage>? = try log.joinWorker()
    try log.append(.predictions, 0, [record(Prediction.plain("p", at: BadInputTests.now), at: BadInputTests.now)])
    try worker?.exhaust()
    worker = nil
    let strange = Snapshot(
      positions: [.predictions: 1, .labels: 0, .watermarks: 0], emitted: 9, fingerprint: "", state: [1])
    try log.append(.checkpoints, 0, strange.records(stage: "join", partition: 0, number: 1_000))
    let again = try log.joinWorker()
    try log.append(.labels, 0, [record(Label.plain("p", at: BadInputTests.now), at: BadInputTests.now)])
    try BadInputTests.settle(again, at: BadInputTests.now + 100_000)
    #expect(try BadInputTests.ids(in: log) == ["p"])
  }

  @Test func snapshotsSurviveHostileBytes() throws {
    let snapshot = Snapshot(
      positions: [.predictions: 7, .labels: 1 << 40], emitted: 3, fingerprint: "f", state: Array(0...255))
    let records = snapshot.records(stage: "join", partition: 2, number: 5)
    let value = try #require(records.first?.value)
    let back = try Snapshot(decoding: Array(value))
    #expect(back.positions == snapshot.positions && back.state == snapshot.state && back.emitted == 3)
    for length in 0..<value.count {
      #expect(throws: ByteError.self) { _ = try Snapshot(decoding: Array(value.prefix(length))) }
    }
    for position in 0..<value.count {
      var damaged = Array(value)
      damaged[position] ^= 0x10
      #expect(throws: ByteError.self) { _ = try Snapshot(decoding: damaged) }
    }
  }

  /// Rows that were imported before the first worker have taken their numbers.
  @Test func numbersGoOnBehindImportedRows() throws {
    let log = try TestLog(Self.configuration)
    let imported = (0..<70).map { seq in
      record(
        ExampleRecord.example(
          Example(
            seq: Int64(seq), id: "old-\(seq)", model: "m", time: Milliseconds(seq), labelTime: Milliseconds(seq),
            features: [], label: .number(1))), at: Milliseconds(seq))
    }
    try log.append(.examples, 0, imported)
    try BadInputTests.appendGood("new", to: log, at: BadInputTests.now)
    for _ in 0..<2 { try BadInputTests.settle(try log.joinWorker(), at: BadInputTests.now + 100_000) }
    let examples = try log.read(.examples, as: ExampleRecord.self)
    let numbers = examples.compactMap { if case .example(let example) = $0 { example.seq } else { nil } }
    #expect(numbers == Array(0...70))
    let reader = try log.log.makeReader()
    #expect(try ExampleReader(reader: reader, names: TopicNames()).firstFreeNumber(in: 0) == 71)
  }
}
