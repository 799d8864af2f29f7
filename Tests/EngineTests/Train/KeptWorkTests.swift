import Events
import Models
import TestSupport
import Testing

@testable import Engine

/// A run that goes on from what was kept ends in the same bytes, wherever it was left.
struct KeptWorkTests {
  static let tasks: [Models.Task] = [.binary, .regression, .multiclass(classes: ["a", "b", "c"])]

  private static func configuration(_ task: Models.Task) -> ModelConfiguration {
    ModelConfiguration(
      name: "m", task: task, categorical: ["code"],
      training: TrainingConfiguration(validationRows: 250, minimumRows: 20, referenceRows: 100))
  }

  private static func rows(_ range: Range<Int>, _ task: Models.Task) -> [TrainingRow] {
    BuiltinTrainingTests.rows(range).map { row in
      var example = row.example
      switch task {
      case .binary: break
      case .regression: example.label = .number(Double(example.seq % 17) / 4)
      case .multiclass(let classes): example.label = .category(classes[Int(example.seq) % classes.count])
      }
      return TrainingRow(partition: row.partition, example: example)
    }
  }

  /// A run that continues a version, and what each block of it kept.
  private struct Whole {
    let rows: [TrainingRow]
    let versions: BuiltinTraining.Versions
    let trained: TrainedArtifact
    var kept: [[UInt8]] = []
  }

  private static func train(
    _ task: Models.Task, _ rows: [TrainingRow], _ versions: BuiltinTraining.Versions, _ work: KeptWork?
  ) throws -> TrainedArtifact {
    var run = BuiltinTrainingTests.run(before: 9_999, parent: versions.parent == nil ? nil : 2)
    run.fallback = versions.fallback.map { _ in NamedVersion(version: 1, artifact: "a1") }
    return try BuiltinTraining(configuration(task)).train(run, rows: rows, versions: versions, work: work)
  }

  private static func whole(_ task: Models.Task) throws -> Whole {
    func model(_ rows: [TrainingRow], _ versions: BuiltinTraining.Versions) throws -> Model {
      try Model(decoding: train(task, rows, versions, nil).artifact[...])
    }
    // The second serves provisionally, and is watched against the first.
    let first = try model(rows(0..<60, task), BuiltinTraining.Versions())
    let second = try model(rows(660..<720, task), BuiltinTraining.Versions(parent: first, champion: first))
    let versions = BuiltinTraining.Versions(parent: second, champion: second, fallback: first)
    let rows = rows(60..<660, task)
    var kept: [[UInt8]] = []
    let trained = try withoutActuallyEscaping({ (bytes: () -> [UInt8]) in kept.append(bytes()) }) { keep in
      try train(task, rows, versions, KeptWork(bytes: nil, keep: keep))
    }
    return Whole(rows: rows, versions: versions, trained: trained, kept: kept)
  }

  @Test(arguments: tasks) func goesOnFromEveryBlock(task: Models.Task) throws {
    let whole = try Self.whole(task)
    #expect(whole.kept.count > 4 && Set(whole.kept).count == whole.kept.count)
    let plain = try Self.train(task, whole.rows, whole.versions, nil)
    #expect(plain.artifact == whole.trained.artifact, "keeping changes nothing")
    let canary = try #require(whole.trained.result.gate.canary)
    #expect(canary.rows == whole.rows.count && canary.fallback == 1)
    for bytes in whole.kept {
      var offers = 0
      let resumed = try withoutActuallyEscaping({ (_: () -> [UInt8]) in offers += 1 }) { keep in
        try Self.train(task, whole.rows, whole.versions, KeptWork(bytes: bytes, keep: keep))
      }
      #expect(offers == whole.kept.count - (whole.kept.firstIndex(of: bytes) ?? 0), "it begins where it was left")
      #expect(resumed.artifact == whole.trained.artifact && resumed.result == whole.trained.result)
      #expect(resumed.contest == whole.trained.contest)
    }
    // The last was kept behind the last block, and leaves nothing to learn.
    let last = try #require(whole.kept.last)
    var learned = 0
    _ = try withoutActuallyEscaping({ (_: () -> [UInt8]) in learned += 1 }) { keep in
      try Self.train(task, whole.rows, whole.versions, KeptWork(bytes: last, keep: keep))
    }
    #expect(learned == 1)
  }

  @Test func otherBytesCountForNothing() throws {
    let whole = try Self.whole(.binary)
    let bytes = whole.kept[whole.kept.count / 2]
    let other = Self.rows(60..<650, .binary)
    let expected = try Self.train(.binary, other, whole.versions, nil)
    let found = try Self.train(.binary, other, whole.versions, KeptWork(bytes: bytes) { _ in })
    #expect(found.artifact == expected.artifact, "the work on other rows")
    var random = SplitMix64(seed: 3)
    for _ in 0..<5 {
      let end = Int.random(in: 0..<bytes.count, using: &random)
      let cut = try Self.train(.binary, whole.rows, whole.versions, KeptWork(bytes: Array(bytes[..<end])) { _ in })
      #expect(cut.artifact == whole.trained.artifact)
      var damaged = bytes
      damaged[end] ^= UInt8.random(in: 1...255, using: &random)
      _ = try Self.train(.binary, whole.rows, whole.versions, KeptWork(bytes: damaged) { _ in })
    }
  }
}
