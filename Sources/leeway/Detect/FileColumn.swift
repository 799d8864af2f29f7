import Events
import Sketches

/// One column of a file, whole: numbers, or levels once a text has stood among them. 8 bytes a value, 4 for levels.
struct FileColumn {
  let name: String
  private(set) var kind = ColumnKind.numeric
  /// Of a numeric column; NaN where there is no value.
  private(set) var numbers: [Double] = []
  /// Of a column of levels: their places in `levels`, -1 where there is no value.
  private(set) var codes: [Int32] = []
  private(set) var levels: [String] = []
  private var places: [String: Int32] = [:]
  /// Texts in a column that is numeric by decree: how many, and the first.
  private(set) var strays = 0
  private(set) var firstStray: String?
  /// Whether the kind was told and not found out.
  let isTold: Bool

  /// - Parameter kind: nil to find out.
  init(name: String, kind: ColumnKind? = nil) {
    self.name = name
    self.kind = kind ?? .numeric
    isTold = kind != nil
  }

  var count: Int { kind == .numeric ? numbers.count : codes.count }

  /// Whether no row has a value, so that the kind is not known either.
  var isBlank: Bool { kind == .numeric ? numbers.allSatisfy(\.isNaN) : codes.allSatisfy { $0 < 0 } }

  mutating func append(_ row: CSVRow, _ index: Int) {
    guard kind == .numeric else {
      codes.append(code(ofCell: row, index))
      return
    }
    if let number = row.number(index) {
      numbers.append(number)
      return
    }
    guard case .category(let text) = row.columnValue(index) else {
      numbers.append(.nan)
      return
    }
    if let beyond = Double(text), beyond.isInfinite {
      numbers.append(beyond.sign == .minus ? -Double.greatestFiniteMagnitude : .greatestFiniteMagnitude)
    } else if isTold {
      strays += 1
      firstStray = firstStray ?? text
      numbers.append(.nan)
    } else {
      becomeCategorical()
      codes.append(code(of: text))
    }
  }

  /// The value of a row, as the sketches see it.
  subscript(row: Int) -> ColumnValue {
    switch kind {
    case .numeric: numbers[row].isNaN ? .missing : .number(numbers[row])
    case .category: codes[row] < 0 ? .missing : .category(levels[Int(codes[row])])
    }
  }

  /// Rows per level.
  var levelCounts: [String: Int] {
    var counts = [Int](repeating: 0, count: levels.count)
    for code in codes where code >= 0 { counts[Int(code)] += 1 }
    return Dictionary(uniqueKeysWithValues: zip(levels, counts))
  }

  /// Numbers turn into the levels that they name.
  mutating func becomeCategorical() {
    guard kind == .numeric else { return }
    kind = .category
    codes.reserveCapacity(numbers.count + 1)
    for number in numbers { codes.append(number.isNaN ? -1 : code(of: ColumnValue.level(of: number))) }
    numbers = []
  }

  private mutating func code(ofCell row: CSVRow, _ index: Int) -> Int32 {
    guard let text = row.text(index) else { return -1 }
    if let place = places[text] { return place }
    return switch row.columnValue(index) {
    case .missing: -1
    case .number(let number): code(of: ColumnValue.level(of: number))
    case .category: code(of: text)
    }
  }

  private mutating func code(of level: String) -> Int32 {
    if let place = places[level] { return place }
    let place = Int32(levels.count)
    places[level] = place
    levels.append(level)
    return place
  }
}

extension CSVRow {
  /// A cell as the sketches see it.
  func columnValue(_ index: Int) -> ColumnValue {
    switch value(index) {
    case .number(let number): .number(number)
    case .category(let text): .category(text)
    case .missing: .missing
    }
  }
}

extension FileColumn {
  /// What people should know of how the column was read, if anything.
  ///
  /// - Parameter file: where it stands.
  func remark(in file: String) -> String? {
    if strays > 0 {
      return "\(file): column \(name): \(Figures.count(strays, "text")) such as \"\(firstStray ?? "")\" among its "
        + "numbers count as missing"
    }
    let huge = numbers.count { $0.magnitude > SketchLimits.magnitude }
    if huge > 0 {
      return
        "\(file): column \(name): \(Figures.count(huge, "number")) beyond \(SketchLimits.magnitude) count as missing"
    }
    guard kind == .category, !isTold else { return nil }
    let counts = levelCounts
    let texts = counts.keys.filter { Double($0) == nil }.sorted()
    let rows = counts.values.reduce(0, +)
    let textRows = texts.reduce(0) { $0 + (counts[$1] ?? 0) }
    guard let first = texts.first, textRows * 10 < rows else { return nil }
    return "\(file): column \(name): \(Figures.count(textRows, "text")) such as \"\(first)\" among "
      + "\(Figures.grouped(rows - textRows)) numbers, so its values are taken as names; --numeric \(name) takes the "
      + "texts as missing"
  }
}
