import Engine
import Events
import Models

/// A file's rows in order of time, ready to be served.
struct DemoTable {
  struct Row {
    let features: [Feature]
    /// `nil` where the file has none: such a row is served, and never labelled.
    let label: LabelValue?
    /// Milliseconds of event time.
    let time: Milliseconds
    /// When the label becomes known, where the file says so.
    let labelTime: Milliseconds?
    let segments: [Segment]
  }

  let rows: [Row]
  let task: Task
  /// Columns that were left out because they only count the rows.
  let counters: [String]
  /// What a person should know of the columns' values.
  let warnings: [String]

  /// The first row's time where the file has no time column: 2025-01-01T00:00:00Z. One row a second.
  static let epoch: Milliseconds = 1_735_689_600_000

  /// What to read of a file.
  struct Plan {
    var path: String
    var label: String
    var task: DemoTask?
    var dropped: Set<String> = []
    var categorical: Set<String> = []
    var numeric: Set<String> = []
    var time: String?
    var labelTime: String?
    /// Columns whose values are segments, and may be features too.
    var segments: [String] = []
    /// What models know that are there already: their task, and columns that must be there.
    var known: [Schema] = []
  }

  enum DemoTask: String, CaseIterable {
    case classification, regression
  }

  /// Of the prediction that is made of a row.
  static func id(of row: Int) -> String { "row-\(row)" }

  init(_ plan: Plan, leastRows: Int = 100) throws {
    var reader = try CSVReader(path: plan.path)
    let columns = try Columns(plan, header: reader.header)
    var raw: [Columns.Cells] = []
    var row = CSVRow()
    var counting = Set(columns.features.map(\.index))
    while try reader.next(&row) {
      for index in counting where row.number(index) != Double(raw.count) { counting.remove(index) }
      raw.append(
        Columns.Cells(
          features: columns.features.map { Feature(name: $0.name, value: row.value($0.index)) },
          label: row.label(columns.label), time: try columns.time(of: row, columns.time, at: plan.path),
          labelTime: try columns.time(of: row, columns.labelTime, at: plan.path), segments: columns.segments(of: row)))
    }
    guard raw.count >= leastRows else {
      throw CommandError("\(raw.count) rows; at least \(leastRows) are needed", at: plan.path)
    }
    guard raw.contains(where: { $0.label != nil }) else { throw CommandError("no row has a label", at: plan.path) }
    let wanted = Set(plan.known.flatMap(\.columns).map(\.name))
    let counters = columns.features.filter { counting.contains($0.index) && !wanted.contains($0.name) }.map(\.name)
    guard counters.count < columns.features.count else {
      throw CommandError("no column is left to predict from: \(counters[0]) only counts the rows", at: plan.path)
    }
    self.counters = counters
    task = try plan.known.first?.task ?? Self.task(plan.task, labels: raw.compactMap(\.label), at: plan.path)
    var rows = raw.enumerated().map { index, row in
      Row(
        features: counters.isEmpty ? row.features : row.features.filter { !counters.contains($0.name) },
        label: row.label, time: row.time ?? Self.epoch + 1_000 * Milliseconds(index), labelTime: row.labelTime,
        segments: row.segments)
    }
    if columns.time != nil {
      rows = rows.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
    self.rows = rows
    warnings = ColumnTexts(rows.lazy.map(\.features))
      .warnings(categorical: plan.categorical, numeric: plan.numeric, dropped: plan.dropped, remedy: .options)
  }

  private static func task(_ wanted: DemoTask?, labels: [LabelValue], at path: String) throws -> Task {
    let numbers = labels.compactMap { label -> Double? in if case .number(let x) = label { x } else { nil } }
    let isNumeric = numbers.count == labels.count
    let levels = Set(labels)
    let guess = wanted ?? (isNumeric && levels.count > 20 ? .regression : .classification)
    if guess == .regression {
      guard isNumeric else { throw CommandError("a regression needs numbers as labels", at: path) }
      return .regression
    }
    do {
      return try Task.classification(labels: levels.map(\.modelValue))
    } catch {
      let remedy = isNumeric ? "say --task regression if the label is a quantity" : "is this the column to predict?"
      throw CommandError(error.message, at: path, remedy: remedy)
    }
  }
}

/// Where the plan's columns stand in the file.
private struct Columns {
  let features: [(name: String, index: Int)]
  let label: Int
  let time: Int?
  let labelTime: Int?
  private let segments: [(name: String, index: Int)]

  /// What a row of the file says.
  struct Cells {
    let features: [Feature]
    let label: LabelValue?
    let time: Milliseconds?
    let labelTime: Milliseconds?
    let segments: [Segment]
  }

  init(_ plan: DemoTable.Plan, header: [String]) throws {
    func place(_ name: String) throws -> Int {
      if let index = header.firstIndex(of: name) { return index }
      let near = Spelling.nearest(to: name, among: header).map { "; did you mean \($0)?" } ?? ""
      throw CommandError(
        "no column \(name)\(near)", at: plan.path, remedy: "its columns are \(header.joined(separator: ", "))")
    }
    label = try place(plan.label)
    time = try plan.time.map(place)
    labelTime = try plan.labelTime.map(place)
    segments = try plan.segments.map { ($0, try place($0)) }
    let known = plan.known.flatMap(\.columns).map(\.name)
    for name in plan.dropped.union(plan.categorical).union(plan.numeric).union(known) { _ = try place(name) }
    let taken = Set([label, time, labelTime].compactMap { $0 })
    if let name = known.first(where: { name in plan.dropped.contains(name) || taken.contains { header[$0] == name } }) {
      throw CommandError("the model reads column \(name)", at: plan.path, remedy: "do not drop it")
    }
    features = header.enumerated().filter { !taken.contains($0.offset) && !plan.dropped.contains($0.element) }
      .map { ($0.element, $0.offset) }
    guard !features.isEmpty else { throw CommandError("no column is left to predict from", at: plan.path) }
  }

  /// Of cells that hold something.
  func segments(of row: CSVRow) -> [Segment] {
    segments.compactMap { name, index in row.text(index).map { Segment(name: name, value: $0) } }
  }

  /// A date or a time, or a number: milliseconds since 1970 where it is beyond 1e11, else seconds.
  func time(of row: CSVRow, _ column: Int?, at path: String) throws -> Milliseconds? {
    guard let column else { return nil }
    if let number = row.number(column), number.magnitude < 1e15 {
      return Milliseconds((number.magnitude >= 1e11 ? number : number * 1_000).rounded())
    }
    if let time = row.time(column) { return time }
    let cell = row.text(column).map { "\"\($0)\"" } ?? "an empty cell"
    throw CommandError("\(cell) is no time", at: "\(path):\(row.line)", remedy: "write 2025-11-05T12:27:58Z")
  }
}
