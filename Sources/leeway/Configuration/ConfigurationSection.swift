import Yams

/// The keys that one section knows, as they are written in the file.
protocol ConfigurationKey: RawRepresentable, CaseIterable where RawValue == String {}

/// A section of a configuration file whose keys have been checked: every one is known.
struct ConfigurationSection<Key: ConfigurationKey> {
  /// Where the section lies.
  let node: ConfigurationNode
  private var values: [String: ConfigurationNode] = [:]

  /// - Throws: where the value is not a section, or holds a key that is unknown or not text.
  init(_ node: ConfigurationNode) throws(CommandError) {
    self.node = node
    if node.isEmpty { return }
    guard case .mapping(let mapping) = node.node else { throw node.error(expected: "a section: keys with values") }
    let known = Key.allCases.map(\.rawValue)
    for (key, value) in mapping {
      let place = ConfigurationNode(node: key, file: node.file, path: node.path)
      guard case .scalar(let scalar) = key else { throw place.error(expected: "a key") }
      guard known.contains(scalar.string) else {
        let nearest = Spelling.nearest(to: scalar.string, among: known)
        throw place.error(
          "unknown key \"\(scalar.string)\"",
          remedy: nearest.map { "did you mean \"\($0)\"?" } ?? "the keys here are \(known.joined(separator: ", "))")
      }
      let path = node.path.isEmpty ? scalar.string : "\(node.path).\(scalar.string)"
      values[scalar.string] = ConfigurationNode(node: value, file: node.file, path: path)
    }
  }

  subscript(key: Key) -> ConfigurationNode? { values[key.rawValue] }

  /// The place to blame for a key: its value's, else the section's.
  func place(of key: Key) -> ConfigurationNode { self[key] ?? node }

  func section<Inner: ConfigurationKey>(
    _ key: Key, keys: Inner.Type = Inner.self
  ) throws(CommandError) -> ConfigurationSection<Inner>? {
    guard let value = self[key] else { return nil }
    return try ConfigurationSection<Inner>(value)
  }

  // Each of these leaves `target`, and so the default, as it is where the key is absent.

  func text(_ key: Key, _ target: inout String) throws(CommandError) {
    if let value = self[key] { target = try value.text() }
  }

  func flag(_ key: Key, _ target: inout Bool) throws(CommandError) {
    if let value = self[key] { target = try value.flag() }
  }

  func integer(_ key: Key, _ target: inout Int, in range: ClosedRange<Int>) throws(CommandError) {
    if let value = self[key] { target = try value.integer(in: range) }
  }

  func optionalInteger(_ key: Key, _ target: inout Int?, in range: ClosedRange<Int>) throws(CommandError) {
    if let value = self[key] { target = value.isOff ? nil : try value.integer(in: range) }
  }

  func number(_ key: Key, _ target: inout Double, in range: ClosedRange<Double>) throws(CommandError) {
    if let value = self[key] { target = try value.number(in: range) }
  }

  func optionalNumber(_ key: Key, _ target: inout Double?, in range: ClosedRange<Double>) throws(CommandError) {
    if let value = self[key] { target = value.isOff ? nil : try value.number(in: range) }
  }

  func fraction(_ key: Key, _ target: inout Double, in range: ClosedRange<Double>) throws(CommandError) {
    if let value = self[key] { target = try value.fraction(in: range) }
  }

  func optionalFraction(_ key: Key, _ target: inout Double?, in range: ClosedRange<Double>) throws(CommandError) {
    if let value = self[key] { target = value.isOff ? nil : try value.fraction(in: range) }
  }

  func duration(_ key: Key, _ target: inout Int64, in range: ClosedRange<Int64>) throws(CommandError) {
    if let value = self[key] { target = try value.duration(in: range) }
  }

  func optionalDuration(_ key: Key, _ target: inout Int64?, in range: ClosedRange<Int64>) throws(CommandError) {
    if let value = self[key] { target = value.isOff ? nil : try value.duration(in: range) }
  }

  func choice<T: RawRepresentable & CaseIterable>(_ key: Key, _ target: inout T) throws(CommandError)
  where T.RawValue == String {
    if let value = self[key] { target = try value.choice(T.self) }
  }

  func names(_ key: Key, _ target: inout [String]) throws(CommandError) {
    if let value = self[key] { target = try value.names() }
  }
}
