/// Reads comma-separated values (RFC 4180) row by row from UTF-8 bytes, in memory bounded by one row.
///
/// The first row names the columns. Cells may be quoted, with line ends inside and quotes doubled; lines end in LF or
/// CRLF; a byte order mark is skipped, and so are blank lines. A row is bad that has more or fewer cells than the header,
/// a quote where none may stand, a lone carriage return, text that is not UTF-8, or more than `maximumRowBytes`.
struct CSVReader {
  /// What becomes of a bad row.
  enum BadRowPolicy { case fail, count }

  /// A row that was left out.
  struct BadRow: Equatable {
    let line: Int
    let reason: String
  }

  static let maximumRowBytes = 4 << 20
  static let maximumColumns = 20_000
  /// How many bad rows are kept with their reasons; all are counted.
  static let keptBadRows = 20

  /// The columns' names: unique, none empty.
  let header: [String]
  let name: String
  private(set) var badRowCount = 0
  private(set) var badRows: [BadRow] = []
  private let badRowPolicy: BadRowPolicy
  private var scanner: CSVScanner

  /// Reads the header.
  init(_ source: any ByteSource, badRows policy: BadRowPolicy = .fail) throws(CommandError) {
    scanner = try CSVScanner(source)
    name = source.name
    badRowPolicy = policy
    var row = CSVRow()
    switch try scanner.next(&row) {
    case .row: header = try Self.checkedHeader(row, name: source.name)
    case .end: throw CommandError("the file holds no rows", at: source.name, remedy: "the first row names the columns")
    case .bad(let reason): throw CommandError(reason, at: "\(source.name):\(row.line)")
    }
  }

  /// - Parameter path: `-` is standard input; gzip is recognised by content.
  init(path: String, badRows policy: BadRowPolicy = .fail) throws(CommandError) {
    try self.init(try DataFile.open(path), badRows: policy)
  }

  /// The next good row.
  /// - Returns: `false` at the end; `row` holds nothing of use then.
  mutating func next(_ row: inout CSVRow) throws(CommandError) -> Bool {
    while true {
      switch try scanner.next(&row) {
      case .end: return false
      case .bad(let reason): try reject(row, reason)
      case .row where row.count != header.count:
        try reject(row, "\(row.count) cells where the header names \(header.count) columns")
      case .row: return true
      }
    }
  }

  /// The place of a column.
  func column(_ name: String) throws(CommandError) -> Int {
    if let index = header.firstIndex(of: name) { return index }
    let hint = Spelling.nearest(to: name, among: header).map { "did you mean \"\($0)\"?" }
    throw CommandError(
      "there is no column \"\(name)\"", at: self.name,
      remedy: hint ?? "the columns are \(header.prefix(40).joined(separator: ", "))")
  }

  private mutating func reject(_ row: CSVRow, _ reason: String) throws(CommandError) {
    guard badRowPolicy == .count else {
      throw CommandError(reason, at: "\(name):\(row.line)", remedy: "mend or remove that row")
    }
    badRowCount += 1
    if badRows.count < Self.keptBadRows { badRows.append(BadRow(line: row.line, reason: reason)) }
  }

  private static func checkedHeader(_ row: CSVRow, name: String) throws(CommandError) -> [String] {
    let place = "\(name):\(row.line)"
    guard row.count <= maximumColumns else {
      throw CommandError("\(row.count) columns; at most \(maximumColumns) can be read", at: place)
    }
    var header: [String] = []
    var seen: Set<String> = []
    for index in 0..<row.count {
      guard let column = row.text(index) else {
        throw CommandError("column \(index + 1) has no name", at: place, remedy: "the first row names every column")
      }
      guard seen.insert(column).inserted else {
        throw CommandError("two columns are named \"\(column)\"", at: place, remedy: "give every column its own name")
      }
      header.append(column)
    }
    if header.count == 1, let separator = header[0].first(where: { ";\t|".contains($0) }) {
      let shown = separator == "\t" ? "tab" : "\"\(separator)\""
      throw CommandError("cells are separated by \(shown)", at: place, remedy: "separate them by commas")
    }
    return header
  }
}
