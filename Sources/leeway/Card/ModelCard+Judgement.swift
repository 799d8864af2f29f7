import Events

// How well it did, and what the gate made of it.
extension ModelCard {
  var metrics: Card.Section {
    var section = Card.Section(key: "metrics", title: "Metrics")
    guard record?.challenger != nil else { return section }
    section.notes.append("On held-out rows, newer than those it learned; the former champion on the same rows.")
    var table = Card.Table(
      key: "held_out", title: "Held-out rows",
      columns: [
        ("model", "model"), ("rows", "rows"), ("loss", "loss"), ("accuracy", "accuracy"), ("log_loss", "log loss"),
        ("auc", "AUC"), ("mae", "MAE"), ("rmse", "RMSE"),
      ])
    for (name, metrics) in [("this version", record?.challenger), ("former champion", record?.champion)] {
      guard let metrics else { continue }
      let figures = [metrics.loss, metrics.accuracy, metrics.logLoss, metrics.auc, metrics.mae, metrics.rmse]
      table.rows.append([.text(name), .count(metrics.rows)] + figures.map { figure in figure.map { .number($0) } })
    }
    section.tables = [table]
    return section
  }

  var gate: Card.Section {
    var section = Card.Section(key: "gate", title: "Gate")
    guard let gate = record?.gate else { return section }
    section.facts = [
      .init("outcome", "outcome", .text(gate.outcome.rawValue)), .init("reason", "why", .text(gate.reason)),
      .init("measure", "losses in", .text(gate.measure)), .init("rows", "rows judged", .count(gate.rows)),
      .init("shadow_rows", "of those in shadow", .count(gate.shadowRows)),
      .init("challenger", "mean loss", .number(gate.challenger)),
      .init("champion", "mean loss of the former champion", gate.champion.map { .number($0) }),
    ]
    section.facts += interval("difference", "difference", gate.difference)
    if let calibration = gate.calibration {
      section.facts += interval("calibration_error", "calibration error", calibration.challenger)
      section.facts += [
        .init("calibration_bias", "promised less observed", .number(calibration.bias)),
        .init("calibration_limit", "its limit", calibration.limit.map { .number($0) }),
        .init("calibration_verdict", "which is", .text(calibration.verdict.rawValue)),
      ]
    }
    if let golden = gate.golden {
      section.facts += [
        .init("golden_rows", "golden rows", .count(golden.rows)),
        .init("golden_challenger", "mean loss on them", .number(golden.challenger)),
        .init("golden_champion", "the former champion's", .number(golden.champion)),
        .init("golden_verdict", "verdict", .text(golden.verdict.rawValue)),
      ]
    }
    section.tables = [segments(gate), fairness(gate)]
    return section
  }

  private func interval(_ key: String, _ label: String, _ interval: IntervalRecord?) -> [Card.Fact] {
    guard let interval else { return [] }
    return [
      .init(key, label, .number(interval.value)), .init("\(key)_low", "\(label), at least", .number(interval.low)),
      .init("\(key)_high", "\(label), at most", .number(interval.high)),
      .init("\(key)_confidence", "with confidence", .number(1 - interval.alpha)),
    ]
  }

  private func segments(_ gate: GateRecord) -> Card.Table {
    var table = Card.Table(
      key: "segments", title: "Segments",
      columns: [
        ("segment", "segment"), ("value", "value"), ("rows", "rows"), ("challenger", "mean loss"),
        ("champion", "former champion's"), ("protected", "protected"), ("verdict", "verdict"),
      ])
    table.rows = gate.segments.map { part in
      [
        .text(part.segment.name), .text(part.segment.value), .count(part.rows), .number(part.challenger),
        .number(part.champion), .flag(part.isProtected), .text(part.verdict.rawValue),
      ]
    }
    return table
  }

  private func fairness(_ gate: GateRecord) -> Card.Table {
    var table = Card.Table(
      key: "fairness", title: "Fairness",
      columns: [
        ("segment", "segment"), ("group", "group"), ("other", "against"), ("rate", "rate"), ("gap", "gap"),
        ("low", "at least"), ("high", "at most"), ("limit", "limit"), ("verdict", "verdict"),
      ])
    table.rows = gate.fairness.map { gap in
      [
        .text(gap.segment), .text(gap.group), .text(gap.other), .text(gap.rate), .number(gap.gap.value),
        .number(gap.gap.low), .number(gap.gap.high), gap.limit.map { .number($0) }, .text(gap.verdict.rawValue),
      ]
    }
    return table
  }
}
