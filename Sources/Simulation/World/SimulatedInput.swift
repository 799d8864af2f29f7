import Engine
import Events
import Log

/// What producers have to send: predictions that come late, twice or not at all, labels before and long after their
/// predictions, features, and records that nobody can use.
struct SimulatedInput {
  /// What is sent, when, and where to.
  struct Item {
    let due: Milliseconds
    let partition: Int
    let content: Content
  }

  enum Content {
    /// Gets its version and score when it is sent.
    case prediction(Prediction)
    case record(Record)
  }

  /// By topic, in the order of sending.
  private(set) var items: [Topic: [Item]] = [:]
  /// Rows with labels, from before the first model.
  private(set) var history: [Int: [Record]] = [:]
  /// For each model one, to train its first version; where people ask for more, one for each third of the history, so that
  /// there are versions to ask for.
  private(set) var triggers: [TriggerRequest] = []
  static let historyRows = 24

  init(_ plan: SimulationPlan, _ random: inout SeededRandom) {
    makeHistory(plan, &random)
    for row in 0..<plan.rows { add(row, plan, &random) }
    for topic in items.keys {
      let all = items[topic] ?? []
      items[topic] = all.indices.sorted { (all[$0].due, $0) < (all[$1].due, $1) }.map { all[$0] }
    }
  }

  /// When everything has been sent and is over.
  static func end(_ plan: SimulationPlan) -> Milliseconds { time(plan.rows) + 120 * SimulationPlan.second }

  private static func time(_ row: Int) -> Milliseconds {
    SimulationPlan.start + Milliseconds(row) * SimulationPlan.second
  }

  private static func features(_ row: Int, of rows: Int, _ random: inout SeededRandom) -> (list: [Feature], hit: Bool) {
    let x = Double.random(in: -1...1, using: &random)
    let shift = row > rows / 3 ? 3.0 : 0
    return (
      [
        Feature(name: "x", value: random.once(in: 15) ? .missing : .number(x + shift)),
        Feature(name: "c", value: .category(random.pick(["red", "green", "blue"]))),
      ], x > 0
    )
  }

  private mutating func makeHistory(_ plan: SimulationPlan, _ random: inout SeededRandom) {
    for row in 0..<Self.historyRows {
      let time = Self.time(row - Self.historyRows)
      let partition = row % plan.inputPartitions
      let (features, hit) = Self.features(0, of: 1, &random)
      for model in plan.models {
        let example = Example(
          seq: Int64(history[partition]?.count ?? 0), id: "h\(row)", model: model, time: time, labelTime: time,
          features: features, label: .number(hit ? 1 : 0))
        history[partition, default: []].append(
          Record(timestamp: time, value: ExampleRecord.example(example).encoded()[...]))
      }
    }
    let parts = plan.asks ? [("first", 1), ("second", 2), ("third", 3)] : [("first", 3)]
    for (name, thirds) in parts {
      let rows = Self.rows(upTo: Self.time(Self.historyRows * thirds / 3 - Self.historyRows), of: history)
      triggers += plan.models.map { TriggerRequest(model: $0, name: name, reason: nil, rows: rows) }
    }
  }

  private static func rows(upTo time: Milliseconds, of history: [Int: [Record]]) -> RowSet {
    RowSet(
      before: time,
      partitions: history.sorted { $0.key < $1.key }.map { partition, records in
        PartitionRows(partition: partition, first: 0, end: Int64(records.count { $0.timestamp < time }))
      })
  }

  private mutating func send(
    _ topic: Topic, _ content: Content, at time: Milliseconds, to partition: Int, _ random: inout SeededRandom
  ) {
    let delay = random.once(in: 12) ? Milliseconds.random(in: 0...9_000, using: &random) : random.pick([0, 40, 600])
    items[topic, default: []].append(Item(due: time + delay, partition: partition, content: content))
  }

  private mutating func add(_ row: Int, _ plan: SimulationPlan, _ random: inout SeededRandom) {
    let time = Self.time(row) - random.pick([0, 0, 0, 300, 2_500])
    let partition = Int.random(in: 0..<plan.inputPartitions, using: &random)
    let (features, hit) = Self.features(row, of: plan.rows, &random)
    let model = random.pick(plan.models)
    let entity = "e\(Int.random(in: 0..<4, using: &random))"
    let prediction = Prediction(
      id: "p\(row)", model: model, time: time, entity: entity, features: features)
    for _ in 0..<(random.once(in: 12) ? 2 : 1) {
      send(.predictions, .prediction(prediction), at: time, to: partition, &random)
    }
    for _ in 0..<random.pick([0, 1, 1, 1, 1, 1, 1, 2]) {
      let later = time + random.pick([0, 500, 2_000, 6_000, 11_999, 14_000])
      let label = Label(prediction: prediction.id, model: model, time: later, value: .number(hit ? 1 : 0))
      send(.labels, .record(Self.record(label, at: later)), at: later, to: partition, &random)
    }
    if plan.featuresTopic, random.once(in: 2) {
      let update = FeatureUpdate(
        entity: entity, time: time, features: [Feature(name: "y", value: .number(Double(row)))])
      send(.features, .record(Self.record(update, at: time)), at: time, to: partition, &random)
    }
    if random.once(in: 14) { addBad(at: Self.time(row), to: partition, plan, &random) }
  }

  /// A record that ends as a dead letter.
  private mutating func addBad(
    at time: Milliseconds, to partition: Int, _ plan: SimulationPlan, _ random: inout SeededRandom
  ) {
    let far = time + 40 * SimulationPlan.second
    let strange: [(Topic, Record)] = [
      (.predictions, Record(timestamp: time, value: Array("not a prediction".utf8)[...])),
      (.predictions, Record(timestamp: time, value: nil)),
      (.labels, Record(timestamp: time, value: Array("{\"prediction\":".utf8)[...])),
      (.labels, Self.record(Label(prediction: "f", model: "a", time: far, value: .number(1)), at: time)),
      (.labels, Self.record(Label(prediction: "n", model: "none", time: time, value: .number(1)), at: time)),
      (.predictions, Self.record(Prediction(id: "n", model: "none", time: time, entity: "e", features: []), at: time)),
      (
        .predictions,
        Self.record(
          Prediction(id: "v", model: "a", version: 99, time: time, entity: "e", features: [], score: .number(0.5)),
          at: time)
      ),
    ]
    let (topic, record) = random.pick(strange)
    send(topic, .record(record), at: time, to: partition, &random)
  }

  static func record(_ event: some EventRecord, at time: Milliseconds) -> Record {
    Record(timestamp: time, value: event.encoded()[...])
  }
}
