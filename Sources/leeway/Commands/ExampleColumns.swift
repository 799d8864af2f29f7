import Bytes
import Events

/// What the columns of a CSV file of labelled history mean. Names are resolved once.
struct ExampleColumns {
  /// The columns that a person has named.
  struct Names {
    var model: String?
    var label: String?
    var time: String?
    var labelTime: String?
  }

  private let model: String?
  private let label: Int
  private let id: Int?
  private let modelColumn: Int?
  private let times: (row: Int?, label: Int?)
  private var features: [(name: String, index: Int)] = []
  private var segments: [(name: String, index: Int)] = []

  init(_ reader: CSVReader, _ names: Names) throws(CommandError) {
    func place(_ wanted: String?, else usual: String) throws(CommandError) -> Int? {
      if let wanted { return try reader.column(wanted) }
      return reader.header.firstIndex(of: usual)
    }
    guard let label = try place(names.label, else: "label") else {
      throw CommandError(
        "there is no column \"label\"", at: reader.name, remedy: "name the column with the label: --label COLUMN")
    }
    self.label = label
    model = names.model
    times = (try place(names.time, else: "time"), try place(names.labelTime, else: "label_time"))
    id = reader.header.firstIndex(of: "id")
    modelColumn = reader.header.firstIndex(of: "model")
    guard names.model != nil || modelColumn != nil else {
      throw CommandError("there is no column \"model\"", at: reader.name, remedy: "name the model with --model")
    }
    let taken = Set([label, times.row, times.label, id, modelColumn].compactMap { $0 })
    for (index, column) in reader.header.enumerated() where !taken.contains(index) {
      if let name = column.behind("segments.") {
        segments.append((name, index))
      } else {
        features.append((column.behind("features.") ?? column, index))
      }
    }
    guard !features.isEmpty else {
      throw CommandError("no column is left to predict from", at: reader.name)
    }
  }

  /// Whether rows say when they happened.
  var hasTimes: Bool { times.row != nil }

  /// - Parameters:
  ///   - id: for a row that has none.
  ///   - time: for a file that has none.
  /// - Returns: the row, not numbered yet.
  func example(_ row: CSVRow, id: String, time: Milliseconds) throws(RowProblem) -> Example {
    guard let name = modelColumn.flatMap(row.text) ?? model else {
      throw RowProblem(reason: "model: the cell is empty")
    }
    guard let value = row.label(label) else { throw RowProblem(reason: "label: the cell is empty") }
    let happened = try cell(times.row, "time", row) ?? time
    return Example(
      seq: 0, id: self.id.flatMap(row.text) ?? id, model: name, time: happened,
      labelTime: try cell(times.label, "label_time", row) ?? happened,
      features: features.map { name, index in Feature(name: name, value: row.value(index)) }, label: value,
      segments: segments.compactMap { name, index in row.text(index).map { Segment(name: name, value: $0) } })
  }

  /// The time in a cell; `nil` where the file has no such column.
  private func cell(_ column: Int?, _ field: String, _ row: CSVRow) throws(RowProblem) -> Milliseconds? {
    guard let column else { return nil }
    guard let text = row.text(column) else { throw RowProblem(reason: "\(field): the cell is empty") }
    return try RowProblem.time(text, of: field)
  }
}

extension Example {
  /// A row of labelled history in JSON: `time`, `features` and `label`, and where they are known `id`, `model`,
  /// `label_time` and `segments`.
  ///
  /// - Parameters:
  ///   - id: for a row that has none.
  ///   - model: for a row that names none.
  init(line: ByteSlice, id: String, model usual: String?) throws(RowProblem) {
    do throws(EventError) {
      self = try JSON.read(line) { json throws(EventError) in
        let time = try json.need("time").time()
        let named = usual == nil ? try json.need("model") : json["model"]
        return Example(
          seq: 0, id: try json["id"]?.identifier() ?? id, model: try named?.identifier() ?? usual ?? "", time: time,
          labelTime: try json["label_time"]?.time() ?? time, features: try json.need("features").features(),
          label: try json.need("label").label(), segments: try json["segments"]?.segments() ?? [])
      }
    } catch {
      throw RowProblem(reason: error.description)
    }
    try RowProblem.check(time, of: "time")
    try RowProblem.check(labelTime, of: "label_time")
  }
}

extension JSON {
  fileprivate func time() throws(EventError) -> Milliseconds {
    if case .text(let text) = value, let time = RFC3339.parse(Array(text.utf8)[...]) { return time }
    return try integer()
  }

  fileprivate func features() throws(EventError) -> [Feature] {
    try members { json throws(EventError) in
      switch json.value {
      case .null: .missing
      case .text(let text): .category(text)
      case .bool(let bool): .number(bool ? 1 : 0)
      default: .number(try json.number())
      }
    }.map { Feature(name: $0, value: $1) }
  }

  fileprivate func segments() throws(EventError) -> [Segment] {
    try members { json throws(EventError) in try json.text() }.map { Segment(name: $0, value: $1) }
  }

  fileprivate func label() throws(EventError) -> LabelValue {
    switch value {
    case .text(let text): .category(text)
    case .bool(let bool): .number(bool ? 1 : 0)
    default: .number(try number())
    }
  }

  private func members<T>(_ read: (JSON) throws(EventError) -> T) throws(EventError) -> [(String, T)] {
    guard case .object(let members) = value else {
      // Says what stands there instead.
      _ = try need("")
      return []
    }
    var list: [(String, T)] = []
    for member in members { list.append((member.name, try read(member.value))) }
    return list
  }
}
