import Engine
public import Events
import Log

/// Examples, dead letters and summaries of every partition against the plain computation over its input.
struct JoinCheck {
  let ledger: Ledger
  private var configuration: EngineConfiguration { ledger.configuration }
  private let lanes: [Topic]
  private let versions: Set<PlainVersion>

  init(_ ledger: Ledger) {
    self.ledger = ledger
    lanes = (ledger.configuration.intake.featuresTopic ? [.features] : []) + [.predictions, .labels]
    versions = Set(
      ledger.all(.models, as: ModelRecord.self).filter { $0.event.status == .champion }
        .map { PlainVersion(model: $0.event.model, version: $0.event.version) })
  }

  func findings() -> [String] {
    var findings: [String] = []
    var counts: [String: ModelCounts] = [:]
    for partition in 0..<configuration.inputPartitions {
      let plain = plain(partition)
      findings += examples(partition, plain) + letters(partition, plain) + panes(partition, plain)
      for model in configuration.models.map(\.name) {
        counts[model, default: ModelCounts(model: model)].add(plain.counts(of: model))
      }
    }
    return findings + progress(counts)
  }

  private func plain(_ partition: Int) -> PlainJoin {
    let imported = ledger.stored(.examples, partition).filter { $0.record.header("ce_source") == nil }
    var plain = PlainJoin(configuration.intake, firstNumber: Int64(imported.count), versions: versions)
    let arrivals = lanes.map { topic in ledger.stored(topic, partition).map { arrival($0, of: topic) } }
    let marks = ledger.stored(.watermarks, partition).compactMap { stored in
      (try? Watermark.decode(value: stored.record.value)).map { mark in
        PlainJoin.Mark(
          offset: stored.offset, time: mark.time,
          starts: lanes.map { lane in mark.offsets.first { $0.topic == lane.rawValue }?.offset })
      }
    }
    plain.run(PlainJoin.order(arrivals, marks: marks))
    return plain
  }

  /// An event of a known model whose time is not ahead of its record's counts at its time; anything else is bad.
  private func arrival(_ stored: StoredRecord, of topic: Topic) -> PlainJoin.Arrival {
    let (value, timestamp) = (stored.record.value, stored.record.timestamp)
    let event: PlainJoin.Event? =
      switch topic {
      case .predictions: (try? Prediction.decode(value: value)).map { .prediction($0) }
      case .labels: (try? Label.decode(value: value)).map { .label($0) }
      default: (try? FeatureUpdate.decode(value: value)).map { .features($0) }
      }
    let model: String? =
      switch event {
      case .prediction(let prediction): prediction.model
      case .label(let label): label.model
      default: nil
      }
    guard let event, let time = event.time, time <= timestamp + configuration.intake.futureSlack,
      model.map({ configuration.model(named: $0) != nil }) ?? true
    else { return PlainJoin.Arrival(offset: stored.offset, time: nil, .bad) }
    return PlainJoin.Arrival(offset: stored.offset, time: min(time, timestamp), event)
  }

  private func examples(_ partition: Int, _ plain: PlainJoin) -> [String] {
    let found = ledger.stored(.examples, partition).filter { $0.record.header("ce_source") != nil }
      .map { try? ExampleRecord.decode(value: $0.record.value) }
    let expected = plain.records.map(Optional.some)
    guard found != expected else { return [] }
    let same = zip(found, expected).prefix { $0 == $1 }.count
    func text(_ records: [ExampleRecord?]) -> String {
      guard same < records.count else { return "nothing" }
      return records[same].map { String(decoding: $0.encoded().prefix(160), as: UTF8.self) } ?? "what cannot be read"
    }
    return [
      "examples/\(partition): record \(same) is \(text(found)), should be \(text(expected)); "
        + "\(found.count) records, should be \(expected.count)"
    ]
  }

  private func letters(_ partition: Int, _ plain: PlainJoin) -> [String] {
    let found = ledger.all(.deadletters, as: DeadLetter.self).map(\.event)
      .filter { letter in letter.partition == partition && lanes.contains { $0.rawValue == letter.topic } }
    var left = plain.letters
    var findings: [String] = []
    for letter in found {
      let place = left.firstIndex {
        lanes[$0.lane].rawValue == letter.topic && $0.offset == letter.offset && $0.code ?? letter.code == letter.code
      }
      if let place {
        left.remove(at: place)
      } else {
        findings.append("deadletters: \(letter.topic)/\(partition)@\(letter.offset) (\(letter.code)) is one too many")
      }
    }
    return findings
      + left.map {
        "deadletters: \(lanes[$0.lane].rawValue)/\(partition)@\($0.offset) (\($0.code ?? "bad")) is missing"
      }
  }

  private func panes(_ partition: Int, _ plain: PlainJoin) -> [String] {
    var scored: [PlainPane: Int] = [:]
    var judged: [PlainPane: PlainJudged] = [:]
    var findings: [String] = []
    for record in ledger.all(.summaries, as: SummaryRecord.self).map(\.event) {
      switch record {
      case .pane(let pane) where pane.partition == partition:
        let key = PlainPane(version: PlainVersion(model: pane.model, version: pane.version), start: pane.start)
        if scored.updateValue(pane.rows, forKey: key) != nil { findings.append("summaries: \(key) comes twice") }
        if pane.columns.contains(where: { $0.count + $0.missing + $0.invalid != pane.rows }) {
          findings.append("summaries: a column of \(key) has not \(pane.rows) rows")
        }
      case .judged(let pane) where pane.partition == partition:
        let key = PlainPane(version: PlainVersion(model: pane.model, version: pane.version), start: pane.start)
        let labels = pane.label.map { (Double($0.count) * $0.mean).rounded() } ?? 0
        let value = PlainJudged(rows: pane.rows, expired: pane.expired, labels: labels)
        if judged.updateValue(value, forKey: key) != nil { findings.append("summaries: \(key) is judged twice") }
      default: break
      }
    }
    if scored != plain.scored {
      findings.append("summaries of partition \(partition): \(scored) should be \(plain.scored)")
    }
    if judged != plain.judged {
      findings.append("judged panes of partition \(partition): \(judged) should be \(plain.judged)")
    }
    return findings
  }

  private func progress(_ expected: [String: ModelCounts]) -> [String] {
    var found: [String: ModelCounts] = [:]
    for case .progress(let progress) in ledger.all(.summaries, as: SummaryRecord.self).map(\.event) {
      for counts in progress.counts { found[counts.model, default: ModelCounts(model: counts.model)].add(counts) }
    }
    return expected.keys.sorted().compactMap { model in
      let (left, right) = (found[model] ?? ModelCounts(model: model), expected[model])
      return left == right ? nil : "progress of \(model): \(left) should be \(right.map { "\($0)" } ?? "nothing")"
    }
  }
}

extension ModelCounts {
  /// Adds what another count of the same model says.
  public mutating func add(_ other: ModelCounts) {
    predictions += other.predictions
    examples += other.examples
    duplicatePredictions += other.duplicatePredictions
    duplicateLabels += other.duplicateLabels
    orphanLabels += other.orphanLabels
    expired += other.expired
    late += other.late
  }
}
