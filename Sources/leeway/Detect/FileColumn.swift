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

  /// Texts are no values of a column that is numeric elsewhere.
  private let isNumeric: Bool

  /// - Parameter kind: nil to find out.
  init(name: String, kind: ColumnKind? = nil) {
    self.name = name
    self.kind = kind ?? .numeric
    isNumeric = kind == .numeric
  }

  var count: Int { kind == .numeric ? numbers.count : codes.count }

  mutating func append(_ row: CSVRow, _ index: Int) {
    if kind == .numeric, let number = row.number(index) {
      numbers.append(number)
      return
    }
    switch row.columnValue(index) {
    case .missing: if kind == .numeric { numbers.append(.nan) } else { codes.append(-1) }
    case .number(let number): codes.append(code(of: ColumnValue.level(of: number)))
    case .category where isNumeric: numbers.append(.nan)
    case .category(let level):
      if kind == .numeric { becomeCategorical() }
      codes.append(code(of: level))
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

  private mutating func becomeCategorical() {
    kind = .category
    codes.reserveCapacity(numbers.count + 1)
    for number in numbers { codes.append(number.isNaN ? -1 : code(of: ColumnValue.level(of: number))) }
    numbers = []
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
