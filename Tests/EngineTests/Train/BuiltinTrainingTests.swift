import Events
import Models
import TestSupport
import Testing

@testable import Engine

/// Training on rows as values: what is learned, what is held out, and that the same rows give the same bytes.
struct BuiltinTrainingTests {
  static let model = ModelConfiguration(
    name: "m", task: .binary, categorical: ["code"], dropped: ["secret"],
    training: TrainingConfiguration(holdout: 0.25, minimumRows: 20, referenceRows: 100))

  /// Rows whose label is mostly the sign of x; two partitions, several rows of one time.
  static func rows(_ range: Range<Int>, seed: UInt64 = 1) -> [TrainingRow] {
    range.map { number in
      var random = SplitMix64(seed: seed &+ UInt64(number) &* 977)
      let x = Double.random(in: -1...1, using: &random)
      let noisy = Int.random(in: 0..<10, using: &random) == 0
      let features = [
        Feature(name: "x", value: .number(x)), Feature(name: "code", value: .number(Double(number % 3))),
        Feature(name: "secret", value: .number(x)),
      ]
      return TrainingRow(
        partition: number % 2,
        example: Example(
          seq: Int64(number / 2), id: "r\(number)", model: "m", time: Milliseconds(number / 3) * 10,
          labelTime: Milliseconds(number), features: features, label: .number((x > 0) != noisy ? 1 : 0)))
    }
  }

  static func run(
    from: Milliseconds? = nil, before: Milliseconds, parent: Int? = nil, referenceFrom: Milliseconds? = nil
  ) -> RunStarted {
    RunStarted(
      run: "t", model: "m", time: before, version: (parent ?? 0) + 1, parent: parent, family: "mixture", seed: 1,
      rows: RowSet(
        from: from, before: before,
        partitions: [
          PartitionRows(partition: 0, first: 0, end: 10_000), PartitionRows(partition: 1, first: 0, end: 10_000),
        ]),
      referenceFrom: referenceFrom, holdout: 0.25)
  }

  static func train(_ run: RunStarted, _ rows: [TrainingRow], champion: Model? = nil) throws -> TrainedArtifact {
    try BuiltinTraining(model).train(run, rows: rows, champion: champion)
  }

  @Test(arguments: 0..<10 as Range<UInt64>) func sameRowsSameBytes(seed: UInt64) throws {
    let rows = Self.rows(0..<240, seed: seed)
    let expected = try Self.train(Self.run(before: 800), rows)
    var random = SplitMix64(seed: seed)
    for _ in 0..<3 {
      let other = try Self.train(Self.run(before: 800), rows.shuffled(using: &random))
      #expect(other.artifact == expected.artifact && other.result == expected.result, "whatever order they are read in")
    }
    #expect(expected.result.artifact == artifactChecksum(expected.artifact))
    #expect(expected.result.artifactBytes == expected.artifact.count)
    let changed = try Self.train(Self.run(before: 800), Self.rows(0..<240, seed: seed + 100))
    #expect(changed.artifact != expected.artifact && changed.result.rowsHash != expected.result.rowsHash)
  }

  @Test func theNewestRowsAreHeldOutByTime() throws {
    for count in 40...80 {
      let rows = Self.rows(0..<count)
      let split = try TrainingRows(rows, for: Self.run(before: 9_999), minimumRows: 20, maximumRows: 1_000)
      let last = try #require(split.learned.map(\.example.time).max())
      let first = try #require(split.heldOut.map(\.example.time).min())
      #expect(last < first, "rows of one time stay together")
      #expect(split.learned.count + split.heldOut.count == count && split.past.isEmpty)
      // At least the share, and at most the rows of one time more.
      #expect((count / 4...count / 4 + 2).contains(split.heldOut.count))
    }
  }

