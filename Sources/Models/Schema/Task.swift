/// What a model predicts.
public enum Task: Hashable, Sendable {
  /// A finite number.
  case regression
  /// The probability of 1 against 0.
  case binary
  /// The probability of each of two or more classes, in this order.
  case multiclass(classes: [String])
}

/// What turned out to be true: a regression value, 0 or 1, or a class.
public enum Target: Hashable, Sendable {
  case number(Double)
  case category(String)
}

/// What a model says: for regression the value, for a binary task the probability of 1, for several classes the
/// probability of each, in the order of the task's classes.
public enum Output: Hashable, Sendable {
  case number(Double)
  case probabilities([Double])
}

extension Task {
  /// The stable name that events and artifacts use: `regression`, `binary` or `multiclass`.
  public var name: String {
    switch self {
    case .regression: "regression"
    case .binary: "binary"
    case .multiclass: "multiclass"
    }
  }

  /// The target in the form that this task learns from: a finite number; for a binary task 0 or 1, also spelled `0`,
  /// `1`, `false` or `true`; for several classes a known class, a number being its shortest decimal text.
  ///
  /// Throws an error of code `target` for everything else, missing among it.
  public func target(_ value: Value) throws(ModelError) -> Target {
    switch self {
    case .regression:
      if case .number(let x) = value.asNumber { return .number(x) }
      throw ModelError(.target, "a regression label must be a finite number, not \(value.quoted)")
    case .binary:
      if let bit = value.bit { return .number(bit) }
      throw ModelError(.target, "a binary label must be 0 or 1, not \(value.quoted)")
    case .multiclass(let classes):
      if case .category(let text) = value.asCategory, classes.contains(text) { return .category(text) }
      throw ModelError(.target, "\(value.quoted) is not one of the \(classes.count) classes")
    }
  }

  /// The classification task of these labels: binary where all are 0, 1, false or true, otherwise their classes in
  /// byte order. Missing labels do not count.
  ///
  /// Throws an error of code `schema` where fewer than two or more than `ModelLimits.classes` classes are left.
  public static func classification(labels: some Sequence<Value>) throws(ModelError) -> Task {
    var classes: Set<String> = []
    var isBinary = true
    for label in labels {
      guard case .category(let text) = label.asCategory else { continue }
      isBinary = isBinary && label.bit != nil
      classes.insert(text)
      if classes.count > ModelLimits.classes { break }
    }
    if isBinary && !classes.isEmpty { return .binary }
    if let only = classes.first, classes.count == 1 {
      throw ModelError(.schema, "every label is \(Value.category(only).quoted): there is nothing to tell apart")
    }
    let task = Task.multiclass(classes: classes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    try task.validate()
    return task
  }

  /// Throws an error of code `schema` where the classes cannot make a model.
  func validate() throws(ModelError) {
    guard case .multiclass(let classes) = self else { return }
    let most = ModelLimits.classes
    guard (2...most).contains(classes.count) else {
      let found = classes.count > most ? "more than \(most)" : "\(classes.count)"
      throw ModelError(.schema, "\(found) classes; a task has 2 to \(most)")
    }
    guard Set(classes).count == classes.count else { throw ModelError(.schema, "a class is listed twice") }
    guard classes.allSatisfy({ $0.utf8.count <= ModelLimits.nameLength }) else {
      throw ModelError(.schema, "a class's name is longer than \(ModelLimits.nameLength) bytes")
    }
  }

  /// Logits per expert: one, or one per class.
  var outputs: Int {
    if case .multiclass(let classes) = self { classes.count } else { 1 }
  }
}

extension Value {
  fileprivate var bit: Double? {
    switch self {
    case .number(let x): x == 0 || x == 1 ? x : nil
    case .category("0"), .category("false"): 0
    case .category("1"), .category("true"): 1
    case .category, .missing: nil
    }
  }

  fileprivate var quoted: String {
    switch self {
    case .number(let x): "\(x)"
    case .category(let text): "\"\(text.prefix(40))\""
    case .missing: "a missing value"
    }
  }
}

/// Targets as the kernels take them: the value, 0 or 1, or a class's index.
struct Labels: Hashable, Sendable {
  let task: Task
  private let classes: [String: Int]

  init(_ task: Task) {
    self.task = task
    guard case .multiclass(let names) = task else {
      classes = [:]
      return
    }
    classes = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// nil where the target is not one of the task's.
  func label(of target: Target) -> Double? {
    switch (task, target) {
    case (.regression, .number(let x)): x.isFinite ? x : nil
    case (.binary, .number(let x)): x == 0 || x == 1 ? x : nil
    case (.binary, .category(let text)): Value.category(text).bit
    case (.multiclass, .category(let text)): classes[text].map(Double.init)
    case (.multiclass, .number(let x)): x.isFinite ? classes[Value.text(of: x)].map(Double.init) : nil
    case (.regression, .category): nil
    }
  }
}
