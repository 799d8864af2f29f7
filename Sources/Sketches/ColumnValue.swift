/// One cell of a row as the sketches see it.
public enum ColumnValue: Hashable, Sendable {
  case number(Double)
  case category(String)
  case missing
}

/// How a column's values are counted.
public enum ColumnKind: UInt8, Hashable, Sendable, CaseIterable {
  case numeric = 0
  case category = 1
}
