import Events
import Models

/// What is known of a version, for who is to trust it: nothing that its record or its artifact does not say.
struct ModelCard {
  let record: ModelRecord?
  let model: Model?
  /// Records of the model's other versions, in order.
  let others: [ModelRecord]
  /// SHA-256 of the artifact.
  let checksum: String?
  let name: String

  var card: Card {
    let version = record.map { " version \($0.version)" } ?? ""
    var card = Card(title: "Model card: \(name)\(version)")
    for section in [identity, reading, data, metrics, gate, lineage] { card.append(section) }
    return card
  }

  private var task: String? { model?.schema.task.name ?? record?.task }

  private var identity: Card.Section {
    var section = Card.Section(key: "model", title: "Model")
    section.facts = [
      .init("name", "name", .text(name)), .init("version", "version", record.map { .count($0.version) }),
      .init("status", "status", record.map { .text($0.status.rawValue) }),
      .init("reason", "why", record.map { .text($0.reason) }),
      .init("time", "since", record.map { .text(RFC3339.format($0.time)) }),
      .init("task", "task", task.map { .text($0) }),
      .init("family", "family", (model?.family.name ?? record?.family).map { .text($0) }),
      .init("sha256", "SHA-256 of the artifact", checksum.map { .text($0) }),
      .init("artifact_bytes", "bytes of the artifact", record?.artifactBytes.map { .count($0) }),
    ]
    if case .multiclass(let classes)? = model?.schema.task {
      section.tables = [
        Card.Table(key: "classes", title: "Classes", columns: [("name", "class")], rows: classes.map { [.text($0)] })
      ]
    }
    return section
  }

  /// How the score is to be read.
  private var reading: Card.Section {
    var section = Card.Section(key: "reading", title: "Reading")
    switch task {
    case "regression": section.notes.append("The score is the predicted value of the label.")
    case "binary": section.notes.append("The score is the probability that the label is 1.")
    case "multiclass": section.notes.append("The score is a probability for each class, in the order above.")
    default: break
    }
    guard let model else { return section }
    section.notes.append("A missing value is information of its own, as is a name that was not learned.")
    if model.family.learnsCounts { section.notes.append("It is the count that is to be expected, and never negative.") }
    if !model.classWeights.isNone {
      section.notes.append(
        "Classes were weighed in learning: probabilities are those of classes as frequent as their weights make them.")
    }
    if model.schema.columns.contains(where: { $0.kind == .time }) {
      section.notes.append("Of a time, hour and weekday (UTC) count.")
    }
    return section
  }
}
