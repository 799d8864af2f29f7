import Drift
import Events
import Models
import Sketches

/// Counts scored rows by pane of event time and judged rows by pane of prediction time, per model version.
///
/// A pane closes when the watermark has passed its end by the allowed lateness; a judged pane when every earlier
/// prediction is labelled or expired.
struct Summarize {
  struct PaneKey: Hashable, Comparable {
    let start: Milliseconds
    let model: String
    let version: Int

    static func < (left: PaneKey, right: PaneKey) -> Bool {
      (left.start, left.model, left.version) < (right.start, right.model, right.version)
    }
  }

  struct Scored {
    var rows = 0
    var columns: [ColumnSketch]
    var prediction: ColumnSketch?
    var derived: [ColumnSketch]
  }

  struct Judged {
    var rows = 0
    /// Losses over the bins of the reference's loss column, then those that are no number; empty where it has none.
    var lossBins: [Int] = []
    var loss = Moments()
    var error = Moments()
    var label = Moments()
    var expired = 0
  }

  let pane: Milliseconds
  let partition: Int
  var scored: [PaneKey: Scored] = [:]
  var judged: [PaneKey: Judged] = [:]
  /// Versions whose facts have been told.
  var introduced: Set<VersionName> = []

  init(pane: Milliseconds, partition: Int) {
    self.pane = pane
    self.partition = partition
  }

  mutating func count(_ prediction: Prediction, version: Int, score: Score, layout: VersionLayout) {
    let key = PaneKey(start: prediction.time.floored(to: pane), model: prediction.model, version: version)
    var entry =
      scored.removeValue(forKey: key)
      ?? Scored(
        columns: layout.binnings.map { ColumnSketch(binning: $0) },
        prediction: layout.prediction.map { ColumnSketch(binning: $0) },
        derived: layout.derived.map { ColumnSketch(binning: $0.column.binning) })
    entry.rows += 1
    layout.count(prediction.features, into: &entry.columns)
    if var sketch = entry.prediction {
      sketch.add(layout.value(of: score))
      entry.prediction = sketch
    }
    layout.countDerived(prediction, score: score, into: &entry.derived)
    scored[key] = entry
  }

  mutating func judge(_ example: Example, version: Int, score: Score, layout: VersionLayout) {
    let key = PaneKey(start: example.time.floored(to: pane), model: example.model, version: version)
    let judgement = layout.judge(score, against: example.label)
    judged[key, default: Judged()].add(judgement, losses: layout.losses)
  }

  mutating func expire(_ expiry: Expiry, version: Int) {
    let key = PaneKey(start: expiry.time.floored(to: pane), model: expiry.model, version: version)
    judged[key, default: Judged()].expired += 1
  }

  /// Summaries of the panes that end by `watermark`, and of the judged ones that end by `resolved`, oldest first.
  mutating func close(
    watermark: Milliseconds, resolved: Milliseconds, lateness: Milliseconds, tick: Milliseconds,
    facts: (VersionName) -> VersionFacts?
  ) -> [SummaryRecord] {
    var records: [SummaryRecord] = []
    for key in scored.keys.filter({ $0.start.saturatingAdd(pane) <= watermark }).sorted() {
      guard let entry = scored.removeValue(forKey: key) else { continue }
      let name = VersionName(model: key.model, version: key.version)
      let end = key.start.saturatingAdd(pane)
      // The first tick at which the pane may close, however far the watermark jumps: the same in every partition.
      let due = end.saturatingAdd(lateness).saturatingAdd(pane - 1).floored(to: pane)
      records.append(
        .pane(
          PaneSummary(
            model: key.model, version: key.version, partition: partition, tick: due, start: key.start, end: end,
            rows: entry.rows, columns: zip(layoutNames(facts(name)), entry.columns).map { $1.record(named: $0) },
            prediction: entry.prediction?.record(named: "(prediction)"),
            derived: zip(facts(name)?.reference.derived ?? [], entry.derived).map { $1.record(named: $0.column.name) },
            facts: introduced.insert(name).inserted ? facts(name) : nil)))
    }
    for key in judged.keys.filter({ $0.start.saturatingAdd(pane) <= resolved }).sorted() {
      guard let entry = judged.removeValue(forKey: key) else { continue }
      records.append(.judged(entry.record(key, pane: pane, partition: partition, tick: tick)))
    }
    return records
  }

  var openVersions: Set<VersionName> {
    Set(scored.keys.map { VersionName(model: $0.model, version: $0.version) })
  }

  private func layoutNames(_ facts: VersionFacts?) -> [String] {
    facts?.reference.columns.map(\.name) ?? []
  }
}

/// A version of a model.
struct VersionName: Hashable, Comparable {
  let model: String
  let version: Int

  static func < (left: VersionName, right: VersionName) -> Bool {
    (left.model, left.version) < (right.model, right.version)
  }
}

extension Summarize.Judged {
  mutating func add(_ judgement: VersionLayout.Judgement, losses: Binning?) {
    rows += 1
    if let value = judgement.loss {
      loss.update(value)
      if let losses { count(value, over: losses) }
    }
    if let value = judgement.error { error.update(value) }
    if let value = judgement.label { label.update(value) }
  }

  private mutating func count(_ value: Double, over losses: Binning) {
    guard case .numeric(let binning) = losses else { return }
    if lossBins.isEmpty { lossBins = [Int](repeating: 0, count: binning.binCount + 1) }
    lossBins[value.magnitude <= SketchLimits.magnitude ? binning.bin(of: value) : binning.binCount] += 1
  }

  func record(
    _ key: Summarize.PaneKey, pane: Milliseconds, partition: Int, tick: Milliseconds
  ) -> JudgedSummary {
    JudgedSummary(
      model: key.model, version: key.version, partition: partition, tick: tick, start: key.start,
      end: key.start.saturatingAdd(pane), rows: rows, loss: loss.record, lossBins: lossBins, error: error.record,
      label: label.record,
      expired: expired)
  }
}
