import Events

/// What a cell says.
extension CSVRow {
  /// What stands in tables where there is no value, beside the empty cell.
  private static let missing: Set<String> = [
    "?", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None",
  ]

  /// A cell as an event carries it.
  func value(_ index: Int) -> FeatureValue {
    if let number = number(index) { return .number(number) }
    guard let text = text(index), !Self.missing.contains(text) else { return .missing }
    return .category(text)
  }

  /// A label; `nil` where the cell holds no value.
  func label(_ index: Int) -> LabelValue? {
    switch value(index) {
    case .number(let number): .number(number)
    case .category(let text): .category(text)
    case .missing: nil
    }
  }

  /// A cell with RFC 3339 text, or with the parts of it that tables usually have: the offset may be missing, which then
  /// is UTC, the seconds, and the time of day. `nil` for anything else.
  func time(_ index: Int) -> Milliseconds? {
    guard let text = text(index) else { return nil }
    return ["", "Z", ":00Z", "T00:00:00Z"].lazy.compactMap { RFC3339.parse(Array((text + $0).utf8)[...]) }.first
  }
}