  @Test func theRowsBeforeAreForTheReferenceAlone() throws {
    let rows = Self.rows(0..<240)
    let champion = try Model(decoding: Self.train(Self.run(before: 400), Array(rows[..<120])).artifact[...])
    let trained = try Self.train(
      Self.run(from: 400, before: 800, parent: 1, referenceFrom: 0), rows, champion: champion)
    let result = trained.result
    #expect(result.trainedRows + result.validatedRows == 120)
    #expect(result.reference.rows == 240, "the rows before, the learned and the held out")
    #expect(result.reference.provisional == false)
    #expect(result.learned.from == 400 && result.learned.before == result.heldOut.from && result.heldOut.before == 800)
    for set in [result.learned, result.heldOut] {
      for rows in set.partitions { #expect(rows.first >= 60 && rows.end <= 120) }
    }
    #expect(result.reference.columns.map(\.name) == ["x", "code"], "dropped columns are no columns")
    #expect(result.reference.columns[0].edges != nil && result.reference.columns[1].levels != nil)
    #expect(result.reference.loss?.count == result.validatedRows)
    #expect(result.reference.loss.map { abs($0.mean - result.challenger.loss) < 1e-12 } == true)
  }

  @Test func warmStartContinuesFromTheOptimisersState() throws {
    let rows = Self.rows(0..<480)
    let first = try Self.train(Self.run(before: 800), Array(rows[..<240]))
    let champion = try Model(decoding: first.artifact[...])
    let run = Self.run(from: 800, before: 1_600, parent: 1)
    let trained = try Self.train(run, Array(rows[240...]), champion: champion)
    // By hand: the champion itself learns on, block by block as the trainer does.
    var byHand = champion
    let split = try TrainingRows(Array(rows[240...]), for: run, minimumRows: 20, maximumRows: 1_000)
    let pairs = try split.learned.map { row in
      (byHand.schema.row(of: row.example.features), try Task.binary.target(row.example.label.modelValue))
    }
    byHand.learn(pairs[...])
    #expect(trained.artifact == byHand.encoded())
    #expect(byHand.rowsLearned == champion.rowsLearned + split.learned.count)
    // Beginning anew gives another model, and so does a champion that has forgotten its uncertainty.
    #expect(try Self.train(Self.run(from: 800, before: 1_600), Array(rows[240...])).artifact != trained.artifact)
  }

  @Test func championAndChallengerScoreTheSameRows() throws {
    let rows = Self.rows(0..<480)
    let champion = try Model(decoding: Self.train(Self.run(before: 800), Array(rows[..<240])).artifact[...])
    let run = Self.run(from: 800, before: 1_600, parent: 1)
    let trained = try Self.train(run, Array(rows[240...]), champion: champion)
    let challenger = try Model(decoding: trained.artifact[...])
    let heldOut = try TrainingRows(Array(rows[240...]), for: run, minimumRows: 20, maximumRows: 1_000).heldOut
    let loss = LossFunction(.clippedLogLoss, task: .binary)
    func losses(_ model: Model) throws -> [Double] {
      try heldOut.map { row in
        let target = try Task.binary.target(row.example.label.modelValue)
        return try #require(loss(model.predict(model.schema.row(of: row.example.features)), target))
      }
    }
    let (own, other) = (try losses(challenger), try losses(champion))
    let mean = zip(own, other).reduce(0) { $0 + $1.0 - $1.1 } / Double(own.count)
    let result = trained.result
    #expect(result.challenger.rows == own.count && result.champion?.rows == own.count)
    #expect(abs(result.challenger.loss - own.reduce(0, +) / Double(own.count)) < 1e-12)
    #expect(result.difference?.count == own.count && abs((result.difference?.mean ?? .nan) - mean) < 1e-12)
    let first = try Self.train(Self.run(before: 800), rows)
    #expect(first.result.champion == nil && first.result.difference == nil)
  }

  @Test func saysWhyThereIsNoModel() throws {
    func failure(_ rows: [TrainingRow]) -> String {
      do {
        _ = try Self.train(Self.run(before: 9_999), rows)
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(failure([]) == "0 new rows, at least 20 are needed")
    #expect(failure(Self.rows(0..<19)) == "19 new rows, at least 20 are needed")
    let together = Self.rows(0..<30).map { row in
      var row = row.example
      row.time = 5
      return TrainingRow(partition: 0, example: row)
    }
    #expect(failure(together).contains("have one time"))
    let unlabelled = Self.rows(0..<60).map { row in
      var row = row.example
      row.label = .category("maybe")
      return TrainingRow(partition: 0, example: row)
    }
    #expect(failure(unlabelled).hasPrefix("none of "))
    #expect(throws: TrainingFailure.self) {
      _ = try BuiltinTraining(Self.model).train(Self.run(before: 800), rows: Self.rows(0..<240), champion: nil) {
        throw TrainingFailure("given up")
      }
    }
  }

  @Test func rowsThatDoNotFitAreCountedNotLearned() throws {
    let rows = Self.rows(0..<240).enumerated().map { index, row in
      var example = row.example
      if index % 10 == 0, index < 100 { example.label = .category("maybe") }
      return TrainingRow(partition: row.partition, example: example)
    }
    let result = try Self.train(Self.run(before: 800), rows).result
    #expect(result.refusedRows == 10 && result.trainedRows + result.refusedRows + result.validatedRows == 240)
  }
}
