import Drift
import Events
import Models
import Sketches
import TestSupport
import Testing

@testable import Engine

/// What a trainer outside is given, and what is made of its scores.
struct ExternalTrainingTests {
  private static let rows = BuiltinTrainingTests.rows(0..<400)

  /// The rows as the versions of this function served them, with this score.
  private static func served(_ version: @escaping (Int) -> Int?, score: Score? = .number(0.5)) -> [TrainingRow] {
    rows.enumerated().map { number, row in
      var example = row.example
      example.version = version(number)
      example.score = example.version == nil ? nil : score
      return TrainingRow(partition: row.partition, example: example)
    }
  }

  private static func training(_ rows: [TrainingRow], parent: Int?) throws -> ExternalTraining {
    try ExternalTraining(
      BuiltinTrainingTests.model, run: BuiltinTrainingTests.run(before: 9_999, parent: parent), rows: rows)
  }

  /// As one would score that knows the rule.
  private static func good(_ training: ExternalTraining) -> [Output] {
    training.validation.map { row in
      guard case .number(let x)? = row.values.first else { return .number(0.5) }
      return .number(x > 0 ? 0.9 : 0.1)
    }
  }

  @Test func rowsAreSplitAsForBuiltinFamilies() throws {
    let training = try Self.training(Self.rows, parent: nil)
    let split = try TrainingRows(
      Self.rows, for: training.run, minimumRows: 20, maximumRows: BuiltinTrainingTests.model.training.maximumRows)
    #expect(training.training.map(\.row.example) == split.learned.map(\.example))
    #expect(training.validation.map(\.row.example) == split.heldOut.map(\.example))
    #expect(training.schema.columns.map(\.name) == ["x", "code"])
    #expect(training.schema.columns.map(\.kind) == [.numeric, .categorical])
    #expect(training.training.allSatisfy { $0.values.count == 2 })
  }

  @Test func aFirstVersionStandsAlone() throws {
    let training = try Self.training(Self.rows, parent: nil)
    let figure = ReportedFigure(name: "trees", value: 3)
    let scores = Self.good(training)
    let trained = try training.trained(artifact: [1, 2, 3], scores: scores, reported: [figure])
    let result = trained.result
    #expect(trained.artifact == [1, 2, 3] && result.artifact == artifactChecksum([1, 2, 3]))
    #expect(result.champion == nil && result.difference == nil && result.unpairedRows == nil)
    #expect(result.validatedRows == training.validation.count && result.challenger.rows == result.validatedRows)
    #expect(result.reported == [figure])
    #expect(try #require(result.challenger.accuracy) > 0.8)
    let reference = try #require(result.reference.reference)
    #expect(reference.columns.map(\.name) == ["x", "code"] && reference.rows == Self.rows.count)
    let own = try #require(reference.prediction)
    #expect(own.counts.reduce(0, +) + own.missing == training.validation.count && own.missing == 0)
    #expect(reference.loss?.count == training.validation.count && reference.calibration != nil)
  }

  @Test func theChampionIsJudgedByWhatItSaidInProduction() throws {
    let training = try Self.training(Self.served { _ in 1 }, parent: 1)
    let result = try training.trained(artifact: [1], scores: Self.good(training), reported: []).result
    let count = training.validation.count
    #expect(result.unpairedRows == 0 && result.difference?.count == count && result.champion?.rows == count)
    let difference = try #require(result.difference)
    #expect(abs(difference.mean - (result.challenger.loss - (result.champion?.loss ?? 0))) < 1e-12)
    #expect(difference.mean < 0)
  }

  @Test func rowsThatOthersScoredAreNotJudged() throws {
    let training = try Self.training(Self.served { [1, 2, nil][$0 % 3] }, parent: 1)
    let result = try training.trained(artifact: [1], scores: Self.good(training), reported: []).result
    let own = training.validation.count { $0.row.example.version == 1 }
    #expect(own > 10 && own < training.validation.count)
    #expect(result.unpairedRows == training.validation.count - own)
    #expect(result.champion?.rows == own && result.challenger.rows == own && result.difference?.count == own)
    #expect(result.reference.loss?.count == training.validation.count)
  }

