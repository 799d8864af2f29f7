/// One named input of a model.
public struct Column: Hashable, Sendable {
  public enum Kind: String, Sendable {
    case numeric, categorical
    /// Names that share a fixed number of weights: for columns with more levels than a table should hold.
    case hashed
    /// A time, of which hour and weekday (UTC) count: milliseconds since 1970.
    case time
  }

  public let name: String
  public let kind: Kind

  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// What a model reads and what it predicts. A schema is fixed for the life of a model; every name is resolved to a
/// dense index here, so that learning and scoring see no names.
public struct Schema: Hashable, Sendable {
  public let task: Task
  public let columns: [Column]
  @usableFromInline let positions: [String: Int]

  /// Throws an error of code `schema` for no column or too many, a name that is empty, too long or used twice, for
  /// classes that are fewer than two, too many or repeated, and for more columns and classes together than a model
  /// has weights for.
  public init(task: Task, columns: [Column]) throws(ModelError) {
    try task.validate()
    guard (1...ModelLimits.columns).contains(columns.count) else {
      throw ModelError(.schema, "\(columns.count) columns; a model has 1 to \(ModelLimits.columns)")
    }
    for column in columns where !(1...ModelLimits.nameLength).contains(column.name.utf8.count) {
      throw ModelError(
        .schema, "column name \"\(column.name.prefix(40))\" must have 1 to \(ModelLimits.nameLength) bytes")
    }
    guard columns.count(where: { $0.kind == .hashed }) <= ModelLimits.hashedColumns else {
      throw ModelError(.schema, "more than \(ModelLimits.hashedColumns) hashed columns; make the others categorical")
    }
    let weights = task.outputs * columns.reduce(1) { $0 + $1.kind.fixedSlots }
    guard weights <= ModelLimits.fixedWeights else {
      throw ModelError(
        .schema,
        "\(columns.count) columns for \(task.outputs) classes need \(weights) weights, and a model has at most "
          + "\(ModelLimits.fixedWeights): drop columns, or have fewer of hashed names or times")
    }
    let positions = Dictionary(columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard positions.count == columns.count else { throw ModelError(.schema, "a column is listed twice") }
    self.task = task
    self.columns = columns
    self.positions = positions
  }

  public static func == (one: Schema, other: Schema) -> Bool {
    one.task == other.task && one.columns == other.columns
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(task)
    hasher.combine(columns)
  }
}
