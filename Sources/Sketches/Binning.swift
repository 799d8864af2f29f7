public import Bytes

/// The frozen bins of one column: where a value is counted, the same for a reference and for all that is compared
/// with it.
public enum Binning: Hashable, Sendable {
  case numeric(NumericBinning)
  case categories(CategoryBinning)

  public var kind: ColumnKind {
    switch self {
    case .numeric: .numeric
    case .categories: .category
    }
  }

  public var binCount: Int {
    switch self {
    case .numeric(let binning): binning.binCount
    case .categories(let binning): binning.binCount
    }
  }

  /// Nil for a categorical column. (The caller's own `switch` would retain the edges.)
  @inline(__always)
  func bin(ofNumber number: Double) -> Int? {
    guard case .numeric(let binning) = self else { return nil }
    return binning.bin(of: number)
  }

  /// The bin of a value; nil for what is missing or cannot be one of the column's. In a categorical column a number is
  /// the level that it names.
  public func bin(of value: ColumnValue) -> Int? {
    switch (self, value) {
    case (.numeric(let binning), .number(let number)) where number.magnitude <= SketchLimits.magnitude:
      binning.bin(of: number)
    case (.categories(let binning), .category(let level)): binning.bin(of: level)
    case (.categories(let binning), .number(let number)) where number.magnitude <= SketchLimits.magnitude:
      binning.bin(of: ColumnValue.level(of: number))
    default: nil
    }
  }

  /// What a person reads for a bin: an interval, open below and closed above, or a level's name.
  public func label(of bin: Int) -> String {
    switch self {
    case .numeric(let binning): binning.label(of: bin)
    case .categories(let binning): binning.label(of: bin)
    }
  }

  public func encode(into writer: inout ByteWriter) {
    writer.append(kind.rawValue)
    switch self {
    case .numeric(let binning): binning.encode(into: &writer)
    case .categories(let binning): binning.encode(into: &writer)
    }
  }

  /// - Throws: `ByteError` for an unknown kind of column, or bins that no reference makes.
  public init(from reader: inout ByteReader) throws(ByteError) {
    guard let kind = ColumnKind(rawValue: try reader.byte()) else {
      throw reader.failure("no such kind of column")
    }
    switch kind {
    case .numeric: self = .numeric(try NumericBinning(from: &reader))
    case .category: self = .categories(try CategoryBinning(from: &reader))
    }
  }
}
