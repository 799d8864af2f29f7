import Events
import Models

// Where it comes from.
extension ModelCard {
  var lineage: Card.Section {
    var section = Card.Section(key: "lineage", title: "Lineage")
    section.facts = [
      .init("parent", "continues version", record?.parent.map { .count($0) }),
      .init("trigger", "trigger", record?.trigger.map { .text($0) }),
      .init("rows_learned", "rows learned in this run", record?.trainedRows.map { .count($0) }),
      .init("rows_learned_in_all", "rows learned in all", model.map { .count($0.rowsLearned) }),
      .init("rows_from", "rows from", record?.rows?.from.map { .text(RFC3339.format($0)) }),
      .init("rows_before", "rows before", record?.rows.map { .text(RFC3339.format($0.before)) }),
      .init("rows_hash", "SHA-256 of the rows", record?.rowsHash.map { .text($0) }),
      .init("seed", "seed", (model?.seed ?? record?.seed).map { .text("\($0)") }),
      .init("configuration", "configuration", record.map { .text($0.configuration) }),
      .init("code", "code", record.map { .text($0.code) }),
    ]
    section.tables = [partitions, ancestors]
    return section
  }

  private var partitions: Card.Table {
    var table = Card.Table(
      key: "rows", title: "Rows by partition",
      columns: [("partition", "partition"), ("first", "first row"), ("end", "row behind the last")])
    table.rows = (record?.rows?.partitions ?? []).map { part in
      [.count(part.partition), .text("\(part.first)"), .text("\(part.end)")]
    }
    return table
  }

  /// The versions that it continues, the nearest first.
  private var ancestors: Card.Table {
    var table = Card.Table(
      key: "ancestors", title: "Versions that it continues",
      columns: [
        ("version", "version"), ("time", "time"), ("status", "status"), ("trigger", "trigger"),
        ("rows_learned", "rows learned"), ("loss", "loss"), ("sha256", "SHA-256"),
      ])
    let versions = Dictionary(others.map { ($0.version, $0) }, uniquingKeysWith: { _, last in last })
    var seen: Set<Int> = record.map { [$0.version] } ?? []
    var next = record?.parent
    while let number = next, let ancestor = versions[number], seen.insert(number).inserted {
      table.rows.append([
        .count(number), .text(RFC3339.format(ancestor.time)), .text(ancestor.status.rawValue),
        ancestor.trigger.map { .text($0) }, ancestor.trainedRows.map { .count($0) },
        (ancestor.challenger?.loss).map { .number($0) }, ancestor.artifact.map { .text($0) },
      ])
      next = ancestor.parent
    }
    return table
  }
}
