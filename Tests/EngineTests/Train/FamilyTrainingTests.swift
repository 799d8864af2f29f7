import Events
import Models
import TestSupport
import Testing

@testable import Engine

/// What a configuration says of the learner arrives in the runs: kinds of columns, class weights, epochs, counts.
struct FamilyTrainingTests {
  private static func configuration(
    _ family: Family, _ task: Models.Task = .binary, weights: ClassWeights.Rule = .none, epochs: Int = 10
  ) -> ModelConfiguration {
    ModelConfiguration(
      name: "m", task: task, hashed: ["code"], calendar: ["when"], dropped: ["secret"], family: family,
      training: TrainingConfiguration(minimumRows: 20, referenceRows: 100, classWeights: weights, epochs: epochs))
  }

  private static func rows(_ range: Range<Int>) -> [TrainingRow] {
    BuiltinTrainingTests.rows(range).map { row in
      var example = row.example
      example.features.append(Feature(name: "when", value: .number(3.6e6 * Double(example.seq))))
      return TrainingRow(partition: row.partition, example: example)
    }
  }

  private static func train(
    _ configuration: ModelConfiguration, _ rows: [TrainingRow], parent: Model? = nil, work: KeptWork? = nil
  ) throws -> TrainedArtifact {
    let run = BuiltinTrainingTests.run(before: 9_999, parent: parent == nil ? nil : 1)
    return try BuiltinTraining(configuration).train(
      run, rows: rows, versions: BuiltinTraining.Versions(parent: parent, champion: parent), work: work)
  }

  private static func model(_ trained: TrainedArtifact) throws -> Model { try Model(decoding: trained.artifact[...]) }

  @Test func hashedAndCalendarColumnsAreOfTheirKinds() throws {
    let trained = try Self.train(Self.configuration(.linear), Self.rows(0..<150))
    let model = try Self.model(trained)
    #expect(
      Dictionary(uniqueKeysWithValues: model.schema.columns.map { ($0.name, $0.kind) }) == [
        "x": .numeric, "code": .hashed, "when": .time,
      ])
    #expect(trained.result.reference.columns.map(\.name).sorted() == ["code", "x"], "time goes on by itself")
    var other = Self.configuration(.linear)
    (other.hashed, other.categorical) = ([], ["code"])
    #expect(throws: TrainingFailure.self) { try Self.train(other, Self.rows(150..<300), parent: model) }
    var absent = Self.configuration(.linear)
    absent.hashed = ["nowhere"]
    #expect(throws: TrainingFailure.self) { try Self.train(absent, Self.rows(0..<150)) }
  }

  @Test func classWeightsAreTakenFromTheNextRunOn() throws {
    let plain = try Self.model(Self.train(Self.configuration(.linear), Self.rows(0..<300)))
    let fixed = Self.configuration(.linear, weights: .fixed(["1": 5]))
    let heavy = try Self.model(Self.train(fixed, Self.rows(300..<600), parent: plain))
    let light = try Self.model(Self.train(Self.configuration(.linear), Self.rows(300..<600), parent: plain))
    let inputs = Self.rows(600..<700).map { heavy.schema.row(of: $0.example.features) }
    func mean(_ model: Model) -> Double {
      model.predict(inputs).reduce(0) { sum, output in
        if case .number(let p) = output { sum + p / Double(inputs.count) } else { .nan }
      }
    }
    #expect(mean(heavy) > mean(light) + 0.1)
    let balanced = Self.configuration(.linear, weights: .balanced)
    let first = try Self.model(Self.train(balanced, Self.rows(0..<300)))
    let second = try Self.model(Self.train(balanced, Self.rows(300..<600), parent: first))
    #expect(second.classWeights != first.classWeights, "counts go on")
    #expect(throws: TrainingFailure.self) {
      try Self.train(Self.configuration(.linear, weights: .fixed(["c": 2])), Self.rows(0..<300))
    }
  }

  /// The gate's figures are those of rows that no epoch had seen; what is published went through the epochs.
  @Test func epochsChangeWhatIsPublishedAndNotWhatIsJudged() throws {
    let rows = Self.rows(0..<250)
    let without = try Self.train(Self.configuration(.mlp, epochs: 0), rows)
    let with = try Self.train(Self.configuration(.mlp, epochs: 10), rows)
    #expect(with.result.challenger == without.result.challenger && with.artifact != without.artifact)
    #expect(try Self.model(with).rowsLearned == 250)
    #expect(try Self.train(Self.configuration(.mlp, epochs: 10), rows).artifact == with.artifact)
    let linear = try [0, 10].map { try Self.train(Self.configuration(.linear, epochs: $0), rows).artifact }
    #expect(linear[0] == linear[1])
  }

  @Test func runInEpochsGoesOnFromEveryBlock() throws {
    let configuration = Self.configuration(.mlp)
    let rows = Self.rows(0..<420)
    var kept: [[UInt8]] = []
    let whole = try withoutActuallyEscaping({ (bytes: () -> [UInt8]) in kept.append(bytes()) }) { keep in
      try Self.train(configuration, rows, work: KeptWork(bytes: nil, keep: keep))
    }
    #expect(kept.count == 6)
    for bytes in kept {
      let resumed = try Self.train(configuration, rows, work: KeptWork(bytes: bytes) { _ in })
      #expect(resumed.artifact == whole.artifact && resumed.result == whole.result)
    }
  }

  @Test func negativeCountsAreRefused() throws {
    let rows = Self.rows(0..<200).map { row in
      var example = row.example
      example.label = .number(example.seq % 10 == 0 ? -1 : Double(example.seq % 7))
      return TrainingRow(partition: row.partition, example: example)
    }
    let trained = try Self.train(Self.configuration(.poisson, .regression), rows)
    #expect(trained.result.refusedRows == 20 && trained.result.trainedRows == 180)
    let line = try Self.train(Self.configuration(.linear, .regression), rows)
    #expect(line.result.refusedRows == 0)
  }
}
