import Control
import Drift
public import Events
public import Models
import Sketches

/// What a program outside is given to learn, and what is made of its work. Pure.
///
/// Rows are split by time as for the built-in families. Nobody but the program can ask its models, so the champion is judged
/// by what it predicted in production.
public struct ExternalTraining: Sendable {
  /// A row whose label fits the task.
  public struct PreparedRow: Sendable {
    public let row: TrainingRow
    /// One value per column of the schema.
    public let values: [Value]
    public let target: Target
  }

  public let configuration: ModelConfiguration
  public let run: RunStarted
  /// Of the rows to learn: every run has its own.
  public let schema: Schema
  /// In request order: by time, partition and number.
  public let training: [PreparedRow]
  /// The rows that were held out, in request order.
  public let validation: [PreparedRow]
  /// Fixed rows on which nothing may be forgotten, in their own order; the program scores them too.
  public let golden: [PreparedRow]
  private let rows: TrainingRows

  /// - Parameter golden: rows on which nothing may be forgotten.
  /// - Throws: `TrainingFailure` with the sentence for the run's record.
  public init(
    _ configuration: ModelConfiguration, run: RunStarted, rows: [TrainingRow], golden: [TrainingRow] = []
  ) throws {
    let limits = configuration.training
    let rows = try TrainingRows(rows, for: run, minimumRows: limits.minimumRows, maximumRows: limits.maximumRows)
    try self.init(
      configuration, run, rows, golden, categorical: configuration.categorical, numeric: configuration.numeric)
    guard !training.isEmpty else {
      throw TrainingFailure("none of \(rows.learned.count) rows has a label to learn from")
    }
    guard !validation.isEmpty else {
      throw TrainingFailure("none of the \(rows.heldOut.count) rows held out has a label to be judged by")
    }
  }

  private init(
    _ configuration: ModelConfiguration, _ run: RunStarted, _ rows: TrainingRows, _ golden: [TrainingRow],
    categorical: Set<String>, numeric: Set<String>
  ) throws {
    let schema = try configuration.schema(of: rows.learned, categorical: categorical, numeric: numeric)
    func prepared(_ rows: some Sequence<TrainingRow>) -> [PreparedRow] {
      rows.compactMap { row in
        guard let target = try? schema.task.target(row.example.label.modelValue) else { return nil }
        return PreparedRow(row: row, values: schema.row(of: row.example.features).values, target: target)
      }
    }
    self.configuration = configuration
    self.run = run
    self.rows = rows
    self.schema = schema
    training = prepared(rows.learned)
    validation = prepared(rows.heldOut)
    self.golden = prepared(golden)
  }
}

extension ExternalTraining {
  /// Rows of a trial at the least.
  private static let trialRows = 10

  /// A trial that shows whether a program starts: the features of a few rows, again and again where they are fewer than ten
  /// or than the classes take, with labels that are dealt out in turn, so that none is missing.
  ///
  /// - Parameter golden: rows on which nothing may be forgotten, of which the trial has a few too.
  public static func trial(
    _ configuration: ModelConfiguration, run: RunStarted, rows: [TrainingRow], golden: [TrainingRow] = []
  ) throws -> Self {
    let labels: [LabelValue] =
      switch configuration.task {
      case .regression: (0..<trialRows).map { .number(Double($0)) }
      case .binary: [.number(0), .number(1)]
      case .multiclass(let classes): classes.map { .category($0) }
      }
    let made = (0..<max(trialRows, 2 * labels.count)).compactMap { number -> TrainingRow? in
      guard !rows.isEmpty else { return nil }
      var example = rows[number % rows.count].example
      example.seq = Int64(number)
      example.id = "trial-\(number)"
      example.time = Milliseconds(number)
      example.labelTime = Milliseconds(number)
      (example.version, example.score) = (nil, nil)
      example.label = labels[number % labels.count]
      return TrainingRow(partition: 0, example: example)
    }
    var trial = run
    trial.rows = RowSet(before: .max, partitions: [])
    (trial.parent, trial.parentArtifact, trial.holdout) = (nil, nil, 0.2)
    let names = Set(made.lazy.flatMap { $0.example.features.lazy.map(\.name) })
    return try Self(
      configuration, trial, try TrainingRows(made, for: trial, minimumRows: 2, maximumRows: .max),
      Array(golden.prefix(trialRows)), categorical: configuration.categorical.intersection(names),
      numeric: configuration.numeric.intersection(names))
  }
}

