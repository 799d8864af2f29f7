public import Sketches

/// A column's name and how its values are counted.
public struct ColumnSchema: Hashable, Sendable {
  public let name: String
  public let kind: ColumnKind

  public init(name: String, kind: ColumnKind) {
    self.name = name
    self.kind = kind
  }
}

/// Makes a reference from rows.
///
/// Rows are kept until `finish`, since quantile bins need them sorted. Up to `mostRows` all of them count; beyond it
/// a sample does that depends on the rows' numbers alone: half of the rows that are kept leave whenever it is full.
public struct ReferenceBuilder: Sendable {
  /// Rows that are kept at most.
  public static let mostRows = 16_384

  private let schema: [ColumnSchema]
  private let predictionKind: ColumnKind?
  /// One array per column, the prediction's last.
  private var columns: [[ColumnValue]]
  private var kept: [Int] = []
  private var rowsSeen = 0
  /// A row stays while this many low bits of its number's hash are zero.
  private var level = 0

  /// - Parameter prediction: how the version's own predictions are counted; nil where rows come without one.
  public init(columns: [ColumnSchema], prediction: ColumnKind? = nil) {
    schema = columns
    predictionKind = prediction
    self.columns = Array(repeating: [], count: columns.count + 1)
  }

  /// Adds a row: a value for each column of the schema, in its order.
  public mutating func add(_ row: [ColumnValue], prediction: ColumnValue = .missing) {
    precondition(row.count == schema.count, "a row must have a value for every column")
    defer { rowsSeen += 1 }
    guard keeps(rowsSeen) else { return }
    kept.append(rowsSeen)
    for (column, value) in row.enumerated() { columns[column].append(value) }
    columns[schema.count].append(prediction)
    if kept.count > Self.mostRows { thin() }
  }

  /// The reference of all rows added. `loss` and `error` are the version's figures on its validation rows; nil for
  /// `provisional` leaves that to `Reference.settledRows`. Sorts every column: n log n in the rows kept.
  public func finish(loss: Moments? = nil, error: Moments? = nil, provisional: Bool? = nil)
    -> Reference
  {
    let references = schema.indices.map {
      Self.reference(schema[$0].name, schema[$0].kind, columns[$0])
    }
    let prediction = predictionKind.map { Self.reference("prediction", $0, columns[schema.count]) }
    return Reference(
      rows: kept.count, columns: references, prediction: prediction, loss: loss, error: error,
      provisional: provisional)
  }

  private func keeps(_ row: Int) -> Bool {
    Self.hash(UInt64(row)) & ((1 << UInt64(level)) - 1) == 0
  }

  private mutating func thin() {
    level += 1
    let stay = kept.indices.filter { keeps(kept[$0]) }
    kept = stay.map { kept[$0] }
    for column in columns.indices { columns[column] = stay.map { columns[column][$0] } }
  }

  /// The finaliser of SplitMix64: every bit of the result depends on every bit of the row's number.
  private static func hash(_ row: UInt64) -> UInt64 {
    var z = row &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  private static func reference(_ name: String, _ kind: ColumnKind, _ values: [ColumnValue])
    -> ColumnReference
  {
    switch kind {
    case .numeric: numericReference(name, values)
    case .category: categoryReference(name, values)
    }
  }

  private static func numericReference(_ name: String, _ values: [ColumnValue]) -> ColumnReference {
    let numbers = values.compactMap { value -> Double? in
      guard case .number(let number) = value, number.magnitude <= SketchLimits.magnitude else {
        return nil
      }
      return number
    }
    let binning = NumericBinning.build(sortedReference: numbers.sorted())
    var counts = [Int](repeating: 0, count: binning.binCount)
    for number in numbers { counts[binning.bin(of: number)] += 1 }
    return ColumnReference(
      name: name, binning: .numeric(binning), counts: counts, missing: values.count - numbers.count,
      moments: Moments(numbers))
  }

  private static func categoryReference(_ name: String, _ values: [ColumnValue]) -> ColumnReference {
    var levels: [String: Int] = [:]
    var missing = 0
    for value in values {
      switch value {
      case .category(let level): levels[level, default: 0] += 1
      case .number(let number) where number.magnitude <= SketchLimits.magnitude:
        levels[ColumnValue.level(of: number), default: 0] += 1
      case .number, .missing: missing += 1
      }
    }
    let binning = CategoryBinning.build(counts: levels)
    return ColumnReference(
      name: name, binning: .categories(binning), counts: binning.referenceCounts(of: levels),
      missing: missing,
      moments: nil)
  }
}
