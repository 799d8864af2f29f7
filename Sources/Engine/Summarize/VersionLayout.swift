import Drift
import Events
import Models
import Sketches

/// How the rows of one model version are counted: its reference's columns and bins, and its task's losses.
struct VersionLayout {
  let facts: VersionFacts
  let names: [String]
  let binnings: [Binning]
  let prediction: Binning?
  /// Columns that are computed from whole rows.
  let derived: [DerivedColumn]
  /// Of the losses of judged rows; nil where the reference has none.
  let losses: Binning?
  let task: Task
  private let indices: [String: Int]
  private let loss: LossFunction

  /// Nil where the reference cannot be read: the version is then as good as unknown.
  init?(facts: VersionFacts, task: Task) {
    self.facts = facts
    self.task = task
    names = facts.reference.columns.map(\.name)
    guard let reference = facts.reference.reference else { return nil }
    binnings = reference.columns.map(\.binning)
    prediction = reference.prediction?.binning
    derived = reference.derived
    losses = reference.lossColumn?.binning
    indices = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    loss = LossFunction(.standard(for: task), task: task)
  }

  /// Counts one row. Producers that write features in the reference's order need no look-up.
  func count(_ features: [Feature], into sketches: inout [ColumnSketch]) {
    var given = [Bool](repeating: false, count: names.count)
    for (position, feature) in features.enumerated() {
      let expected = position < names.count && names[position] == feature.name
      guard let index = expected ? position : indices[feature.name], !given[index] else { continue }
      given[index] = true
      sketches[index].add(feature.value.columnValue)
    }
    for index in given.indices where !given[index] { sketches[index].addMissing() }
  }

  /// Counts what is computed from one row. The row's id decides where chance must.
  func countDerived(_ prediction: Prediction, score: Score, into sketches: inout [ColumnSketch]) {
    guard !derived.isEmpty else { return }
    var row = [ColumnValue](repeating: .missing, count: names.count)
    var given = [Bool](repeating: false, count: names.count)
    for feature in prediction.features {
      guard let index = indices[feature.name], !given[index] else { continue }
      given[index] = true
      row[index] = feature.value.columnValue
    }
    let hash = RowHash.hash(prediction.id.utf8)
    for (index, column) in derived.enumerated() {
      sketches[index].add(
        column.derivation.value(row: row, prediction: value(of: score), time: prediction.time, hash: hash))
    }
  }

  /// What becomes of a score in the prediction's own distribution: the number itself, or the likeliest class.
  func value(of score: Score) -> ColumnValue {
    switch (score, task) {
    case (.number(let number), _): return .number(number)
    case (.category(let name), _): return .category(name)
    case (.probabilities(let values), .multiclass(let classes)):
      let best = values.indices.max { values[$0] < values[$1] }
      return best.flatMap { $0 < classes.count ? .category(classes[$0]) : nil } ?? .missing
    case (.probabilities(let values), _): return .number(values.last ?? .nan)
    }
  }

  struct Judgement {
    let loss: Double?
    /// 1 or 0 for a miss or a hit; the absolute error of a regression.
    let error: Double?
    let label: Double?
  }

  func judge(_ score: Score, against value: LabelValue) -> Judgement {
    guard let target = try? task.target(value.modelValue) else { return Judgement(loss: nil, error: nil, label: nil) }
    let label: Double? =
      switch (task, target) {
      case (.binary, .category(let text)): text == "1" || text == "true" ? 1 : 0
      case (_, .number(let number)): number
      case (_, .category): nil
      }
    guard let output = task.output(score) else {
      guard case .category(let name) = score, let truth = try? task.target(.category(name)) else {
        return Judgement(loss: nil, error: nil, label: label)
      }
      return Judgement(loss: nil, error: truth == target ? 0 : 1, label: label)
    }
    let error = LossFunction(task == .regression ? .absoluteError : .zeroOne, task: task)(output, target)
    return Judgement(loss: loss(output, target), error: error, label: label)
  }
}