extension ExternalTraining {
  /// A held-out row with what was said of it.
  struct JudgedRow {
    let row: TrainingRow
    let target: Target
    let challenger: Output
    /// What the champion predicted in production; nil where another version did, or none.
    let champion: Output?
  }

  /// What the gate is given: the held-out rows in request order.
  func judged(_ scores: [Output]) -> [JudgedRow] {
    zip(validation, scores).map { prepared, score in
      let example = prepared.row.example
      let isChampions = run.parent != nil && example.version == run.parent
      return JudgedRow(
        row: prepared.row, target: prepared.target, challenger: score,
        champion: isChampions ? example.score.flatMap(configuration.task.output) : nil)
    }
  }

  /// Champion and challenger on the rows that both have scored; the challenger on all rows where there is none of those.
  private struct Comparison {
    var challenger: Evaluation
    var champion: Evaluation
    var difference = Moments()
    var unpaired = 0
    var trial: ChallengerTrial
  }

  /// Of the judged rows, those from which on they count as a shadow's: a person is asked in the end.
  private static let validationRows = 1_000

  private func compared(_ rows: [JudgedRow]) -> Comparison {
    let task = configuration.task
    let loss = LossFunction(.standard(for: task), task: task)
    let known = dependence()
    var comparison = Comparison(
      challenger: Evaluation(task: task), champion: Evaluation(task: task),
      trial: ChallengerTrial(
        configuration.gate, task: task, cap: GateMeasure.cap(of: known.errors), knownDependence: known.dependence))
    let hasPairs = rows.contains { $0.champion != nil }
    for row in rows {
      if let champion = row.champion {
        comparison.champion.add(champion, row.target)
        if comparison.trial.rows == Self.validationRows { comparison.trial.beginShadow() }
        comparison.trial.add(
          champion: champion, challenger: row.challenger, target: row.target, segments: row.row.example.segments)
        if let own = loss(row.challenger, row.target), let other = loss(champion, row.target) {
          comparison.difference.update(own - other)
        }
      } else if run.parent != nil {
        comparison.unpaired += 1
        if hasPairs { continue }
      }
      comparison.challenger.add(row.challenger, row.target)
    }
    return comparison
  }

  /// What the champion's predictions of the rows before say of its losses: how far they depend on each other, and what
  /// its newest errors are.
  private func dependence() -> (dependence: Double?, errors: [Double]) {
    let loss = LossFunction(.standard(for: configuration.task), task: configuration.task)
    var history = LossHistory()
    var errors: [Double] = []
    for prepared in training where run.parent != nil && prepared.row.example.version == run.parent {
      guard let output = prepared.row.example.score.flatMap(configuration.task.output),
        let lost = loss(output, prepared.target)
      else { continue }
      history.add(lost)
      errors.append(lost)
    }
    return (history.dependence, Array(errors.suffix(Self.validationRows)))
  }

  /// What the gate says.
  private func judge(_ comparison: Comparison, artifactBytes: Int, golden: GoldenComparison?) -> GateRecord {
    let gate = PromotionGate(configuration.gate)
    let candidate = PromotionGate.Candidate(artifactBytes: artifactBytes, golden: golden)
    guard run.parent != nil else {
      return gate.judgeFirst(
        loss: comparison.challenger.lossMean ?? .nan, rows: comparison.challenger.count,
        measure: .standard(for: configuration.task), candidate)
    }
    return gate.judge(comparison.trial, candidate)
  }

