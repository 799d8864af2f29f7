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
/// Only a row that is learned moves the statistics, once it has been learned by those before it, and no missing or
/// infinite value ever does.
struct Encoder: Equatable, Sendable {
  static let clip: Float = 5
  /// Of a hashed column.
  static let buckets = 1_024

  let columns: [EncodedColumn]
  /// What a row of another number of values is taken for.
  private let blank: [Value]
  let fixedSlots: Int
  /// By numeric column.
  private(set) var moments: [Moments]
  private(set) var hats: Hats?
  private(set) var levels: LevelTable
  private(set) var inputs: NetworkInputs

  /// Slots of block A so far.
  var width: Int { fixedSlots + levels.count }
  /// Slots of the hats.
  var hatWidth: Int { (hats?.columns ?? 0) * Hats.knots }
  /// Entries of block A that a row can have.
  var baseCapacity: Int { 1 + columns.count + times }
  private let times: Int
  var hatCapacity: Int { 2 * (hats?.columns ?? 0) }

  init(schema: Schema, constants: MixtureConstants, seed: UInt64) {
    var columns: [EncodedColumn] = []
    var slots = 1
    var numeric: [String] = []
    for column in schema.columns {
      columns.append(EncodedColumn(name: column.name, kind: column.kind, start: slots, number: numeric.count))
      slots += column.kind.fixedSlots
      if column.kind == .numeric { numeric.append(column.name) }
    }
    (self.columns, fixedSlots) = (columns, slots)
    blank = [Value](repeating: .missing, count: columns.count)
    times = columns.count { $0.kind == .time }
    inputs = NetworkInputs(columns)
    moments = [Moments](repeating: Moments(), count: numeric.count)
    let hatWeights = numeric.count * Hats.knots * schema.task.outputs
    let hasHats = constants.hasHats && !numeric.isEmpty && hatWeights <= ModelLimits.hatWeights
    hats = hasHats ? Hats(names: numeric, seed: seed) : nil
    levels = LevelTable(
      columns: columns.count, limit: constants.levelLimit,
      total: max(0, ModelLimits.weights / (16 * schema.task.outputs) - slots))
  }

  /// Encodes by the statistics as they stand. A row of another number of values counts as all missing.
  func encode(_ row: Row, into encoded: inout EncodedRow) {
    let counts = write(
      row.values.count == columns.count ? row.values : blank, &encoded.entries, &encoded.numbers,
      hatStart: encoded.hatStart)
    (encoded.baseCount, encoded.hatCount, encoded.hasUnseen) = (counts.base, counts.hats, counts.hasUnseen)
  }

  @inline(__always)
  private func write(
    _ values: [Value], _ entries: inout [Entry], _ numbers: inout [Double], hatStart: Int
  ) -> (base: Int, hats: Int, hasUnseen: Bool) {
    var entries = entries.mutableSpan
    var numbers = numbers.mutableSpan
    let values = values.span
    let columns = columns.span
    let moments = moments.span
    var (base, end, hasUnseen) = (0, hatStart, false)
    entries.put(0, 1, at: &base)
    for index in columns.indices {
      let (start, number) = (columns[index].start, columns[index].number)
      switch (columns[index].kind, values[index]) {
      case (.numeric, .number(let x)) where x.isFinite:
        let x = x.clipped(ModelLimits.magnitude)
        numbers[number] = x
        let z = Float(moments[number].standardized(x)).clipped(Encoder.clip)
        if z != 0 { entries.put(start, z, at: &base) }
        hats?.put(x, number, into: &entries, at: &end)
      case (.categorical, .category(let level)):
        let found = levels.find(level, column: index)
        if found < 0 { hasUnseen = true }
        entries.put(found < 0 ? start : fixedSlots + found, 1, at: &base)
      case (.numeric, _):
        numbers[number] = .nan
        entries.put(start + 1, 1, at: &base)
      case (.categorical, _): entries.put(start + 1, 1, at: &base)
      case (.hashed, let value): entries.put(start + Encoder.bucket(of: value), 1, at: &base)
      case (.time, .number(let time)) where time.isFinite:
        let parts = TimeParts(milliseconds: time)
        entries.put(start + 1 + parts.hour, 1, at: &base)
        entries.put(start + 25 + parts.weekday, 1, at: &base)
      case (.time, _): entries.put(start, 1, at: &base)
      }
    }
    return (base, end - hatStart, hasUnseen)
  }

  private static func bucket(of value: Value) -> Int {
    guard case .category(let level) = value else { return 0 }
    return 1 + LevelTable.hash(level, column: 0) % Encoder.buckets
  }

  /// Gives slots to the names of a row that is about to be learned, where they are new and there is room. Returns
  /// whether there were any: the row is encoded anew then.
  mutating func admit(_ row: Row) -> Bool {
    let width = width
    for index in columns.indices where columns[index].kind == .categorical {
      guard case .category(let level) = row.values[index] else { continue }
      let found = levels.findOrAdmit(level, column: index)
      if found >= inputs.of.count - fixedSlots { addInput(index) }
    }
    return self.width > width
  }

  private mutating func addInput(_ column: Int) {
    inputs.append(column: column, rank: levels.count(of: column) - 1, other: columns[column].start)
  }

  /// Moves the statistics by a row that has been learned.
  mutating func follow(_ row: borrowing EncodedRow) {
    let numbers = row.numbers.span
    var moments = moments.mutableSpan
    for number in numbers.indices where !numbers[number].isNaN { moments[number].add(numbers[number]) }
    hats?.follow(numbers)
  }

  /// What an input of the network stands for, for a seed that no order of columns or arrival changes.
  func name(ofInput input: Int) -> (column: String, part: String) {
    let slot = inputs.slots[input]
    guard slot > 0 else { return ("", "bias") }
    let column = columns[inputs.columns[input]]
    return (column.name, slot < fixedSlots ? "\(slot - column.start)" : "=" + levels.entry(slot - fixedSlots).level)
  }
}

/// A column of the schema, and where its slots are.
struct EncodedColumn: Equatable, Sendable {
  let name: String
  let kind: Column.Kind
  /// Its first slot.
  let start: Int
  /// Numeric columns before it.
  let number: Int
}

extension Encoder {
  func encode(into writer: inout ByteWriter) {
    for moments in moments { moments.encode(into: &writer) }
    hats?.encode(into: &writer)
    levels.encode(into: &writer)
  }

  init(
    from reader: inout ByteReader, schema: Schema, constants: MixtureConstants, seed: UInt64
  ) throws(ByteError) {
    self.init(schema: schema, constants: constants, seed: seed)
    for number in moments.indices { moments[number] = try Moments(from: &reader) }
    try hats?.decode(from: &reader)
    try levels.decode(from: &reader, schema: schema)
    var ranks = [Int](repeating: 0, count: columns.count)
    for place in 0..<levels.count {
      let column = levels.entry(place).column
      inputs.append(column: column, rank: ranks[column], other: columns[column].start)
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
