public import Events
public import Models
import Sketches

// Between the types of records and those of the libraries that compute with them.

/// How records name what stands among a version's columns and is none of its features.
enum ShownName {
  static let prediction = "(prediction)"
  static let loss = "(loss)"
}

extension FeatureValue {
  var columnValue: ColumnValue {
    switch self {
    case .number(let number): .number(number)
    case .category(let level): .category(level)
    case .missing: .missing
    }
  }

  var modelValue: Value {
    switch self {
    case .number(let number): .number(number)
    case .category(let level): .category(level)
    case .missing: .missing
    }
  }
}

extension LabelValue {
  /// The label as the models' library takes it.
  public var modelValue: Value {
    switch self {
    case .number(let number): .number(number)
    case .category(let level): .category(level)
    }
  }
}

extension Task {
  /// A score as a model's output; nil where it has no such form for this task.
  func output(_ score: Score) -> Output? {
    switch (score, self) {
    case (.number(let number), .regression): .number(number)
    case (.number(let number), .binary): (0...1).contains(number) ? .number(number) : nil
    case (.probabilities(let values), .binary):
      values.count == 2 && (0...1).contains(values[1]) ? .number(values[1]) : nil
    case (.probabilities(let values), .multiclass(let classes)):
      values.count == classes.count && values.allSatisfy { (0...1).contains($0) } ? .probabilities(values) : nil
    default: nil
    }
  }

  /// Whether a serving system may send this score for this task: what `output` takes, or the name of a class.
  func accepts(_ score: Score) -> Bool {
    if case .category(let name) = score { return self != .regression && (try? target(.category(name))) != nil }
    return output(score) != nil
  }
}

extension Moments {
  /// Nil when empty.
  var record: MomentsRecord? {
    isEmpty ? nil : MomentsRecord(count: count, mean: mean, m2: m2, min: min, max: max)
  }

  init(_ record: MomentsRecord?) {
    guard let record else {
      self.init()
      return
    }
    self.init(count: record.count, mean: record.mean, m2: record.m2, min: record.min, max: record.max)
  }
}

extension ColumnSketch {
  func record(named name: String) -> ColumnSummary {
    ColumnSummary(
      name: name, count: count, missing: missing, invalid: invalid, moments: moments.record, bins: bins,
      unseen: unseenByFrequency.map { LevelCount(level: $0.level, count: $0.rows) }, unseenOther: unseenOther)
  }
}

extension ColumnReferenceRecord {
  /// Nil where the record's edges or levels cannot be bins.
  var binning: Binning? {
    if let edges { return NumericBinning(validating: edges).map(Binning.numeric) }
    guard let levels else { return nil }
    return CategoryBinning(validating: levels, others: otherLevels, othersIncomplete: otherLevelsIncomplete)
      .map(Binning.categories)
  }
}
