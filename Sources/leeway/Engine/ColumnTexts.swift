import Engine
import Events
import Models

/// Counts the texts among numbers, column by column: a single one makes names of a column, and a model that knows ages as
/// names knows nothing of age.
struct ColumnTexts {
  private struct Count {
    var numbers = 0
    var texts = 0
    /// Those of them that spell no number.
    var unreadable = 0
    var sample = ""
  }

  /// How a person says what a column holds.
  struct Remedy {
    let numeric: String
    let categorical: String

    static let configuration = Remedy(numeric: "under \"numeric\"", categorical: "under \"categorical\"")
    static let options = Remedy(numeric: "in --numeric", categorical: "in --categorical")
  }

  private var names: [String] = []
  private var places: [String: Int] = [:]
  private var counts: [Count] = []

  init() {}

  init(_ rows: some Sequence<[Feature]>) {
    for row in rows { add(row) }
  }

  mutating func add(_ features: [Feature]) {
    for (index, feature) in features.enumerated() {
      // Rows mostly have the same names in the same order.
      let place = index < names.count && names[index] == feature.name ? index : place(of: feature.name)
      switch feature.value {
      case .missing: break
      case .number: counts[place].numbers += 1
      case .category(let text):
        let isNumber = DecimalNumber.parse(Array(text.utf8)[...]) != nil
        if counts[place].unreadable == 0, counts[place].sample.isEmpty || !isNumber { counts[place].sample = text }
        counts[place].texts += 1
        if !isNumber { counts[place].unreadable += 1 }
      }
    }
  }

  private mutating func place(of name: String) -> Int {
    if let known = places[name] { return known }
    places[name] = names.count
    names.append(name)
    counts.append(Count())
    return names.count - 1
  }

  /// What a person should know before a first version is trained: columns that are numbers but for fewer texts than
  /// numbers, and what becomes of them.
  func warnings(categorical: Set<String>, numeric: Set<String>, dropped: Set<String>, remedy: Remedy = .configuration)
    -> [String]
  {
    names.indices.compactMap { index in
      let (name, count) = (names[index], counts[index])
      if dropped.contains(name) || categorical.contains(name) { return nil }
      if numeric.contains(name) { return lost(index) }
      guard count.texts > 0, count.numbers > count.texts else { return nil }
      return
        "\(found(index, count.texts)): so the whole column is read as names, not as numbers. Mend the data, or list the "
        + "column \(remedy.numeric), which makes missing values of texts; if it holds names, \(remedy.categorical)"
    }
  }

  /// The same where a model reads these columns as numbers already.
  func warnings(numeric: [String]) -> [String] {
    numeric.compactMap { places[$0] }.sorted().compactMap(lost)
  }

  private func lost(_ index: Int) -> String? {
    let texts = counts[index].unreadable
    return texts > 0 ? "\(found(index, texts)); what is no number counts as missing" : nil
  }

  private func found(_ index: Int, _ texts: Int) -> String {
    let count = counts[index]
    let sample = count.sample.prefix(40).debugDescription
    return
      "column \"\(names[index])\": \(Figures.grouped(texts)) of \(Figures.grouped(count.numbers + count.texts)) values "
      + "\(texts == 1 ? "is text" : "are texts"), such as \(sample)"
  }
}

extension ColumnTexts {
  /// What a run's rows mean for the model that they train.
  func warnings(of model: ModelConfiguration, champion: Model?) -> [String] {
    guard let champion else {
      return warnings(
        categorical: model.categorical.union(model.hashed), numeric: model.numeric.union(model.calendar),
        dropped: model.dropped)
    }
    return warnings(numeric: champion.schema.columns.filter { $0.kind == .numeric }.map(\.name))
  }
}
