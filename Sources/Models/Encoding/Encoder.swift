import Bytes

/// Rows to sparse vectors, for every family that learns from numbers.
///
/// Block A: slot 0 is the bias. A numeric column has a slot for its standardised value, clipped to ±5 and left out where
/// it is 0, and one that is 1 where the value is missing. A categorical column has a slot for levels without one of
/// their own (never learned, or learned after the table was full), one for missing, and one for each level of its table,
/// added at the end in order of arrival. A hashed column has a slot for missing and a fixed number of others, which its
/// levels share. A time has a slot for missing, one for each hour of the day and one for each day of the week.
/// Block B adds hats over the numeric columns, in slots of their own.
///
/// Only a row that is learned moves the statistics, and no missing or infinite value ever does.
struct Encoder: Equatable, Sendable {
  static let clip: Float = 5
  /// Of a hashed column.
  static let buckets = 1_024

  let kinds: [Column.Kind]
  /// By column: its first slot, and for a numeric one its number among the numeric ones.
  let starts: [Int]
  let numbers: [Int]
  let fixedSlots: Int
  /// By column; only numeric ones move theirs.
  private(set) var moments: [Moments]
  private(set) var hats: Hats?
  private(set) var levels: LevelTable
  private(set) var inputs: NetworkInputs
  private let names: [String]

  /// Slots of block A so far.
  var width: Int { fixedSlots + levels.count }
  /// Slots of the hats.
  var hatWidth: Int { (hats?.columns ?? 0) * Hats.knots }
  /// Entries of block A that a row can have.
  var baseCapacity: Int { 1 + kinds.count + times }
  private let times: Int
  var hatCapacity: Int { 2 * (hats?.columns ?? 0) }

  init(schema: Schema, constants: MixtureConstants, seed: UInt64) {
    kinds = schema.columns.map(\.kind)
    var starts: [Int] = []
    var numbers: [Int] = []
    var slots = 1
    var numeric: [String] = []
    for column in schema.columns {
      starts.append(slots)
      slots += column.kind.fixedSlots
      numbers.append(numeric.count)
      if column.kind == .numeric { numeric.append(column.name) }
    }
    (self.starts, self.numbers, fixedSlots) = (starts, numbers, slots)
    names = schema.columns.map(\.name)
    times = kinds.count { $0 == .time }
    inputs = NetworkInputs(kinds: kinds)
    moments = [Moments](repeating: Moments(), count: kinds.count)
    let hatWeights = numeric.count * Hats.knots * schema.task.outputs
    let hasHats = constants.hasHats && !numeric.isEmpty && hatWeights <= ModelLimits.hatWeights
    hats = hasHats ? Hats(names: numeric, seed: seed) : nil
    levels = LevelTable(
      columns: kinds.count, limit: constants.levelLimit,
      total: max(0, ModelLimits.weights / (16 * schema.task.outputs) - slots))
  }

  /// Encodes by the statistics as they stand.
  func encode(_ row: Row, into encoded: inout EncodedRow) {
    encoded.base.clear()
    encoded.hats.clear()
    encoded.base.append(0, 1)
    for column in kinds.indices {
      switch (kinds[column], row.values[column]) {
      case (.numeric, .number(let x)) where x.isFinite: append(x, column, &encoded)
      case (.categorical, .category(let level)):
        let found = levels.find(level, column: column)
        encoded.base.append(found < 0 ? starts[column] : fixedSlots + found, 1)
      default: appendOther(row.values[column], column, &encoded.base)
      }
    }
  }

  /// Moves the statistics by a row that is about to be learned, and encodes it by the moved ones.
  mutating func learn(_ row: Row, into encoded: inout EncodedRow) {
    encoded.base.clear()
    encoded.hats.clear()
    encoded.base.append(0, 1)
    for column in kinds.indices {
      switch (kinds[column], row.values[column]) {
      case (.numeric, .number(let x)) where x.isFinite:
        moments[column].add(x)
        hats?.learn(x.clipped(ModelLimits.magnitude), numbers[column])
        append(x, column, &encoded)
      case (.categorical, .category(let level)):
        let found = levels.findOrAdmit(level, column: column)
        if found >= inputs.of.count - fixedSlots { addInput(column) }
        encoded.base.append(found < 0 ? starts[column] : fixedSlots + found, 1)
      default: appendOther(row.values[column], column, &encoded.base)
      }
    }
  }

  private mutating func addInput(_ column: Int) {
    inputs.append(rank: levels.count(of: column) - 1, other: starts[column])
  }

  /// What an input of the network stands for, for a seed that no order of columns or arrival changes.
  func name(ofInput input: Int) -> (column: String, part: String) {
    let slot = inputs.slots[input]
    guard slot > 0 else { return ("", "bias") }
    guard slot < fixedSlots else {
      let (level, column) = levels.entry(slot - fixedSlots)
      return (names[column], "=" + level)
    }
    let column = (starts.firstIndex { $0 > slot } ?? starts.count) - 1
    return (names[column], "\(slot - starts[column])")
  }

  @inline(__always)
  private func append(_ x: Double, _ column: Int, _ encoded: inout EncodedRow) {
    let z = Float(moments[column].standardized(x)).clipped(Encoder.clip)
    if z != 0 { encoded.base.append(starts[column], z) }
    hats?.append(x.clipped(ModelLimits.magnitude), numbers[column], to: &encoded.hats)
  }

  /// What needs no statistic, and what is missing.
  private func appendOther(_ value: Value, _ column: Int, _ base: inout SparseRow) {
    let start = starts[column]
    switch (kinds[column], value) {
    case (.hashed, .category(let level)):
      base.append(start + 1 + LevelTable.hash(level, column: 0) % Encoder.buckets, 1)
    case (.time, .number(let time)) where time.isFinite:
      let parts = TimeParts(milliseconds: time)
      base.append(start + 1 + parts.hour, 1)
      base.append(start + 25 + parts.weekday, 1)
    case (.numeric, _), (.categorical, _): base.append(start + 1, 1)
    case (.hashed, _), (.time, _): base.append(start, 1)
    }
  }
}

extension Encoder {
  func encode(into writer: inout ByteWriter) {
    for column in kinds.indices where kinds[column] == .numeric { moments[column].encode(into: &writer) }
    hats?.encode(into: &writer)
    levels.encode(into: &writer)
  }

  init(
    from reader: inout ByteReader, schema: Schema, constants: MixtureConstants, seed: UInt64
  ) throws(ByteError) {
    self.init(schema: schema, constants: constants, seed: seed)
    for column in kinds.indices where kinds[column] == .numeric { moments[column] = try Moments(from: &reader) }
    try hats?.decode(from: &reader)
    try levels.decode(from: &reader, schema: schema)
    var ranks = [Int](repeating: 0, count: kinds.count)
    for place in 0..<levels.count {
      let column = levels.entry(place).column
      inputs.append(rank: ranks[column], other: starts[column])
      ranks[column] += 1
    }
  }
}

extension Column.Kind {
  /// Slots of a column in block A that do not wait for a level to arrive.
  var fixedSlots: Int {
    switch self {
    case .numeric, .categorical: 2
    case .hashed: 1 + Encoder.buckets
    case .time: 1 + 24 + 7
    }
  }
}
