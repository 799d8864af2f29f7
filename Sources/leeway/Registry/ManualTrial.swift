import Control
import Engine
import Events
import Models

/// The gate by hand: two models that are there score the same rows, which neither of them learns.
struct ManualTrial {
  private static let batch = 1_000
  /// Of a regression: the champion's first errors, by which the others are capped.
  private static let mostCapRows = 1_000
  private static let timedRows = 2_000

  /// A model and what a person calls it.
  struct Side {
    let name: String
    let model: Model
    let artifactBytes: Int
  }

  let champion: Side
  let challenger: Side
  private(set) var record: GateRecord
  /// Rows without a label, which are left out.
  let unlabelledRows: Int
  /// Of a regression: the first labelled rows, which only say what a large error is, and the cap they gave.
  private(set) var cap: (rows: Int, error: Double)?
  /// Nanoseconds a row.
  let scoringTimes: (champion: Double?, challenger: Double?)

  /// - Throws: where the models are not of one task, or a label is not of it.
  init(
    champion: Side, challenger: Side, table: DemoTable, golden: [TrainingRow] = [], gate: GateConfiguration,
    place: String
  ) throws(CommandError) {
    (self.champion, self.challenger) = (champion, challenger)
    let rows = try Rows(table, of: champion.model, place: place)
    unlabelledRows = table.rows.count - rows.table.count
    let inputs = rows.table.suffix(Self.timedRows)
    func time(_ model: Model) -> Double? {
      ScoringTime.nanoseconds(of: model, inputs.map { model.schema.row(of: $0.features) })
    }
    scoringTimes = (time(champion.model), time(challenger.model))
    var first = 0
    if champion.model.schema.task == .regression {
      first = min(max(rows.targets.count / 10, 1), Self.mostCapRows)
      cap = (first, GateMeasure.cap(of: rows.errors(of: champion.model, first)))
    }
    var trial = ChallengerTrial(gate, task: champion.model.schema.task, cap: cap?.error ?? 1)
    for start in stride(from: first, to: rows.targets.count, by: Self.batch) {
      let range = start..<min(start + Self.batch, rows.targets.count)
      let outputs = [champion.model, challenger.model].map { rows.outputs(of: $0, range) }
      for (offset, index) in range.enumerated() {
        trial.add(
          champion: outputs[0][offset], challenger: outputs[1][offset], target: rows.targets[index],
          segments: rows.table[index].segments)
      }
    }
    record = PromotionGate(gate).judge(
      trial,
      PromotionGate.Candidate(
        artifactBytes: challenger.artifactBytes, scoringNanoseconds: scoringTimes.challenger,
        golden: GoldenComparison(gate, of: challenger.model, against: champion.model, on: golden, cap: trial.cap)))
  }

  /// What keeps two models from being compared; `nil` where nothing does.
  static func fault(_ champion: Side, _ challenger: Side, _ gate: GateConfiguration) -> CommandError? {
    let tasks = (champion.model.schema.task, challenger.model.schema.task)
    guard tasks.0 == tasks.1 else {
      let isNamedAlike = tasks.0.name == tasks.1.name
      let problem =
        isNamedAlike
        ? "tells other classes apart than \(champion.name)"
        : "is of the task \(tasks.1.name), \(champion.name) of \(tasks.0.name)"
      return CommandError(problem, at: challenger.name, remedy: "compare models that answer the same question")
    }
    guard let measure = gate.measure, !measure.fits(tasks.0) else { return nil }
    return CommandError(
      "a \(tasks.0.name) model cannot be judged by \(measure.rawValue)", at: "gate.measure",
      remedy: "name the model whose gate it is with --model, or another configuration with --config")
  }
}

extension ManualTrial {
  /// Labelled rows in order.
  private struct Rows {
    var table: [DemoTable.Row] = []
    var targets: [Target] = []

    init(_ all: DemoTable, of model: Model, place: String) throws(CommandError) {
      for row in all.rows {
        guard let label = row.label else { continue }
        do throws(ModelError) {
          targets.append(try model.family.target(label.modelValue, of: model.schema.task))
        } catch {
          throw CommandError(error.message, at: place)
        }
        table.append(row)
      }
    }

    func outputs(of model: Model, _ range: Range<Int>) -> [Output] {
      model.predict(table[range].map { model.schema.row(of: $0.features) })
    }

    /// Of a regression, on the first rows.
    func errors(of model: Model, _ count: Int) -> [Double] {
      zip(outputs(of: model, 0..<count), targets).compactMap { output, target in
        guard case .number(let said) = output, case .number(let truth) = target else { return nil }
        return said - truth
      }
    }
  }
}
