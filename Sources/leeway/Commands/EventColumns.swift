import Bytes
import Events
import LeewayClient

/// What the columns of a CSV file mean for one topic. Names are resolved once.
struct EventColumns {
  private let topic: ServedTopic
  private let model: String?
  private var fields: [String: Int] = [:]
  private var features: [(name: String, index: Int)] = []
  private var segments: [(name: String, index: Int)] = []

  /// - Throws: where a column that the topic needs is missing, or one is there that it has no use for.
  init(_ reader: CSVReader, topic: ServedTopic, model: String?) throws(CommandError) {
    self.topic = topic
    self.model = model
    for (index, column) in reader.header.enumerated() {
      if topic.fieldNames.contains(column) {
        fields[column] = index
      } else if topic == .labels {
        throw CommandError(
          "column \"\(column)\" has no place in a label", at: reader.name,
          remedy: "its columns are \(topic.fieldNames.joined(separator: ", "))")
      } else if topic == .predictions, let name = column.behind("segments.") {
        segments.append((name, index))
      } else {
        features.append((column.behind("features.") ?? column, index))
      }
    }
    for name in topic.neededNames where fields[name] == nil && !(name == "model" && model != nil) {
      throw CommandError(
        "there is no column \"\(name)\", which \(topic.rawValue) need", at: reader.name,
        remedy: name == "model" ? "name the model with --model" : "add it")
    }
  }

  func event(_ row: CSVRow) throws(RowProblem) -> ServingEvent {
    switch topic {
    case .predictions: .prediction(try prediction(row))
    case .labels: .label(try label(row))
    case .features:
      .features(FeatureUpdate(entity: try text("entity", row), time: try time(row), features: features(row)))
    }
  }

  private func prediction(_ row: CSVRow) throws(RowProblem) -> Prediction {
    let score: Score? =
      switch optional("prediction", row).map(row.value) {
      case .number(let number): .number(number)
      case .category(let name): .category(name)
      case .missing, nil: nil
      }
    let version = try version(row)
    if score != nil, version == nil { throw RowProblem(reason: "version: a prediction needs the version that made it") }
    return Prediction(
      id: try text("id", row), model: try modelName(row), version: version, time: try time(row),
      entity: optional("entity", row).flatMap(row.text), features: features(row), score: score,
      segments: segments.compactMap { name, index in row.text(index).map { Segment(name: name, value: $0) } })
  }

  private func label(_ row: CSVRow) throws(RowProblem) -> Label {
    guard let value = optional("label", row).flatMap(row.label) else {
      throw RowProblem(reason: "label: the cell holds no value")
    }
    return Label(
      prediction: try text("prediction", row), model: try modelName(row), time: try time(row), value: value,
      entity: optional("entity", row).flatMap(row.text))
  }

  private func features(_ row: CSVRow) -> [Feature] {
    features.map { name, index in Feature(name: name, value: row.value(index)) }
  }

  private func version(_ row: CSVRow) throws(RowProblem) -> Int? {
    guard let index = optional("version", row) else { return nil }
    guard let version = row.text(index).flatMap({ Int($0) }), version >= 1 else {
      throw RowProblem(reason: "version: found \"\(row.text(index) ?? "")\", expected a whole number from 1")
    }
    return version
  }

  private func time(_ row: CSVRow) throws(RowProblem) -> Milliseconds {
    try RowProblem.time(try text("time", row), of: "time")
  }

  private func modelName(_ row: CSVRow) throws(RowProblem) -> String {
    if let index = fields["model"], let name = row.text(index) { return name }
    if let model { return model }
    throw RowProblem(reason: "model: the cell is empty")
  }

  private func text(_ field: String, _ row: CSVRow) throws(RowProblem) -> String {
    guard let index = fields[field], let text = row.text(index) else {
      throw RowProblem(reason: "\(field): the cell is empty")
    }
    return text
  }

  /// The place of a field whose cell is not empty.
  private func optional(_ field: String, _ row: CSVRow) -> Int? {
    fields[field].flatMap { row[$0].isEmpty ? nil : $0 }
  }
}

extension ServedTopic {
  fileprivate var fieldNames: [String] {
    switch self {
    case .predictions: ["id", "model", "version", "time", "entity", "prediction"]
    case .labels: ["prediction", "model", "time", "label", "entity"]
    case .features: ["entity", "time"]
    }
  }

  fileprivate var neededNames: [String] {
    switch self {
    case .predictions: ["id", "model", "time"]
    case .labels: ["prediction", "model", "time", "label"]
    case .features: ["entity", "time"]
    }
  }
}

extension RowProblem {
  /// As milliseconds a time of the first days of 1970 up to March 1973, as seconds one of March 1973 or later.
  private static let likelySeconds: Range<Milliseconds> = 100_000_000..<100_000_000_000

  /// Refuses what is surely seconds: taken for milliseconds they would lie in 1970.
  static func check(_ time: Milliseconds, of field: String) throws(RowProblem) {
    guard likelySeconds.contains(time) else { return }
    throw RowProblem(
      reason:
        "\(field): \(time) milliseconds since 1970 are \(RFC3339.format(time).prefix(10)); these look like seconds, "
        + "and are \(RFC3339.format(time * 1_000).prefix(19))Z then: write RFC 3339, or milliseconds")
  }

  /// A time as cells and lines have it.
  static func time(_ text: String, of field: String) throws(RowProblem) -> Milliseconds {
    if let time = Milliseconds(text) {
      try check(time, of: field)
      return time
    }
    if let time = RFC3339.parse(Array(text.utf8)[...]) { return time }
    throw RowProblem(reason: "\(field): found \"\(text.prefix(60))\", expected RFC 3339 or milliseconds since 1970")
  }
}

extension String {
  func behind(_ prefix: String) -> String? {
    hasPrefix(prefix) && count > prefix.count ? String(dropFirst(prefix.count)) : nil
  }
}
