public import Bytes
public import Sketches

/// Where a derived column takes its value from.
public enum ColumnSource: Hashable, Sendable {
  /// By position in the reference's columns.
  case column(Int)
  case prediction

  func encode(into writer: inout ByteWriter) {
    switch self {
    case .prediction: writer.append(count: 0)
    case .column(let index): writer.append(count: index + 1)
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    let value = try reader.index()
    self = value == 0 ? .prediction : .column(value - 1)
  }

  func value(of row: [ColumnValue], prediction: ColumnValue) -> ColumnValue {
    switch self {
    case .prediction: prediction
    case .column(let index): index < row.count ? row[index] : .missing
    }
  }

  /// Tells the random parts of one row's columns apart.
  var salt: UInt64 {
    switch self {
    case .prediction: .max
    case .column(let index): UInt64(index)
    }
  }
}

/// How a derived column's value follows from a row.
public enum Derivation: Hashable, Sendable {
  /// The column's rank among reference values of the same part of a cycle, such as the same hour of the day.
  case season(column: ColumnSource, SeasonRanks)
  /// How far the row departs from the reference's dependence between columns.
  case joint(JointProjection)
  /// Which combination of halves of up to five columns the row shows.
  case pattern(JointPattern)

  /// The value to be counted in a sketch over the derived column's bins. No random generator: `hash` decides between
  /// equals, and must be the same for a row wherever it is counted.
  ///
  /// - Parameter time: the row's event time, milliseconds.
  public func value(row: [ColumnValue], prediction: ColumnValue = .missing, time: Int64, hash: UInt64) -> ColumnValue {
    switch self {
    case .season(let column, let ranks):
      guard case .number(let number) = column.value(of: row, prediction: prediction),
        number.magnitude <= SketchLimits.magnitude
      else { return .missing }
      return .number(Double(ranks.bin(of: number, time: time, chance: RowHash.unit(hash, salt: column.salt))))
    case .joint(let projection): return .number(projection.value(of: row))
    case .pattern(let pattern): return .number(pattern.value(of: row))
    }
  }

  /// The column that is watched no longer, because this one is watched instead.
  public var replaces: ColumnSource? {
    switch self {
    case .season(let column, _): column
    case .joint, .pattern: nil
    }
  }

  /// Whether the columns that it reads are there.
  public func fits(columns: Int, prediction: Bool) -> Bool {
    switch self {
    case .season(.column(let index), _): index < columns
    case .season(.prediction, _): prediction
    case .joint(let projection): projection.columns.allSatisfy { $0 < columns }
    case .pattern(let pattern): pattern.halves.allSatisfy { $0.column < columns }
    }
  }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .season(let column, let ranks):
      writer.append(UInt8(0))
      column.encode(into: &writer)
      ranks.encode(into: &writer)
    case .joint(let projection):
      writer.append(UInt8(1))
      projection.encode(into: &writer)
    case .pattern(let pattern):
      writer.append(UInt8(2))
      pattern.encode(into: &writer)
    }
  }

  /// - Throws: `ByteError` for an unknown kind of derivation or figures that none has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    switch try reader.byte() {
    case 0: self = .season(column: try ColumnSource(from: &reader), try SeasonRanks(from: &reader))
    case 1: self = .joint(try JointProjection(from: &reader))
    case 2: self = .pattern(try JointPattern(from: &reader))
    case let kind: throw reader.failure("a derivation of kind \(kind)")
    }
  }
}

/// A column that is computed from a row, counted in an ordinary sketch and watched like any other.
public struct DerivedColumn: Hashable, Sendable {
  /// Under its own name, with numeric bins.
  public let column: ColumnReference
  public let derivation: Derivation

  public init(column: ColumnReference, derivation: Derivation) {
    self.column = column
    self.derivation = derivation
  }

  public func encode(into writer: inout ByteWriter) {
    column.encode(into: &writer)
    derivation.encode(into: &writer)
  }

  public init(from reader: inout ByteReader) throws(ByteError) {
    column = try ColumnReference(from: &reader)
    derivation = try Derivation(from: &reader)
  }
}
