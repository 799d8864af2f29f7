import EventLog
import Events
import Models
import Testing

@testable import Engine

/// What ten rows show of a configuration, and what a run may hold.
struct RunTrialTests {
  private static let run = BuiltinTrainingTests.run(before: 9_999)
  private static let rows = BuiltinTrainingTests.rows(0..<10)

  private func prove(
    _ configuration: ModelConfiguration = BuiltinTrainingTests.model, _ rows: [TrainingRow] = rows,
    champion: Model? = nil
  ) throws {
    try BuiltinTraining(configuration).prove(Self.run, rows: rows, champion: champion)
  }

  private func failure(_ body: () throws -> Void) -> String? {
    #expect(throws: TrainingFailure.self) { try body() }?.description
  }

  @Test func aGoodConfigurationPasses() throws {
    try prove()
    try prove(BuiltinTrainingTests.model, [])
    var absent = BuiltinTrainingTests.model
    absent.categorical.insert("comes later")
    absent.numeric.insert("comes later too")
    try prove(absent)
    var some = Self.rows
    for index in some.indices.dropLast() {
      var example = some[index].example
      example.label = .category("yes")
      some[index] = TrainingRow(partition: 0, example: example)
    }
    try prove(BuiltinTrainingTests.model, some)
  }

  @Test func aWrongTaskOrNoColumnOrAnotherChampionDoesNot() throws {
    var wrong = BuiltinTrainingTests.model
    wrong.task = .multiclass(classes: ["a", "b"])
    #expect(failure { try prove(wrong) }?.hasPrefix("no label fits the task: ") == true)
    var bare = BuiltinTrainingTests.model
    bare.dropped = ["x", "code", "secret"]
    #expect(failure { try prove(bare) }?.hasPrefix("no schema can be made of the rows") == true)
    let champion = try Model(
      decoding: BuiltinTrainingTests.train(Self.run, BuiltinTrainingTests.rows(0..<120)).artifact[...])
    try prove(champion: champion)
    var changed = BuiltinTrainingTests.model
    changed.dropped.insert("x")
    #expect(failure { try prove(changed, champion: champion) }?.contains("cannot be continued") == true)
  }

  @Test func memoryIsEstimatedFromAbove() throws {
    var memory = RunMemory(limit: .max)
    for row in Self.rows { memory.add(row) }
    // Ten rows of three features are thousands of bytes and no millions, at the least what they are themselves.
    let least = 10 * (MemoryLayout<TrainingRow>.stride + 3 * MemoryLayout<Feature>.stride)
    func fits(_ limit: Int, artifactBytes: Int = 0) -> Bool {
      var memory = RunMemory(limit: Int64(limit), artifactBytes: artifactBytes)
      for row in Self.rows { memory.add(row) }
      return (try? memory.check()) != nil
    }
    #expect(!fits(least) && fits(20 * least) && !fits(20 * least, artifactBytes: 20 * least))
  }

  @Test func everyVersionOfARunIsCountedOnce() throws {
    let model = try Model(
      decoding: BuiltinTrainingTests.train(Self.run, BuiltinTrainingTests.rows(0..<120)).artifact[...])
    let size = Int64(model.encoded().count)
    func bytes(parent: String?, champion: String?, fallback: String?, contest: Int = 0) -> Int64 {
      var run = Self.run
      run.parentArtifact = parent
      run.champion = champion.map { NamedVersion(version: 1, artifact: $0) }
      run.fallback = fallback.map { NamedVersion(version: 2, artifact: $0) }
      let versions = BuiltinTraining.Versions(
        parent: parent.map { _ in model }, champion: champion.map { _ in model }, fallback: fallback.map { _ in model },
        contest: contest == 0 ? nil : Array(repeating: 0, count: contest))
      return RunMemory(limit: .max, of: run, versions).bytes
    }
    #expect(bytes(parent: nil, champion: nil, fallback: nil) == 0)
    #expect(bytes(parent: "a", champion: "a", fallback: nil) == 4 * size)
    #expect(bytes(parent: "a", champion: "b", fallback: nil) == 5 * size)
    #expect(bytes(parent: "a", champion: "b", fallback: "b") == 5 * size)
    #expect(bytes(parent: "a", champion: "b", fallback: "c", contest: 10) == 6 * size + 20)
  }

  @Test func rowsBeyondTheMemoryAreNotRead() throws {
    let (log, all) = try ExampleReaderTests.log()
    let reader = ExampleReader(reader: try log.log.makeReader(), names: .init())
    let run = RunStarted(
      run: "t", model: "m", time: 0, version: 1, family: "f", seed: 1,
      rows: RowSet(before: 9_999, partitions: [PartitionRows(partition: 0, first: 0, end: 200)]), holdout: 0.2)
    var memory = RunMemory(limit: .max)
    for row in try reader.rows(of: run) { memory.add(row) }
    #expect(try reader.rows(of: run, memory: RunMemory(limit: memory.bytes)).count == all.count / 2 * 4 / 5)
    var both = run
    both.rows.partitions.append(PartitionRows(partition: 1, first: 0, end: 200))
    let more = RunMemory(limit: memory.bytes * 3 / 2)
    let failure = failure { _ = try reader.rows(of: both, memory: more) }
    #expect(failure?.contains("and the quota is 1 MB (train.quotas.memory)") == true, "\(failure ?? "")")
    #expect(try reader.rows(of: both, mostRows: 3, memory: more).count == 3, "no more than the newest are held")
  }
}
