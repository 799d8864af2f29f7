import Events
import Foundation

/// Two versions' records side by side.
struct VersionComparison {
  enum Value: Equatable {
    case text(String)
    case count(Int)
    case number(Double)
  }

  struct Fact {
    let key: String
    let label: String
    /// `nil` where a record does not say.
    let values: (Value?, Value?)

    var isCount: Bool {
      if case .count = values.0 { true } else { false }
    }

    /// The second less the first.
    var difference: Double? {
      switch values {
      case (.number(let a), .number(let b)): b - a
      case (.count(let a), .count(let b)): Double(b) - Double(a)
      default: nil
      }
    }
  }

  /// What the rows of two references say of one column.
  struct Column {
    let name: String
    var means: (Double?, Double?) = (nil, nil)
    var missing: (Double?, Double?) = (nil, nil)
    /// By how many standard deviations of the first the mean has moved.
    var shift: Double?
    /// Levels that the second knows and the first does not, and the other way round.
    var newLevels: [String] = []
    var goneLevels: [String] = []
    /// Whether it stands in the first, and in the second.
    var isThere = (true, true)
  }

  let records: (ModelRecord, ModelRecord)
  let facts: [Fact]
  let columns: [Column]

  init(_ a: ModelRecord, _ b: ModelRecord) {
    records = (a, b)
    func fact(_ key: String, _ label: String, _ value: (ModelRecord) -> Value?) -> Fact {
      Fact(key: key, label: label, values: (value(a), value(b)))
    }
    let metrics: [(String, String, KeyPath<MetricsRecord, Double>?, KeyPath<MetricsRecord, Double?>?)] = [
      ("loss", "loss", \.loss, nil), ("accuracy", "accuracy", nil, \.accuracy),
      ("log_loss", "log loss", nil, \.logLoss), ("auc", "AUC", nil, \.auc), ("mae", "MAE", nil, \.mae),
      ("rmse", "RMSE", nil, \.rmse),
    ]
    let all =
      [
        fact("status", "status") { .text($0.status.rawValue) }, fact("reason", "why") { .text($0.reason) },
        fact("time", "time") { .text(RFC3339.format($0.time)) },
        fact("parent", "parent") { $0.parent.map { .text("version \($0)") } },
        fact("trigger", "trigger") { $0.trigger.map(Value.text) }, fact("family", "family") { .text($0.family) },
        fact("trained_rows", "rows learned") { $0.trainedRows.map(Value.count) },
        fact("rows_from", "from") { $0.rows?.from.map { .text(RFC3339.format($0)) } },
        fact("rows_before", "before") { $0.rows.map { .text(RFC3339.format($0.before)) } },
        fact("artifact", "artifact") { $0.artifact.map(Value.text) },
        fact("artifact_bytes", "artifact bytes") { $0.artifactBytes.map(Value.count) },
        fact("judged_rows", "rows judged on") { $0.challenger.map { .count($0.rows) } },
      ]
      + metrics.map { key, label, always, sometimes in
        fact(key, label) { record in
          let value =
            always.flatMap { record.challenger?[keyPath: $0] }
            ?? sometimes.flatMap { record.challenger?[keyPath: $0] }
          return value.map(Value.number)
        }
      }
      + [
        fact("champion_loss", "champion's loss") { $0.champion.map { .number($0.loss) } },
        fact("difference", "loss less the champion's") { $0.difference.map { .number($0.mean) } },
        fact("gate_outcome", "gate") { $0.gate.map { .text($0.outcome.rawValue) } },
        fact("gate_rows", "gate's rows") { $0.gate.map { .count($0.rows) } },
        fact("gate_challenger", "gate's loss") { $0.gate.map { .number($0.challenger) } },
        fact("gate_champion", "gate's champion's loss") { $0.gate?.champion.map(Value.number) },
        fact("gate_difference_low", "gate's difference at least") { $0.gate?.difference.map { .number($0.low) } },
        fact("gate_difference_high", "gate's difference at most") { $0.gate?.difference.map { .number($0.high) } },
        fact("reference_rows", "reference rows") { $0.reference.map { .count($0.rows) } },
        fact("configuration", "configuration") { .text($0.configuration) }, fact("code", "code") { .text($0.code) },
        fact("seed", "seed") { .text("\($0.seed)") },
      ]
    facts = all.filter { $0.values.0 != nil || $0.values.1 != nil }
    columns = Self.columns(a.reference, b.reference)
  }

  private static func columns(_ a: ReferenceRecord?, _ b: ReferenceRecord?) -> [Column] {
    guard let a, let b else { return [] }
    let others = Dictionary(b.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(a.columns.map(\.name))
    return a.columns.map { column($0, a.rows, others[$0.name], b.rows) }
      + b.columns.filter { !known.contains($0.name) }.map { column(nil, a.rows, $0, b.rows) }
  }

  private static func column(
    _ a: ColumnReferenceRecord?, _ aRows: Int, _ b: ColumnReferenceRecord?, _ bRows: Int
  ) -> Column {
    var column = Column(name: a?.name ?? b?.name ?? "", isThere: (a != nil, b != nil))
    func share(_ record: ColumnReferenceRecord?, _ rows: Int) -> Double? {
      record.flatMap { rows > 0 ? Double($0.missing) / Double(rows) : nil }
    }
    column.missing = (share(a, aRows), share(b, bRows))
    column.means = (a?.moments?.mean, b?.moments?.mean)
    if let first = a?.moments, let second = b?.moments, first.count > 1, first.m2 > 0 {
      column.shift = (second.mean - first.mean) / (first.m2 / Double(first.count - 1)).squareRoot()
    }
    if let a, let b, a.levels != nil, b.levels != nil {
      let levels = ((a.levels ?? []) + a.otherLevels, (b.levels ?? []) + b.otherLevels)
      // Of a column with more levels than are named nobody can say what it lacks.
      let known = (Set(levels.0), Set(levels.1))
      if !a.otherLevelsIncomplete { column.newLevels = levels.1.filter { !known.0.contains($0) } }
      if !b.otherLevelsIncomplete { column.goneLevels = levels.0.filter { !known.1.contains($0) } }
    }
    return column
  }
}
