public import Bytes

/// A JSON text as a tree, for records that are read rarely. Each node knows where it stands, so that the accessors'
/// errors name the place; `read` adds the path.
public struct JSON: Sendable {
  public enum Value: Sendable {
    case null
    case bool(Bool)
    /// A whole number without fraction or exponent, exact.
    case integer(Int64)
    /// The same, above `Int64.max`.
    case unsigned(UInt64)
    case number(Double)
    case text(String)
    case array([JSON])
    /// Members in the order of the text; no name stands twice.
    case object([Member])
  }

  public struct Member: Sendable {
    public let name: String
    public let value: JSON
  }

  public let value: Value
  let position: Int

  /// Reads `bytes` from end to end and hands the tree to `body`; errors of both come out with their paths.
  public static func read<T>(
    _ bytes: ByteSlice, _ body: (JSON) throws(EventError) -> T
  ) throws(EventError) -> T {
    try JSONScanner.read(bytes) { (scanner) throws(EventError) in try body(try scanner.tree()) }
  }
}

extension JSONScanner {
  /// Reads one value of any kind. Recursion is bounded by `Limits.depth`.
  mutating func tree() throws(EventError) -> JSON {
    let kind = try peek()
    let start = next
    let value: JSON.Value =
      switch kind {
      case .null: try nullValue()
      case .bool: .bool(try bool())
      case .number: try numberValue()
      case .text: .text(try text())
      case .array: .array(try array { (scanner) throws(EventError) in try scanner.tree() })
      case .object: .object(try members())
      }
    return JSON(value: value, position: start)
  }

  private mutating func nullValue() throws(EventError) -> JSON.Value {
    try null()
    return .null
  }

  private mutating func numberValue() throws(EventError) -> JSON.Value {
    let token = try numberToken()
    if token.isInteger, token.isExact {
      let magnitude = token.mantissa
      if token.isNegative, magnitude > 0, magnitude <= 1 << 63 {
        return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
      }
      if !token.isNegative { return magnitude <= UInt64(Int64.max) ? .integer(Int64(magnitude)) : .unsigned(magnitude) }
    }
    return .number(try double(token))
  }

  private mutating func members() throws(EventError) -> [JSON.Member] {
    try open(UInt8(ascii: "{"), "an object")
    var members: [JSON.Member] = []
    var names: Set<String> = []
    var first = true
    while try more(&first, until: UInt8(ascii: "}")) {
      let start = next
      let name = try string(try name())
      guard names.insert(name).inserted else { throw EventError(.duplicateField, at: start, "stands twice") }
      members.append(JSON.Member(name: name, value: try tree()))
    }
    return members
  }
}
