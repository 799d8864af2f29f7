import Drift
import Events
import Models
import Sketches

/// How the rows of one model version are counted: its reference's columns and bins, and its task's losses.
final class VersionLayout {
  /// The number of its schema in the stage's scanner, and by which the stage knows it.
  let number: Int
  let model: String
  let version: Int
  let facts: VersionFacts
  let names: [String]
  let binnings: [Binning]
  let prediction: Binning?
  /// Columns that are computed from whole rows.
  let derived: [DerivedColumn]
  /// Of the losses of judged rows; nil where the reference has none.
  let losses: Binning?
  let task: Task
  /// The columns as the scanner fills them.
  let schema: EventSchema
  private let loss: LossFunction

  /// Nil where the reference cannot be read: the version is then as good as unknown.
  init?(facts: VersionFacts, task: Task, model: String, version: Int, number: Int) {
    self.number = number
    self.model = model
    self.version = version
    self.facts = facts
    self.task = task
    names = facts.reference.columns.map(\.name)
    guard let reference = facts.reference.reference else { return nil }
    let binnings = reference.columns.map(\.binning)
    self.binnings = binnings
    prediction = reference.prediction?.binning
    derived = reference.derived
    losses = reference.lossColumn?.binning
    schema = EventSchema(
      columns: zip(names, binnings).map { name, binning in
        switch binning {
        case .numeric: EventSchema.Column(name: name)
        case .categories(let categories):
          EventSchema.Column(name: name, kind: .category(levels: categories.levels + categories.others))
        }
      })
    loss = LossFunction(.standard(for: task), task: task)
  }

  /// The values of the cells without a code, by column.
  func unlisted(_ cells: ArraySlice<Double>, in features: [Feature]) -> [(column: Int, value: ColumnValue)] {
    zip(names.indices, cells).compactMap { column, cell in
      guard cell == Cell.unlisted, case .categories = binnings[column],
        let feature = features.first(where: { $0.name == names[column] })
      else { return nil }
      return (column, feature.value.columnValue)
    }
  }

  /// A cell as the sketches see it.
  func value(of cell: Double, column: Int) -> ColumnValue {
    guard case .categories(let categories) = binnings[column] else {
      return cell.isNaN ? .missing : .number(cell)
    }
    if cell.isNaN { return .missing }
    return .category(categories.code(of: cell).map(categories.level) ?? Self.unlistedLevel)
  }

  /// Stands for any level that the reference never held.
  private static let unlistedLevel = "(unseen)"

  /// The score as a number of the prediction's distribution; NaN where it is a level of it or nothing.
  @inline(__always)
  func number(of score: Score) -> Double {
    switch (score, task) {
    case (.number(let number), _): number
    case (.probabilities, .multiclass), (.category, _): .nan
    case (.probabilities(let values), _): values.last ?? .nan
    }
  }

  /// Counts a score that is no number: the likeliest class, or the class itself.
  func count(_ score: Score, into sketch: inout ColumnSketch) {
    switch (score, task) {
    case (.category, _), (.probabilities, .multiclass):
      if let level = level(of: score) { sketch.add(category: level) } else { sketch.addMissing() }
    case (.number, _), (.probabilities, _): break
    }
  }

  /// The likeliest class, or the class itself; nil for a score that is a number and one of a class too many.
  func level(of score: Score) -> String? {
    switch (score, task) {
    case (.category(let name), _): return name
    case (.probabilities(let values), .multiclass(let classes)):
      let best = values.indices.max { values[$0] < values[$1] }
      return best.flatMap { $0 < classes.count ? classes[$0] : nil }
    case (.number, _), (.probabilities, _): return nil
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
