import Events
import Models
import Sketches

/// How the rows of one model version are counted: its reference's columns and bins, and its task's losses.
struct VersionLayout {
  let facts: VersionFacts
  let names: [String]
  let binnings: [Binning]
  let prediction: Binning?
  let task: Task
  private let indices: [String: Int]
  private let loss: LossFunction

  /// Nil where the reference cannot be read: the version is then as good as unknown.
  init?(facts: VersionFacts, task: Task) {
    self.facts = facts
    self.task = task
    names = facts.reference.columns.map(\.name)
    let binnings = facts.reference.columns.compactMap(\.binning)
    guard binnings.count == names.count else { return nil }
    self.binnings = binnings
    prediction = facts.reference.prediction?.binning
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

  /// What becomes of a score in the prediction's own distribution: the number itself, or the likeliest class.
  func count(_ score: Score, into sketch: inout ColumnSketch) {
    switch (score, task) {
    case (.number(let number), _): sketch.add(number: number)
    case (.category(let name), _): sketch.add(category: name)
    case (.probabilities(let values), .multiclass(let classes)):
      let best = values.indices.max { values[$0] < values[$1] }
      if let best, best < classes.count { sketch.add(category: classes[best]) } else { sketch.addMissing() }
    case (.probabilities(let values), _): sketch.add(number: values.last ?? .nan)
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
