/// The values of one row, one per column of the schema that made it: numeric columns hold a finite number or nothing,
/// categorical ones text or nothing.
public struct Row: Hashable, Sendable {
  public let values: [Value]

  @usableFromInline init(values: [Value]) {
    self.values = values
  }
}

extension Schema {
  /// The row of these features. Absent names are missing, names that the schema lacks are ignored, and the last of a
  /// repeated name counts. In a numeric column a string is parsed as a decimal number or else missing, NaN and
  /// infinity are missing; in a categorical column a number becomes its shortest decimal text (`3`, `0.5`).
  ///
  /// Fastest where names come in the schema's order; otherwise one look-up a name.
  @inlinable
  public func row(from features: some Collection<(name: String, value: Value)>) -> Row {
    var values = [Value](repeating: .missing, count: columns.count)
    var expected = 0
    for (name, value) in features {
      if expected < columns.count, columns[expected].name == name {
        values[expected] = fitted(value, to: columns[expected].kind)
        expected += 1
      } else if let position = positions[name] {
        values[position] = fitted(value, to: columns[position].kind)
        expected = position + 1
      }
    }
    return Row(values: values)
  }

  @usableFromInline
  func fitted(_ value: Value, to kind: Column.Kind) -> Value {
    switch kind {
    case .numeric, .time: value.asNumber
    case .categorical, .hashed: value.asCategory
    }
  }
}
