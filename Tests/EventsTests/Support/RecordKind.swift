import Events
import Testing

/// One kind of record: what the tests need to make and to read it.
struct RecordKind: Sendable, CustomTestStringConvertible {
  let topic: Topic
  let name: String
  let type: any EventRecord.Type
  let make: @Sendable (inout RandomRecords) -> any EventRecord

  var testDescription: String { name.isEmpty ? topic.rawValue : "\(topic.rawValue): \(name)" }

  /// As the record's `kind` has it.
  init<R: EventRecord>(_ topic: Topic, _ name: String = "", _ make: @escaping @Sendable (inout RandomRecords) -> R) {
    self.topic = topic
    self.name = name
    self.make = make
    type = R.self
  }

  static let all: [RecordKind] = [
    RecordKind(.predictions) { $0.prediction() },
    RecordKind(.labels) { $0.label() },
    RecordKind(.features) { $0.featureUpdate() },
    RecordKind(.watermarks) { $0.watermark() },
    RecordKind(.examples, "example") { $0.example() },
    RecordKind(.examples, "expired") { $0.expiry() },
    RecordKind(.examples, "resolved") { $0.resolved() },
    RecordKind(.summaries, "pane") { $0.pane() },
    RecordKind(.summaries, "judged") { $0.judged() },
    RecordKind(.summaries, "progress") { $0.progress() },
    RecordKind(.sketches, "kll") { $0.sketch(.kll) },
    RecordKind(.sketches, "hyperloglog") { $0.sketch(.hyperloglog) },
    RecordKind(.sketches, "frequent_items") { $0.sketch(.frequentItems) },
    RecordKind(.drift) { $0.drift() },
    RecordKind(.triggers) { $0.trigger() },
    RecordKind(.runs, "started") { $0.started() },
    RecordKind(.runs, "finished") { $0.finished() },
    RecordKind(.runs, "requested") { $0.requested() },
    RecordKind(.models) { $0.model() },
    RecordKind(.deadletters) { $0.deadLetter() },
  ]

  static func type(of topic: Topic) -> (any EventRecord.Type)? { all.first { $0.topic == topic }?.type }
}
