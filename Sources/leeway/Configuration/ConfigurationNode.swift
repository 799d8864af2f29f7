import Yams

/// One value of a configuration file with its place, and its conversions. Each conversion takes exactly what the
/// documentation of its key says and throws an error that names file, line, key, and what was expected.
struct ConfigurationNode {
  let node: Yams.Node
  let file: String
  /// The key with those it lies under, such as `monitor.drift.alpha` or `models[0].name`; empty at the root.
  let path: String

  var place: String { "\(file):\(node.mark?.line ?? 1)" }

  func error(expected: String) -> CommandError {
    CommandError("\(key)found \(shown)", at: place, remedy: "expected \(expected)")
  }

  func error(_ problem: String, remedy: String? = nil) -> CommandError {
    CommandError("\(key)\(problem)", at: place, remedy: remedy)
  }

  private var key: String { path.isEmpty ? "" : "\(path): " }

  private var shown: String {
    switch node {
    case .scalar(let scalar) where isNull(scalar): "nothing"
    case .scalar(let scalar):
      "\"\(scalar.string.prefix(60))\"" + (scalar.style == .plain ? "" : " in quotes, which is text")
    case .mapping: "a section"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  /// Whether the key stands there without a value.
  var isEmpty: Bool {
    if case .scalar(let scalar) = node { return isNull(scalar) }
    return false
  }

  private func isNull(_ scalar: Yams.Node.Scalar) -> Bool {
    scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// The text of an unquoted scalar: what a number, a duration or a switch must be.
  private var plain: String? {
    guard case .scalar(let scalar) = node, scalar.style == .plain, !isNull(scalar) else { return nil }
    return scalar.string
  }

  func text(_ expected: String = "text") throws(CommandError) -> String {
    guard case .scalar(let scalar) = node, !isNull(scalar) else { throw error(expected: expected) }
    return scalar.string
  }

  func flag() throws(CommandError) -> Bool {
    switch plain {
    case "true": return true
    case "false": return false
    default: throw error(expected: "true or false")
    }
  }

  func integer(in range: ClosedRange<Int>) throws(CommandError) -> Int {
    guard let value = plain.flatMap(Int.init), range.contains(value) else {
      throw error(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func number(in range: ClosedRange<Double>) throws(CommandError) -> Double {
    guard let value = plain.flatMap({ DecimalNumber.parse(Array($0.utf8)[...]) }), range.contains(value) else {
      throw error(expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A share, written as `20%` or `0.2`.
  func fraction(in range: ClosedRange<Double>) throws(CommandError) -> Double {
    guard let value = plain.flatMap(Quantity.fraction), range.contains(value) else {
      let low = Quantity.shown(percent: range.lowerBound)
      throw error(expected: "a share from \(low) to \(Quantity.shown(percent: range.upperBound)), such as 20% or 0.2")
    }
    return value
  }

  /// Milliseconds, written as a number and a unit.
  func duration(in range: ClosedRange<Int64>) throws(CommandError) -> Int64 {
    guard let value = plain.flatMap(Quantity.milliseconds), range.contains(value) else {
      let low = Quantity.shown(milliseconds: range.lowerBound)
      let high = Quantity.shown(milliseconds: range.upperBound)
      throw error(expected: "a duration from \(low) to \(high), such as 250ms, 10s, 5m, 12h or 7d")
    }
    return value
  }

  /// Bytes, written as a number and a unit.
  func size(in range: ClosedRange<Int64>) throws(CommandError) -> Int64 {
    guard let value = plain.flatMap(Quantity.bytes), range.contains(value) else {
      let low = Quantity.shown(bytes: range.lowerBound)
      throw error(expected: "a size from \(low) to \(Quantity.shown(bytes: range.upperBound)), such as 512KB or 16MB")
    }
    return value
  }

  /// Nanoseconds, written as a number and a unit.
  func nanoseconds() throws(CommandError) -> Double {
    guard let value = plain.flatMap(Quantity.nanoseconds), value > 0 else {
      throw error(expected: "a time such as 500ns, 20us or 1ms")
    }
    return Double(value)
  }

  func choice<T: RawRepresentable & CaseIterable>(_ type: T.Type) throws(CommandError) -> T where T.RawValue == String {
    let names = T.allCases.map(\.rawValue)
    let expected = names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))"
    let text = try text(expected)
    guard let value = T(rawValue: text) else { throw error(expected: expected) }
    return value
  }

  /// Whether the value says that something is not wanted.
  var isOff: Bool { plain == "off" }

  func list() throws(CommandError) -> [ConfigurationNode] {
    if isEmpty { return [] }
    guard case .sequence(let sequence) = node else { throw error(expected: "a list") }
    return sequence.enumerated().map { index, node in
      ConfigurationNode(node: node, file: file, path: "\(path)[\(index)]")
    }
  }

  /// Names that differ from one another and are not empty.
  func names() throws(CommandError) -> [String] {
    var names: [String] = []
    for item in try list() {
      let name = try item.text("a name")
      guard !name.isEmpty else { throw item.error(expected: "a name") }
      guard !names.contains(name) else { throw item.error("\"\(name)\" stands in the list twice") }
      names.append(name)
    }
    return names
  }
}
