import Bytes

/// A row as the experts see it: the slots that are not zero, and their values.
struct SparseRow {
  private(set) var slots: [Int32] = []
  private(set) var values: [Double] = []

  init(reserving capacity: Int) {
    slots.reserveCapacity(capacity)
    values.reserveCapacity(capacity)
  }

  mutating func clear() {
    slots.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  mutating func append(_ slot: Int, _ value: Double) {
    slots.append(Int32(truncatingIfNeeded: slot))
    values.append(value)
  }
}

/// Rows to sparse vectors. Slot 0 is the bias. A numeric column has a slot for its standardised value, clipped to ±5
/// and left out where it is 0, and one that is 1 where the value is missing. A categorical column has a slot for
/// levels without one of their own (never learned, or learned after the table was full), one for missing, and one for
/// each level of its table, added at the end in order of arrival.
///
/// Only a row that is learned moves the statistics.
struct Encoder: Equatable, Sendable {
  static let clip = 5.0

  private let kinds: [Column.Kind]
  /// By column; categorical ones never move theirs.
  private var moments: [Moments]
  private var levels: LevelTable

  /// Number of slots so far.
  var width: Int { fixedSlots + levels.count }
  /// Entries that a sparse row can have.
  var capacity: Int { 1 + kinds.count }
  private var fixedSlots: Int { 1 + 2 * kinds.count }

  init(schema: Schema, family: Family) {
    kinds = schema.columns.map(\.kind)
    moments = [Moments](repeating: Moments(), count: kinds.count)
    let lanes = family.processNoises.count * schema.task.outputs
    levels = LevelTable(
      columns: kinds.count, limit: family.levelLimit,
      total: max(0, ModelLimits.weights / lanes - (1 + 2 * kinds.count)))
  }

  /// The column's slot for its number, or for levels without their own; the next slot is for missing.
  private static func slot(of column: Int) -> Int { 1 + 2 * column }

  /// Encodes by the statistics as they stand.
  func encode(_ row: Row, into sparse: inout SparseRow) {
    sparse.clear()
    sparse.append(0, 1)
    for column in kinds.indices {
      let slot = Encoder.slot(of: column)
      switch (kinds[column], row.values[column]) {
      case (.numeric, .number(let x)) where x.isFinite: append(x, column, &sparse)
      case (.categorical, .category(let level)):
        let found = levels.find(level, column: column)
        sparse.append(found < 0 ? slot : fixedSlots + found, 1)
      default: sparse.append(slot + 1, 1)
      }
    }
  }

  /// Moves the statistics by a row that is about to be learned, and encodes it by the moved ones.
  mutating func learn(_ row: Row, into sparse: inout SparseRow) {
    sparse.clear()
    sparse.append(0, 1)
    for column in kinds.indices {
      let slot = Encoder.slot(of: column)
      switch (kinds[column], row.values[column]) {
      case (.numeric, .number(let x)) where x.isFinite:
        moments[column].add(x)
        append(x, column, &sparse)
      case (.categorical, .category(let level)):
        let found = levels.findOrAdmit(level, column: column)
        sparse.append(found < 0 ? slot : fixedSlots + found, 1)
      default: sparse.append(slot + 1, 1)
      }
    }
  }

  private func append(_ x: Double, _ column: Int, _ sparse: inout SparseRow) {
    let z = moments[column].standardized(x)
    if z != 0 { sparse.append(Encoder.slot(of: column), z.clipped(Encoder.clip)) }
  }
}

extension Encoder {
  func encode(into writer: inout ByteWriter) {
    for column in kinds.indices where kinds[column] == .numeric { moments[column].encode(into: &writer) }
    levels.encode(into: &writer)
  }

  init(from reader: inout ByteReader, schema: Schema, family: Family) throws(ByteError) {
    self.init(schema: schema, family: family)
    for column in kinds.indices where kinds[column] == .numeric { moments[column] = try Moments(from: &reader) }
    try levels.decode(from: &reader, schema: schema)
  }
}
