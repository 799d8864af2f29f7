import Events

/// Models by number: those of the configuration first, then others that a snapshot may name.
struct ModelNames {
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]

  init(_ names: [String]) {
    for name in names { _ = number(of: name) }
  }

  subscript(number: Int) -> String { names[number] }

  /// The number of a known model.
  func find(_ name: String) -> Int? { numbers[name] }

  mutating func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    numbers[name] = names.count
    names.append(name)
    return names.count - 1
  }
}

/// What happened to the events of each model since the last tick.
struct ModelTally {
  private var counts: [ModelCounts] = []
  /// Models that something has happened to.
  private var isTold: [Bool] = []

  /// Changes the counts of a model that something has happened to.
  @inline(__always)
  mutating func change(_ model: Int, _ name: @autoclosure () -> String, _ body: (inout ModelCounts) -> Void) {
    if counts.count <= model || !isTold[model] { restore(ModelCounts(model: name()), model: model) }
    body(&counts[model])
  }

  mutating func restore(_ count: ModelCounts, model: Int) {
    while counts.count <= model {
      counts.append(ModelCounts(model: ""))
      isTold.append(false)
    }
    (counts[model], isTold[model]) = (count, true)
  }

  mutating func removeAll() { isTold = isTold.map { _ in false } }

  /// In order of name.
  var all: [ModelCounts] { zip(counts, isTold).compactMap { $1 ? $0 : nil }.sorted { $0.model < $1.model } }
}
