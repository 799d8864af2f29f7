import Bytes
import Events
import Log

@testable import Engine
import TestSupport

/// Makes summaries as source partitions write them, tick by tick.
struct SourceSummaries {
  static let pane: Milliseconds = 10
  let source: Int
  private(set) var records: [SummaryRecord] = []
  private var introduced: Set<Int> = []
  private var seq: Int64 = 0

  init(_ source: Int) { self.source = source }

  /// A pane of `rows` rows that ends at `tick`, in the reference's shape or pushed into one bin, judged at once where
  /// `loss` is given; then the tick itself.
  mutating func tick(
    _ tick: Milliseconds, rows: Int, version: Int = 1, drifted: Bool = false, loss: Double? = 0.3,
    published: Milliseconds = 0, model: String = "m"
  ) {
    let start = tick - Self.pane
    if rows > 0 {
      let x = drifted ? [0, 0, 0, 0, rows] : References.split(rows, 5)
      records.append(
        .pane(
          PaneSummary(
            model: model, version: version, partition: source, tick: tick, start: start, end: tick, rows: rows,
            columns: [
              ColumnSummary(
                name: "x", count: rows, missing: 0, invalid: 0,
                moments: MomentsRecord(count: rows, mean: 0, m2: Double(rows), min: -3, max: 3), bins: x),
              ColumnSummary(name: "c", count: rows, missing: 0, invalid: 0, bins: References.split(rows, 3) + [0]),
            ],
            prediction: ColumnSummary(
              name: "(prediction)", count: rows, missing: 0, invalid: 0,
              moments: MomentsRecord(count: rows, mean: 0.5, m2: 1, min: 0, max: 1), bins: References.split(rows, 4)),
            facts: introduced.insert(version).inserted ? References.facts(published: published) : nil)))
    }
    if rows > 0, let loss {
      seq += Int64(rows)
      let moments = MomentsRecord(count: rows, mean: loss, m2: Double(rows) * 0.01, min: 0, max: 2)
      records.append(
        .judged(
          JudgedSummary(
            model: model, version: version, partition: source, tick: tick, start: start, end: tick, rows: rows,
            loss: moments, error: MomentsRecord(count: rows, mean: loss / 3, m2: Double(rows) * 0.01, min: 0, max: 1),
            label: moments)))
    }
    records.append(
      .progress(Progress(partition: source, tick: tick, resolved: tick - Self.pane, nextSeq: seq, counts: [])))
  }

  mutating func append(_ record: SummaryRecord) { records.append(record) }
}

/// One topic of several sources' records, interleaved at random or in the order given.
func interleaved(_ sources: [[SummaryRecord]], using random: inout SplitMix64) -> [StoredRecord] {
  var heads = sources.map { $0[...] }
  var merged: [SummaryRecord] = []
  while let source = heads.indices.filter({ !heads[$0].isEmpty }).randomElement(using: &random) {
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      if let record = heads[source].popFirst() { merged.append(record) }
    }
  }
  return merged.enumerated().map { stored($0, $1.encoded(), at: 0) }
}