  @Test func withoutAnyPairNothingIsDecided() throws {
    for rows in [Self.served { _ in 2 }, Self.rows, Self.served({ _ in 1 }, score: .number(7))] {
      let training = try Self.training(rows, parent: 1)
      let result = try training.trained(artifact: [1], scores: Self.good(training), reported: []).result
      #expect(result.unpairedRows == training.validation.count)
      #expect(result.difference?.count == 0 && result.champion?.rows == 0)
      #expect(result.challenger.rows == training.validation.count && result.challenger.loss.isFinite)
    }
  }

  @Test func scoresAreForAllRowsOrNone() throws {
    let training = try Self.training(Self.rows, parent: nil)
    #expect(throws: TrainingFailure.self) {
      try training.trained(artifact: [1], scores: Array(Self.good(training).dropLast()), reported: [])
    }
  }

  /// Champion and challenger are compared by what their programs said of the same golden rows.
  @Test func goldenRowsMayNotBeForgotten() throws {
    let golden = Array(Self.rows.suffix(40))
    func trained(
      _ version: Int, parent: Int?, isGood: Bool, known: [UInt8]?, golden: [TrainingRow] = golden
    ) throws -> TrainedArtifact {
      var run = BuiltinTrainingTests.run(before: 9_999, parent: parent)
      run.version = version
      let training = try ExternalTraining(
        BuiltinTrainingTests.model, run: run, rows: Self.served { _ in parent }, golden: golden)
      let scores = training.golden.map { row -> Output in
        guard case .number(let label) = row.target else { return .number(0.5) }
        return .number((label == 1) == isGood ? 0.9 : 0.1)
      }
      return try training.trained(
        artifact: [1], scores: Self.good(training), goldenScores: scores, known: known, reported: [])
    }
    let first = try trained(1, parent: nil, isGood: true, known: nil)
    #expect(first.result.gate.golden == nil && first.result.contest == first.contest.map(artifactChecksum))
    let worse = try trained(2, parent: 1, isGood: false, known: first.contest)
    #expect(worse.result.gate.outcome == .reject && worse.result.gate.golden?.verdict == .broken)
    #expect(worse.result.gate.golden?.rows == 40 && worse.result.gate.reason.contains("forgets the golden set"))
    // What was rejected leaves the champion's scores behind.
    let third = try trained(3, parent: 1, isGood: true, known: worse.contest)
    #expect(third.result.gate.golden?.verdict == .held)
    // Nobody knows what the champion says of other rows, or after a loss of what was known.
    for known in [nil, [], [7], try trained(2, parent: 1, isGood: true, known: nil, golden: golden.dropLast()).contest]
    {
      #expect(try trained(3, parent: 1, isGood: false, known: known).result.gate.golden?.verdict == .undetermined)
    }
    #expect(throws: TrainingFailure.self) {
      try ExternalTraining(
        BuiltinTrainingTests.model, run: BuiltinTrainingTests.run(before: 9_999, parent: nil), rows: Self.rows,
        golden: golden
      ).trained(artifact: [1], scores: [], reported: [])
    }
  }

  @Test func aTrialHasEveryClass() throws {
    for count in [1, 3, 10] {
      let rows = Array(Self.rows.prefix(count))
      for task: Task in [.binary, .regression, .multiclass(classes: (0..<40).map { "c\($0)" })] {
        var model = BuiltinTrainingTests.model
        model.task = task
        model.categorical = ["code", "in none of the first rows"]
        let trial = try ExternalTraining.trial(
          model, run: BuiltinTrainingTests.run(before: 9_999, parent: 4), rows: rows)
        #expect(trial.run.parent == nil)
        #expect(trial.training.count + trial.validation.count >= 10 && !trial.validation.isEmpty)
        let targets = Set(trial.training.map(\.target))
        switch task {
        case .binary: #expect(targets.count == 2)
        case .multiclass(let classes): #expect(targets.count == classes.count)
        case .regression: #expect(targets.count > 5)
        }
      }
    }
  }
}
