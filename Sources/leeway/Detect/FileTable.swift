import Sketches

/// A file's columns, whole.
struct FileTable {
  let path: String
  var columns: [FileColumn]
  private(set) var rows = 0

  /// - Parameter columns: what to read, each under its name.
  private init(path: String, _ reader: inout CSVReader, columns: [(column: FileColumn, index: Int)])
    throws(CommandError)
  {
    self.path = path
    self.columns = columns.map(\.column)
    var row = CSVRow()
    while try reader.next(&row) {
      for index in columns.indices { self.columns[index].append(row, columns[index].index) }
      rows += 1
    }
    reader.complainOfBadRows()
    guard rows > 0 else { throw reader.emptiness }
  }

  /// Two files with the columns that both have, of the same kinds.
  static func pair(_ reference: String, _ current: String, _ selection: ColumnSelection) throws(CommandError)
    -> (before: FileTable, after: FileTable)
  {
    var first = try CSVReader(path: reference, badRows: .count)
    var second = try CSVReader(path: current, badRows: .count)
    let shared = try selection.shared(by: first, second)
    var before = try FileTable(
      path: reference, &first, columns: shared.map { (selection.column($0.name), $0.before) })
    let kinds = before.columns.map { $0.isBlank && !$0.isTold ? nil : $0.kind }
    let after = try FileTable(
      path: current, &second, columns: zip(shared, kinds).map { (FileColumn(name: $0.name, kind: $1), $0.after) })
    for (index, column) in after.columns.enumerated() where column.kind == .category {
      before.columns[index].becomeCategorical()
    }
    return (before, after)
  }
}

extension ColumnSelection {
  /// The places of the columns that both files have; says which ones only one of them has.
  fileprivate func shared(by reference: CSVReader, _ current: CSVReader) throws(CommandError)
    -> [(name: String, before: Int, after: Int)]
  {
    var shared: [(name: String, before: Int, after: Int)] = []
    var lost: [String] = []
    for column in try columns(of: reference) {
      if let index = current.header.firstIndex(of: column.name) {
        shared.append((column.name, column.index, index))
      } else if only != nil {
        _ = try current.column(column.name)
      } else {
        lost.append(column.name)
      }
    }
    let known = Set(reference.header)
    let new = only == nil ? current.header.filter { !known.contains($0) } : []
    guard !shared.isEmpty else {
      throw CommandError(
        "has no column of \(reference.name)", at: current.name,
        remedy: "its columns are \(current.header.prefix(40).joined(separator: ", "))")
    }
    for (names, has, lacks) in [(lost, reference.name, current.name), (new, current.name, reference.name)]
    where !names.isEmpty {
      Terminal.complain("only in \(has), not in \(lacks), and left out: \(names.joined(separator: ", "))")
    }
    return shared
  }
}
