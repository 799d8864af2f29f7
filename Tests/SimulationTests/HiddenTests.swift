import Engine
import Events
import Log
import Models
import Testing

@testable import Simulation

/// What a log hides for a while must not change what the engine makes of it.
struct HiddenTests {
  private static let start: Milliseconds = 1_000_000
  private let log = SimulatedLog()
  private let configuration = EngineConfiguration(
    inputPartitions: 1, intake: IntakeConfiguration(pane: 1_000, lateness: 0, labelHorizon: 10_000),
    models: [ModelConfiguration(name: "m", task: .binary)])

  init() throws {
    log.now = Self.start
    for topic in Topic.allCases { try log.create(TopicSpec(name: topic.rawValue, partitions: 1)) }
  }

  private func example(_ seq: Int64) -> Record {
    let example = Example(
      seq: seq, id: "e\(seq)", model: "m", time: seq, labelTime: seq, features: [], label: .number(1))
    return Record(timestamp: seq, value: ExampleRecord.example(example).encoded()[...])
  }

  private func run(_ end: Int64) -> RunStarted {
    RunStarted(
      run: "r", model: "m", time: 100, version: 1, family: "f", seed: 1,
      rows: RowSet(before: 100, partitions: [PartitionRows(partition: 0, first: 0, end: end)]), holdout: 0.5)
  }

