import Control
import Drift
import Events
import Models
import Sketches

/// A run of a built-in family at work: every row is scored by challenger, champion and fallback, and then learned.
///
/// Pure, and a value: the same rows in the same order give the same one.
struct ProgressiveRun {
  /// A row as it is learned.
  struct Row {
    /// Among the run's rows.
    let number: Int
    let input: Models.Row
    let target: Target
  }

  var challenger: Model
  /// The challenger before the rows by which epochs are judged.
  var stem: Model?
  var contest: Contest
  /// On validation rows.
  private(set) var evaluation: Evaluation
  private(set) var championEvaluation: Evaluation
  /// Challenger's loss minus champion's on validation rows.
  private(set) var difference = Moments()
  /// The challenger's outputs on validation rows, in order of time.
  private(set) var judged: [VersionReference.Judged] = []
  /// The champion's on the same rows; none without one.
  private(set) var others: [Output] = []
  var learned = 0

  private let rows: [TrainingRow]
  private let champion: Model?
  private let fallback: Model?
  private let loss: LossFunction
  private let error: LossFunction

  /// - Parameters:
  ///   - rows: of the run, those that are learned among them.
  ///   - challenger: what learns on: the model that the run continues.
  ///   - champion: nil for a first version.
  ///   - fallback: what the champion is compared with while it serves provisionally.
  init(rows: [TrainingRow], challenger: Model, champion: Model?, fallback: Model?, contest: Contest) {
    let task = challenger.schema.task
    self.rows = rows
    self.challenger = challenger
    self.champion = champion
    self.fallback = fallback
    self.contest = contest
    self.contest.beginRun()
    evaluation = Evaluation(task: task)
    championEvaluation = Evaluation(task: task)
    loss = LossFunction(.standard(for: task), task: task)
    error = LossFunction(task == .regression ? .absoluteError : .zeroOne, task: task)
  }

  /// Scores a block, then learns it.
  ///
  /// - Parameter isValidation: whether the run's figures are made of its rows; all count for the gate.
  mutating func take(_ block: ArraySlice<Row>, isValidation: Bool) {
    let inputs = block.indices.map { block[$0].input }
    let schema = challenger.schema
    let outputs = challenger.predictThenLearn(block: block.indices.map { (block[$0].input, block[$0].target) }[...])
    let others = champion.map { model in model.predict(self.inputs(of: model, block, as: schema, inputs)) }
    let formers = fallback.map { model in model.predict(self.inputs(of: model, block, as: schema, inputs)) }
    for (index, place) in block.indices.enumerated() {
      let (output, target) = (outputs[index], block[place].target)
      if let others {
        contest.add(
          champion: others[index], challenger: output, fallback: formers?[index], target: target,
          segments: rows[block[place].number].example.segments)
      } else {
        contest.add(first: output, target: target, isValidation: isValidation)
      }
      if isValidation { validate(output, others?[index], target) }
    }
    learned += block.count
  }

  /// From here on rows judge the epochs.
  mutating func keepStem() { stem = challenger }

  /// Once all rows have been scored and learned, goes through those before the held-out ones again and again, by a
  /// challenger that has not seen these, and takes it on where it became better: then it learns these too. The gate has
  /// the scores of before, in which no row was known to the challenger by any way.
  mutating func refine(
    _ rows: [Row], epochs: Int, patience: Int, each: () throws -> Void
  ) throws {
    guard var stem else { return }
    // What is kept from now on has been through it.
    defer { self.stem = nil }
    let pairs = rows.map { ($0.input, $0.target) }
    let first = min(stem.rowsLearned - challenger.rowsLearned + rows.count, rows.count)
    let refined = try stem.refine(
      pairs[..<first], validation: pairs[first...], epochs: epochs, patience: patience, each: each)
    guard let refined, refined.best > 0 else { return }
    stem.learn(pairs[first...])
    challenger = stem
  }

  mutating func validate(_ output: Output, _ other: Output?, _ target: Target) {
    let own = loss(output, target)
    evaluation.add(output, target)
    judged.append(VersionReference.Judged(output: output, target: target, loss: own, error: error(output, target)))
    guard let other else { return }
    others.append(other)
    championEvaluation.add(other, target)
    if let own, let theirs = loss(other, target) { difference.update(own - theirs) }
  }

  /// Models of one lineage read the same columns.
  private func inputs(
    of model: Model, _ block: ArraySlice<Row>, as schema: Schema, _ inputs: [Models.Row]
  ) -> [Models.Row] {
    model.schema == schema ? inputs : block.map { model.schema.row(of: rows[$0.number].example.features) }
  }
}
