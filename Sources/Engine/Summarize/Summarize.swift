import Drift
import Events
import Models
import Sketches
import Windows

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
  var scored: [PaneKey: ScoredPane] = [:]
  var judged: [PaneKey: Judged] = [:]
  /// Versions whose facts have been told. Never forgotten, as telling them twice would change the output: a retrain an
  /// hour for a year leaves 8,760 names, under a megabyte here and a quarter of one in a snapshot.
  var introduced: Set<VersionName> = []

  /// The pane of the last row, which is nearly always that of the next.
  private var last: (start: Milliseconds, layout: Int, place: Dictionary<PaneKey, ScoredPane>.Index)?
  /// Room for one column of a block.
  private var scratch = Scratch()
  /// Digests of closed panes, gathered for the records of `sketches`; nil where none are wanted.
  var stretches: OpenPanes<[VersionName: RowDigest]>?

  /// - Parameter sketch: what a record of `sketches` spans.
  init(pane: Milliseconds, sketch: Milliseconds? = nil, partition: Int) {
    self.pane = pane
    self.partition = partition
    stretches = sketch.map { OpenPanes(length: $0, lateness: 0) }
  }

  /// Counts a scored row.
  ///
  /// - Parameters:
  ///   - cells: one for each of the layout's columns.
  ///   - whole: the event with all its features, where a cell has no code: it is counted by its text.
  mutating func count(
    _ cells: ArraySlice<Double>, time: Milliseconds, hash: UInt64, score: Score, layout: VersionLayout,
    whole: Prediction?
  ) {
    let place = place(of: time, layout)
    let number = layout.number(of: score)
    scored.values[place].append(cells, score: number, time: time, hash: hash, layout: layout, scratch: &scratch)
    if number.isNaN { scored.values[place].add(score, layout) }
    if let whole {
      for (column, value) in layout.unlisted(cells, in: whole.features) {
        scored.values[place].add(value, column: column)
      }
    }
  }

  @inline(__always)
  private mutating func place(of time: Milliseconds, _ layout: VersionLayout) -> Dictionary<PaneKey, ScoredPane>.Index {
    if let last, last.layout == layout.number, time >= last.start, time - last.start < pane { return last.place }
    return open(time, layout)
  }

  @inline(never)
  private mutating func open(_ time: Milliseconds, _ layout: VersionLayout) -> Dictionary<PaneKey, ScoredPane>.Index {
    let start = time.floored(to: pane)
    let key = PaneKey(start: start, model: layout.model, version: layout.version)
    if scored[key] == nil {
      let digest = stretches.map { _ in RowDigest(layout, of: .pane, start: start, partition: partition) }
      scored[key] = ScoredPane(layout, digest: digest)
    }
    let place = scored.index(forKey: key) ?? scored.startIndex
    last = (start, layout.number, place)
    return place
  }

  /// Forgets where panes are, once some have come or gone.
  mutating func moved() { last = nil }

  /// Lets go of a version's open panes that were counted over other columns or bins than the layout's.
  ///
  /// - Returns: how many rows they held.
  mutating func letGo(unlike layout: VersionLayout) -> Int {
    moved()
    var rows = 0
    func isOf(_ key: PaneKey) -> Bool { key.model == layout.model && key.version == layout.version }
    for key in scored.keys.filter(isOf) {
      guard let pane = scored[key], !pane.fits(layout) else { continue }
      rows += pane.rows
      scored[key] = nil
    }
    for key in judged.keys.filter(isOf) {
      guard let pane = judged[key], !pane.fits(layout) else { continue }
      rows += pane.rows
      judged[key] = nil
    }
    return rows
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

  /// Summaries of the panes that end by `watermark`, and of the judged ones that end by `resolved`, oldest first. Panes
  /// of a model that is no longer configured, whose versions have no layout, are let go.
  mutating func close(
    watermark: Milliseconds, resolved: Milliseconds, lateness: Milliseconds, tick: Milliseconds,
    layout: (VersionName) -> VersionLayout?
  ) -> [SummaryRecord] {
    var records: [SummaryRecord] = []
    moved()
    for key in scored.keys.filter({ $0.start.saturatingAdd(pane) <= watermark }).sorted() {
      let name = VersionName(model: key.model, version: key.version)
      guard var entry = scored.removeValue(forKey: key), let layout = layout(name) else { continue }
      entry.flush(layout, &scratch)
      gather(entry, name, layout, start: key.start)
      let end = key.start.saturatingAdd(pane)
      // The first tick at which the pane may close, however far the watermark jumps: the same in every partition.
      let due = end.saturatingAdd(lateness).saturatingAdd(pane - 1).floored(to: pane)
      records.append(
        .pane(
          PaneSummary(
            model: key.model, version: key.version, partition: partition, tick: due, start: key.start, end: end,
            rows: entry.rows, columns: zip(layout.names, entry.columns).map { $1.record(named: $0) },
            prediction: entry.prediction?.record(named: ShownName.prediction),
            derived: zip(layout.derived, entry.derived).map { $1.record(named: $0.column.name) },
            facts: introduced.insert(name).inserted ? layout.facts : nil)))
    }
    for key in judged.keys.filter({ $0.start.saturatingAdd(pane) <= resolved }).sorted() {
      guard let entry = judged.removeValue(forKey: key) else { continue }
      records.append(.judged(entry.record(key, pane: pane, partition: partition, tick: tick)))
    }
    return records
  }

  private mutating func gather(
    _ pane: ScoredPane, _ version: VersionName, _ layout: VersionLayout, start: Milliseconds
  ) {
    guard var digest = pane.digest, let stretch = stretches?.start(of: start) else { return }
    digest.seal()
    let empty = RowDigest(layout, of: .stretch, start: stretch, partition: partition)
    _ = stretches?.update(at: start, rows: pane.rows, empty: [:]) { versions in
      if versions[version]?.names != digest.names { versions[version] = empty }
      versions[version]?.merge(digest)
    }
  }

  /// The sketches of the stretches that end by `watermark`, once its panes have closed; oldest first.
  mutating func closeStretches(watermark: Milliseconds) -> [SketchRecord] {
    let closed = stretches?.advance(to: watermark) ?? []
    return closed.flatMap { stretch in
      stretch.aggregate.sorted { $0.key < $1.key }.flatMap { version, digest in
        digest.records(version, partition: partition, start: stretch.start, end: stretch.end)
      }
    }
  }

  var openVersions: Set<VersionName> {
    Set(scored.keys.map { VersionName(model: $0.model, version: $0.version) })
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
  func fits(_ layout: VersionLayout) -> Bool {
    lossBins.isEmpty || lossBins.count == layout.losses.map { $0.binCount + 1 }
  }

  mutating func add(_ judgement: VersionLayout.Judgement, losses: Binning?) {
    rows += 1
    if let value = judgement.loss {
      loss.update(value)
      if let losses { count(value, over: losses) }
    }
    if let value = judgement.error { error.update(value) }
    // Loss and error are bounded; a regression's label may be any number.
    if let value = judgement.label, value.magnitude <= SketchLimits.magnitude { label.update(value) }
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