  /// Rows behind the open transaction of a worker that has died are waited for: without them a run would learn less than
  /// its trigger names.
  @Test func rowsThatAreHiddenAreWaitedFor() throws {
    let place = TopicPartition("examples", 0)
    let producer = try log.makeProducer(id: nil)
    try producer.append([AppendBatch(place, (0..<3).map(example))])
    let dead = try log.join(group: "g", topics: ["predictions"], member: "dead")
    _ = try dead.poll(["predictions"], limit: ReadLimit())
    try dead.send([AppendBatch(place, [example(3)])])
    try producer.append([AppendBatch(place, (3..<6).map(example))])
    let reader = ExampleReader(reader: try log.makeReader(), names: TopicNames())
    #expect(try reader.rows(of: run(3)).count == 3)
    #expect {
      _ = try reader.rows(of: run(6))
    } throws: { error in
      (error as? LogError)?.retriable == true
    }
    log.now += 10_000
    #expect(try reader.rows(of: run(6)).map(\.example.seq) == Array(0..<6))
  }

  /// Rows that the log has no longer are no reason to wait: the run has failed, and says which they are.
  @Test func rowsThatAreGoneEndTheRun() throws {
    try log.makeProducer(id: nil).append([AppendBatch(TopicPartition("examples", 0), (0..<3).map(example))])
    let reader = ExampleReader(reader: try log.makeReader(), names: TopicNames())
    #expect {
      _ = try reader.rows(of: run(5))
    } throws: { error in
      (error as? TrainingFailure)?.description.contains("examples/0 has no rows 3 to 4") == true
    }
  }

  /// A user's transaction on an input, however long, keeps no worker from its work; one on what workers write does.
  @Test func onlyWhatWorkersWriteIsWaitedForAtATakeover() throws {
    let plan = SimulationPlan(seed: 1, rows: 1)
    let maker = WorkerMaker(log: log, plan: plan, configuration: configuration)
    let user = try log.join(group: "g", topics: ["labels"], member: "user")
    _ = try user.poll(["labels"], limit: ReadLimit())
    try user.send([AppendBatch(TopicPartition("predictions", 0), [Record(timestamp: 1, value: [])])])
    let worker = try maker.make(.join, member: "w")
    _ = try worker.step(flush: true)
    try worker.close()
    try user.send([AppendBatch(TopicPartition("watermarks", 0), [Record(timestamp: 1, value: [])])])
    let error = #expect(throws: LogError.self) { _ = try maker.make(.join, member: "w").step(flush: true) }
    #expect(error?.retriable == true && error?.partition == TopicPartition("watermarks", 0))
  }

  private func predict(_ id: String, at time: Milliseconds) throws {
    let prediction = Prediction(id: id, model: "m", time: time, features: [])
    try log.makeProducer(id: nil).append([
      AppendBatch(TopicPartition("predictions", 0), [SimulatedInput.record(prediction, at: time)])
    ])
  }

  private func makeWorker() throws -> Worker<JoinStage> {
    let maker = WorkerMaker(log: log, plan: SimulationPlan(seed: 1, rows: 1), configuration: configuration)
    return try #require(try maker.make(.join, member: "w") as? Worker<JoinStage>)
  }

  private func exhaust(_ worker: Worker<JoinStage>) throws { while try !worker.step(flush: true).isIdle {} }

  /// What lies behind a user's open transaction is not late when it ends, however long that takes.
  @Test func whatATransactionHoldsBackIsNotSilence() throws {
    let place = TopicPartition("predictions", 0)
    let worker = try makeWorker()
    try predict("a", at: Self.start)
    try exhaust(worker)
    let user = try log.join(group: "g", topics: ["labels"], member: "user")
    _ = try user.poll(["labels"], limit: ReadLimit())
    try user.send([AppendBatch(place, [Record(timestamp: 1, value: [])])])
    try predict("b", at: Self.start + 500)
    var silence = SilenceWatch()
    var promised = 0
    while log.openTransactions > 0 {
      try #require(log.now < Self.start + 20_000)
      log.now += 500
      if try silence.look(at: worker, clock: log.now, wall: log.now) { promised += 1 }
      if log.openTransactions > 0 { #expect(try worker.readToEnd().keys.map(\.topic) == ["labels"]) }
      try exhaust(worker)
    }
    #expect(promised > 0, "of the labels")
    try exhaust(worker)
    #expect(worker.stages[0]?.reads[.predictions] == log.with { $0.partitions[place]?.end })
    #expect(log.history(of: TopicPartition("deadletters", 0)).isEmpty)
  }

  private func takeFive(_ worker: Worker<JoinStage>) throws {
    for number in 0..<5 { try predict("old-\(number)", at: Self.start + Int64(number)) }
    try exhaust(worker)
    #expect(try worker.promise(passed: Self.start + 20_000))
    try exhaust(worker)
    #expect(worker.stages[0]?.positions[.predictions] == 5)
  }

  /// A topic under its old name whose records are others is read by nobody who has read the old one, long or short as it is
  /// by now; one of which nothing but the group's offsets is gone is.
  @Test(arguments: [0, 2, 40]) func aTopicThatWasMadeAnewIsRefused(count: Int) throws {
    let worker = try makeWorker()
    try takeFive(worker)
    try worker.close()
    let forgotten = try makeWorker()
    log.with { $0.groups[Worker<JoinStage>.group(TopicNames())]?.forget("predictions") }
    try exhaust(forgotten)
    try forgotten.close()

    log.delete("predictions")
    try log.create(TopicSpec(name: "predictions", partitions: 1))
    for number in 0..<count { try predict("new-\(number)", at: Self.start + Int64(number)) }
    let again = try makeWorker()
    let error = #expect(throws: EngineError.self) { try exhaust(again) }
    #expect(error?.code == .replaced && error?.message.contains("predictions/0") == true)
  }

  /// The same under a worker that has read the old one.
  @Test func aTopicThatIsMadeAnewStopsItsWorker() throws {
    let worker = try makeWorker()
    try takeFive(worker)
    log.delete("predictions")
    try log.create(TopicSpec(name: "predictions", partitions: 1))
    try predict("new", at: Self.start)
    let error = #expect(throws: EngineError.self) { try exhaust(worker) }
    #expect(error?.code == .replaced && error?.message.contains("up to offset 5") == true, "\(error?.message ?? "")")
  }

  /// A watermark that the log does not show yet holds everything else back.
  @Test func ownWatermarksAreReadBeforeAnythingElse() throws {
    let plan = SimulationPlan(seed: 1, rows: 1)
    let maker = WorkerMaker(log: log, plan: plan, configuration: configuration)
    let worker = try #require(try maker.make(.join, member: "w") as? Worker<JoinStage>)
    let producer = try log.makeProducer(id: nil)
    func predict(_ id: String, at time: Milliseconds) throws {
      let prediction = Prediction(id: id, model: "m", time: time, features: [])
      try producer.append([AppendBatch(TopicPartition("predictions", 0), [SimulatedInput.record(prediction, at: time)])]
      )
    }
    func exhaust() throws { while try !worker.step(flush: true).isIdle {} }
    try predict("a", at: Self.start)
    try exhaust()
    let place = TopicPartition("watermarks", 0)
    log.with { $0.slow[place] = (until: Self.start + 1_000, end: 0) }
    #expect(try worker.promise(passed: Self.start + 20_000))
    try predict("b", at: Self.start + 30_000)
    try exhaust()
    #expect(worker.stages[0]?.reads[.predictions] == 1)
    log.now += 2_000
    try exhaust()
    #expect(worker.stages[0]?.reads[.predictions] == 2)
  }
}
