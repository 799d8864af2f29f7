import Sketches

/// The kept rows of one column: numbers as doubles, categories as codes of their levels.
struct ColumnStore: Sendable {
  let schema: ColumnSchema
  /// Of a numeric column; NaN for a row without a usable value.
  private(set) var numbers: [Double] = []
  /// Of a categorical column; `noLevel` for a row without one.
  private(set) var codes: [Int32] = []
  private(set) var levels: [String] = []
  private var codeOfLevel: [String: Int32] = [:]

  static let noLevel: Int32 = -1

  init(_ schema: ColumnSchema) { self.schema = schema }

  /// Stores a row's value at `slot`, which is the number of rows stored or one of theirs.
  mutating func put(_ value: ColumnValue, at slot: Int) {
    switch schema.kind {
    case .numeric:
      let number: Double = if case .number(let n) = value, n.magnitude <= SketchLimits.magnitude { n } else { .nan }
      if slot == numbers.count { numbers.append(number) } else { numbers[slot] = number }
    case .category:
      let code = code(of: value)
      if slot == codes.count { codes.append(code) } else { codes[slot] = code }
      if levels.count > 2 * ReferenceBuilder.mostRows { forgetUnusedLevels() }
    }
  }

  private mutating func code(of value: ColumnValue) -> Int32 {
    switch value {
    case .category(let level): code(ofLevel: level)
    case .number(let number) where number.magnitude <= SketchLimits.magnitude:
      code(ofLevel: ColumnValue.level(of: number))
    case .number, .missing: Self.noLevel
    }
  }

  private mutating func code(ofLevel level: String) -> Int32 {
    if let known = codeOfLevel[level] { return known }
    let code = Int32(levels.count)
    levels.append(level)
    codeOfLevel[level] = code
    return code
  }

  /// A column of ever new levels would keep the names of all rows that it ever held.
  private mutating func forgetUnusedLevels() {
    let names = levels
    levels = []
    codeOfLevel = [:]
    for slot in codes.indices where codes[slot] != Self.noLevel {
      codes[slot] = code(ofLevel: names[Int(codes[slot])])
    }
  }

  /// The reference of the rows at `slots`, which are in order of time.
  func reference(_ slots: [Int]) -> ColumnReference {
    switch schema.kind {
    case .numeric: Self.numericReference(schema.name, slots.map { numbers[$0] })
    case .category: categoryReference(slots)
    }
  }

  /// The reference of numbers in order of time, NaN for missing ones.
  static func numericReference(_ name: String, _ series: [Double]) -> ColumnReference {
    let numbers = series.contains(where: \.isNaN) ? series.filter { !$0.isNaN } : series
    let binning = NumericBinning.build(sortedReference: numbers.ascending())
    let missing = binning.binCount
    return reference(
      name, .numeric(binning), series.map { $0.isNaN ? missing : binning.bin(of: $0) }, Moments(numbers.span))
  }

  private func categoryReference(_ slots: [Int]) -> ColumnReference {
    var rows = [Int](repeating: 0, count: levels.count)
    for slot in slots where codes[slot] != Self.noLevel { rows[Int(codes[slot])] += 1 }
    var counts: [String: Int] = [:]
    for code in rows.indices where rows[code] > 0 { counts[levels[code]] = rows[code] }
    let binning = CategoryBinning.build(counts: counts)
    let binOfCode = levels.indices.map { code -> Int in
      rows[code] > 0 ? binning.referenceBin(of: levels[code], rows: rows[code]) : 0
    }
    let bins = slots.map { codes[$0] == Self.noLevel ? binning.binCount : binOfCode[Int(codes[$0])] }
    let plain = Self.reference(schema.name, .categories(binning), bins, nil)
    return ColumnReference(
      name: plain.name, binning: plain.binning, counts: binning.referenceCounts(of: counts), missing: plain.missing,
      moments: nil, dependence: plain.dependence)
  }

  /// - Parameter bins: of each row in order of time; the number of bins for a missing value.
  static func reference(_ name: String, _ binning: Binning, _ bins: [Int], _ moments: Moments?) -> ColumnReference {
    var counts = [Int](repeating: 0, count: binning.binCount + 1)
    for bin in bins { counts[bin] += 1 }
    let dependence = BetDependence.estimate(Bets(binning: binning, counts: counts), bins: bins)
    let missing = counts.removeLast()
    return ColumnReference(
      name: name, binning: binning, counts: counts, missing: missing, moments: moments, dependence: dependence)
  }
}
