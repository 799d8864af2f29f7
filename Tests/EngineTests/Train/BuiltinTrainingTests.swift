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
      run: "t", model: "m", time: before, version: (parent ?? 0) + 1, parent: parent,
      champion: parent.map { NamedVersion(version: $0, artifact: "a\($0)") }, family: "mixture", seed: 1,
      rows: RowSet(
        from: from, before: before,
        partitions: [
          PartitionRows(partition: 0, first: 0, end: 10_000), PartitionRows(partition: 1, first: 0, end: 10_000),
        ]),
      referenceFrom: referenceFrom, holdout: 0.25)
  }

  /// - Parameter champion: what is continued, too.
  static func train(
    _ run: RunStarted, _ rows: [TrainingRow], champion: Model? = nil, contest: [UInt8]? = nil
  ) throws -> TrainedArtifact {
    try BuiltinTraining(model).train(
      run, rows: rows, versions: BuiltinTraining.Versions(parent: champion, champion: champion, contest: contest))
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

  @Test func whoeverWorksTheOutcomeIsTheSame() throws {
    let run = Self.run(from: 400, before: 8_000, parent: 1, referenceFrom: 200)
    let rows = Self.rows(0..<2_400)
    let champion = try Model(decoding: Self.train(Self.run(before: 400), Array(rows[..<120])).artifact[...])
    for versions in [
      BuiltinTraining.Versions(), BuiltinTraining.Versions(parent: champion, champion: champion, fallback: champion),
    ] {
      let one = try BuiltinTraining(Self.model).train(run, rows: rows, versions: versions)
      let many = try BuiltinTraining(Self.model).train(run, rows: rows, versions: versions, workers: .many)
      #expect(many.artifact == one.artifact && many.result == one.result && many.contest == one.contest)
    }
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
    #expect(result.trainedRows == 120 && result.validatedRows == 120, "every row is scored, then learned")
    #expect(result.reference.rows == 240, "the rows before, and the learned")
    #expect(result.reference.provisional == false)
    #expect(result.learned.from == 400 && result.learned.before == 800 && result.validated.before == 800)
    for set in [result.learned, result.validated] {
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
    let learned = try TrainingRows(all: Array(rows[240...]), for: run, minimumRows: 20, maximumRows: 1_000).learned
    let pairs = try learned.map { row in
      (byHand.schema.row(of: row.example.features), try Task.binary.target(row.example.label.modelValue))
    }
    byHand.learn(pairs[...])
    #expect(trained.artifact == byHand.encoded())
    #expect(byHand.rowsLearned == champion.rowsLearned + learned.count)
    // Beginning anew gives another model, and so does a champion that has forgotten its uncertainty.
    #expect(try Self.train(Self.run(from: 800, before: 1_600), Array(rows[240...])).artifact != trained.artifact)
  }

  /// The challenger is scored on each block as it stood before it, by hand here; the champion as it stands.
  @Test func everyRowIsScoredBeforeItIsLearned() throws {
    let rows = Self.rows(0..<780)
    let champion = try Model(decoding: Self.train(Self.run(before: 800), Array(rows[..<240])).artifact[...])
    let run = Self.run(from: 800, before: 2_600, parent: 1)
    let trained = try Self.train(run, Array(rows[240...]), champion: champion)
    let loss = LossFunction(.clippedLogLoss, task: .binary)
    var challenger = champion
    var own: [Double] = []
    var other: [Double] = []
    let learned = try TrainingRows(all: Array(rows[240...]), for: run, minimumRows: 20, maximumRows: 1_000).learned
    for start in stride(from: 0, to: learned.count, by: champion.family.blockLength) {
      let block = try learned[start...].prefix(champion.family.blockLength).map { row in
        (champion.schema.row(of: row.example.features), try Task.binary.target(row.example.label.modelValue))
      }
      for (input, target) in block {
        own.append(try #require(loss(challenger.predict(input), target)))
        other.append(try #require(loss(champion.predict(input), target)))
      }
      challenger.learn(block: block)
    }
    let mean = zip(own, other).reduce(0) { $0 + $1.0 - $1.1 } / Double(own.count)
    let result = trained.result
    #expect(result.challenger.rows == own.count && result.champion?.rows == own.count)
    #expect(abs(result.challenger.loss - own.reduce(0, +) / Double(own.count)) < 1e-12)
    #expect(result.difference?.count == own.count && abs((result.difference?.mean ?? .nan) - mean) < 1e-12)
    #expect(result.gate.rows == own.count)
    let first = try Self.train(Self.run(before: 800), rows)
    #expect(first.result.champion == nil && first.result.difference == nil && first.result.gate.outcome == .promote)
  }

  /// Two runs that hand the gate's state on give the figures of one run over the rows of both.
  @Test func whatTheGateKnowsIsCarriedOn() throws {
    let rows = Self.rows(0..<840)
    let first = try Self.train(Self.run(before: 800), Array(rows[..<240]))
    let champion = try Model(decoding: first.artifact[...])
    let split = 540
    let one = try Self.train(
      Self.run(from: 800, before: 2_800, parent: 1), Array(rows[240...]), champion: champion, contest: first.contest)
    let half = try Self.train(
      Self.run(from: 800, before: 1_800, parent: 1), Array(rows[240..<split]), champion: champion,
      contest: first.contest)
    #expect(half.result.gate.outcome == .shadow && half.result.contest == artifactChecksum(half.contest ?? []))
    let whole = try BuiltinTraining(Self.model).train(
      Self.run(from: 1_800, before: 2_800, parent: 1), rows: Array(rows[split...]),
      versions: BuiltinTraining.Versions(
        parent: try Model(decoding: half.artifact[...]), champion: champion, contest: half.contest))
    #expect(whole.artifact == one.artifact)
    #expect(whole.result.gate.rows == one.result.gate.rows && whole.result.gate.shadowRows == 300)
    #expect(whole.result.gate.challenger == one.result.gate.challenger)
    #expect(whole.result.gate.promotion == one.result.gate.promotion)
    // What cannot be read is not carried on.
    for bytes in [[], [9, 9], Array((half.contest ?? []).dropLast())] as [[UInt8]] {
      let anew = try Self.train(
        Self.run(from: 1_800, before: 2_800, parent: 1), Array(rows[split...]), champion: champion, contest: bytes)
      #expect(anew.result.gate.rows == 300)
    }
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
    let unlabelled = Self.rows(0..<60).map { row in
      var row = row.example
      row.label = .category("maybe")
      return TrainingRow(partition: 0, example: row)
    }
    #expect(failure(unlabelled).hasPrefix("none of "))
    #expect(throws: TrainingFailure.self) {
      _ = try BuiltinTraining(Self.model).train(
        Self.run(before: 800), rows: Self.rows(0..<240),
        checkQuota: {
          throw TrainingFailure("given up")
        })
    }
  }

  @Test func rowsThatDoNotFitAreCountedNotLearned() throws {
    let rows = Self.rows(0..<240).enumerated().map { index, row in
      var example = row.example
      if index % 10 == 0, index < 100 { example.label = .category("maybe") }
      return TrainingRow(partition: row.partition, example: example)
    }
    let result = try Self.train(Self.run(before: 800), rows).result
    #expect(result.refusedRows == 10 && result.trainedRows + result.refusedRows == 240)
  }
}
