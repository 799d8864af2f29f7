import Events
import Models

// Ranges of the columns: of the rows that the record describes, and what the artifact remembers of all it has learned.
extension ModelCard {
  private static let shownLevels = 5

  var data: Card.Section {
    var section = Card.Section(key: "data", title: "Data")
    if record?.reference != nil {
      section.notes.append(
        "Missing values, smallest and largest, mean, deviation and frequent names are of the version's reference: the rows "
          + "against which its drift is measured.")
    } else if model != nil {
      section.notes.append(
        "Mean and deviation are of all rows learned, with outliers cut, since no record has the ranges of this model.")
    }
    if model?.formula.columns.contains(where: { !$0.knots.isEmpty }) == true {
      section.notes.append(
        "2 % and 98 % are quantiles of a sample of the rows learned, in which newer ones weigh more.")
    }
    section.facts = [
      .init("rows", "rows described", record?.reference.map { .count($0.rows) }),
      .init("provisional", "fewer rows than a reference should have", record?.reference.map { .flag($0.provisional) }),
      .init("columns_count", "columns", columnCount.map { .count($0) }),
    ]
    section.tables = [ranges, levels]
    return section
  }

  private var columnCount: Int? { model?.schema.columns.count ?? record?.reference?.columns.count }

  private var ranges: Card.Table {
    var table = Card.Table(
      key: "columns", title: "Columns",
      columns: [
        ("name", "column"), ("kind", "kind"), ("missing_share", "missing"), ("minimum", "smallest"), ("low", "2 %"),
        ("high", "98 %"), ("maximum", "largest"), ("mean", "mean"), ("deviation", "deviation"),
        ("levels", "names with a weight"),
      ])
    let described = record?.reference?.columns ?? []
    guard let model else {
      table.rows = described.map { range($0.name, $0.edges != nil ? "numeric" : "categorical", $0, nil) }
      return table
    }
    let byName = Dictionary(described.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    table.rows = zip(model.schema.columns, model.formula.columns).map { column, part in
      range(column.name, column.kind.rawValue, byName[column.name], part)
    }
    return table
  }

  private func range(
    _ name: String, _ kind: String, _ described: ColumnReferenceRecord?, _ part: Formula.Part?
  ) -> [Card.Value?] {
    let rows = record?.reference?.rows ?? 0
    let missing = described.flatMap { rows > 0 ? Double($0.missing) / Double(rows) : nil }
    let moments = described?.moments.flatMap { $0.count > 0 ? $0 : nil }
    var learned: Formula.Number?
    if described == nil, case .number(let number)? = part { learned = number }
    var levels: Int?
    if case .names(let names, _, _)? = part { levels = names.count }
    let deviation = moments.map { ($0.m2 / Double($0.count)).squareRoot() } ?? learned?.deviation
    return [
      .text(name), .text(kind), missing.map { .number($0) }, moments.map { .number($0.min) },
      part?.knots.first.map { .number($0) }, part?.knots.last.map { .number($0) }, moments.map { .number($0.max) },
      (moments?.mean ?? learned?.mean).map { .number($0) }, deviation.map { .number($0) }, levels.map { .count($0) },
    ]
  }

  private var levels: Card.Table {
    var table = Card.Table(
      key: "frequent_names", title: "Frequent names",
      columns: [("column", "column"), ("name", "name"), ("rows", "rows"), ("share", "share")])
    guard let reference = record?.reference, reference.rows > 0 else { return table }
    for column in reference.columns {
      for (level, count) in zip(column.levels ?? [], column.counts).prefix(Self.shownLevels) {
        table.rows.append([
          .text(column.name), .text(level), .count(count), .number(Double(count) / Double(reference.rows)),
        ])
      }
    }
    return table
  }
}

extension Formula.Part {
  fileprivate var knots: [Double] {
    if case .number(let number) = self { number.knots } else { [] }
  }
}