  /// Challenger against champion on the golden rows: without a row where nobody knows what the champion says of them.
  private func compared(_ scores: [Output], _ champion: [Output]?, cap: Double) -> GoldenComparison? {
    guard run.parent != nil, !golden.isEmpty else { return nil }
    var comparison = GoldenComparison(configuration.gate, task: configuration.task, cap: cap)
    if let champion, champion.count == golden.count {
      for (row, (said, score)) in zip(golden, zip(champion, scores)) {
        comparison.add(champion: said, challenger: score, target: row.target)
      }
    }
    return comparison
  }

  /// The run's outcome.
  ///
  /// - Parameters:
  ///   - scores: the program's, of each validation row, that fit the task.
  ///   - goldenScores: of each golden row.
  ///   - known: what an earlier run has left of this kind (`TrainedArtifact.contest`); anything else counts as nothing.
  ///   - reported: what else it says.
  public func trained(
    artifact: [UInt8], scores: [Output], goldenScores: [Output] = [], known: [UInt8]? = nil,
    reported: [ReportedFigure]
  ) throws -> TrainedArtifact {
    guard scores.count == validation.count else {
      throw TrainingFailure("\(scores.count) scores for \(validation.count) validation rows")
    }
    guard goldenScores.count == golden.count else {
      throw TrainingFailure("\(goldenScores.count) scores for \(golden.count) golden rows")
    }
    let comparison = compared(judged(scores))
    let memory = remembered(goldenScores, known)
    let gate = judge(
      comparison, artifactBytes: artifact.count,
      golden: compared(goldenScores, run.parent.flatMap { memory?[$0] }, cap: comparison.trial.cap))
    let contest = memory?.encoded
    return TrainedArtifact(
      artifact: artifact, result: result(artifact, scores, comparison, gate, contest, reported), contest: contest)
  }

  /// What this version said, beside what is known of the champion; nil without golden rows.
  private func remembered(_ scores: [Output], _ known: [UInt8]?) -> GoldenMemory? {
    guard !golden.isEmpty else { return nil }
    var memory = GoldenMemory(rows: golden.map(\.row).checksum)
    if let parent = run.parent, let known = known.flatMap({ try? GoldenMemory(decoding: $0[...]) }),
      known.rows == memory.rows
    {
      memory[parent] = known[parent]
    }
    memory[run.version] = scores
    return memory
  }

  private func result(
    _ artifact: [UInt8], _ scores: [Output], _ comparison: Comparison, _ gate: GateRecord, _ contest: [UInt8]?,
    _ reported: [ReportedFigure]
  ) -> RunResult {
    let before = rows.heldOut.first?.example.time ?? run.rows.before
    let isContinued = run.parent != nil
    let nothing = MomentsRecord(count: 0, mean: 0, m2: 0, min: 0, max: 0)
    return RunResult(
      artifact: artifactChecksum(artifact), artifactBytes: artifact.count, trainedRows: training.count,
      validatedRows: comparison.challenger.count, refusedRows: rows.learned.count - training.count,
      learned: rows.learnedSpan(of: run, before: before),
      validated: TrainingRows.span(rows.heldOut, from: before, before: run.rows.before), rowsHash: rows.hash,
      challenger: comparison.challenger.metrics, champion: isContinued ? comparison.champion.metrics : nil,
      difference: isContinued ? comparison.difference.record ?? nothing : nil, gate: gate,
      contest: contest.map(artifactChecksum), reference: ReferenceRecord(reference(judged(scores))),
      unpairedRows: isContinued ? comparison.unpaired : nil, reported: reported)
  }

  private func reference(_ judged: [JudgedRow]) -> Reference {
    let task = configuration.task
    let loss = LossFunction(.standard(for: task), task: task)
    let error = LossFunction(task == .regression ? .absoluteError : .zeroOne, task: task)
    let made = VersionReference(configuration: configuration, schema: schema, rows: rows, onset: run.onset)
    return made.whole(
      made.features(),
      judged.map {
        VersionReference.Judged(
          output: $0.challenger, target: $0.target, loss: loss($0.challenger, $0.target),
          error: error($0.challenger, $0.target))
      }, predictions: zip(judged.map(\.challenger), judged.map(\.row.example.time)))
  }
}
