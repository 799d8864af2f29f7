/// A graph of ONNX operators under construction: nodes in order of evaluation, named by what they give.
///
/// Names of its own begin with a prefix that no name of the caller's has.
struct Graph {
  /// ONNX's numbers.
  enum Element: Int {
    case single = 1
    case integer = 7
    case text = 8
    case double = 11
  }

  enum Attribute {
    case integer(Int)
    case integers([Int])
    case texts([String])
    case tensor(Tensor)
  }

  struct Tensor {
    let name: String
    let dimensions: [Int]
    let element: Element
    /// Little-endian.
    let bytes: [UInt8]
  }

  struct Node {
    let name: String
    let operation: String
    let isLearning: Bool
    let inputs: [String]
    let outputs: [String]
    let attributes: [(name: String, value: Attribute)]
  }

  struct Port {
    let name: String
    let element: Element
    /// Of the second dimension; the first is the number of rows.
    let width: Int
  }

  let name: String
  private let prefix: String
  private(set) var nodes: [Node] = []
  private(set) var tensors: [Tensor] = []
  private(set) var inputs: [Port] = []
  private(set) var outputs: [Port] = []
  private var axes: [Int: String] = [:]

  /// - Parameter taken: names that the caller gives to inputs.
  init(name: String, taken: [String]) {
    var prefix = "leeway/"
    while taken.contains(where: { $0.hasPrefix(prefix) }) { prefix = "_" + prefix }
    self.name = name
    self.prefix = prefix
  }

  mutating func input(_ name: String, _ element: Element) {
    inputs.append(Port(name: name, element: element, width: 1))
  }

  mutating func output(_ name: String, _ element: Element, width: Int, from value: String) {
    outputs.append(Port(name: name, element: element, width: width))
    nodes.append(
      Node(
        name: prefix + "output", operation: "Identity", isLearning: false, inputs: [value], outputs: [name],
        attributes: []))
  }

  /// One output.
  mutating func node(
    _ operation: String, _ inputs: String..., as name: String, _ attributes: [(name: String, value: Attribute)] = []
  ) -> String {
    append(operation, inputs, as: name, outputs: 1, attributes)[0]
  }

  mutating func concatenated(_ parts: [String], axis: Int = 1, as name: String) -> String {
    append("Concat", parts, as: name, outputs: 1, [("axis", .integer(axis))])[0]
  }

  /// Equal parts of the last axis.
  mutating func split(_ value: String, into count: Int, as name: String) -> [String] {
    append("Split", [value], as: name, outputs: count, [("axis", .integer(-1))])
  }

  /// Each text's number.
  mutating func lookUp(_ input: String, _ numbers: [(text: String, number: Int)], other: Int, as name: String) -> String
  {
    append(
      "LabelEncoder", [input], as: name, outputs: 1, isLearning: true,
      [
        ("default_int64", .integer(other)), ("keys_strings", .texts(numbers.map(\.text))),
        ("values_int64s", .integers(numbers.map(\.number))),
      ])[0]
  }

  private mutating func append(
    _ operation: String, _ inputs: [String], as name: String, outputs count: Int, isLearning: Bool = false,
    _ attributes: [(name: String, value: Attribute)]
  ) -> [String] {
    let name = prefix + name
    let outputs = count == 1 ? [name] : (0..<count).map { "\(name)/\($0)" }
    nodes.append(
      Node(
        name: name, operation: operation, isLearning: isLearning, inputs: inputs, outputs: outputs,
        attributes: attributes))
    return outputs
  }
}

// Constants.
extension Graph {
  mutating func constant(_ values: [Float], _ dimensions: [Int] = [], as name: String) -> String {
    constant(.single, values.map(\.bitPattern), dimensions, name)
  }

  mutating func constant(_ values: [Double], _ dimensions: [Int] = [], as name: String) -> String {
    constant(.double, values.map(\.bitPattern), dimensions, name)
  }

  mutating func constant(_ values: [Int], _ dimensions: [Int] = [], as name: String) -> String {
    constant(.integer, values.map(Int64.init), dimensions, name)
  }

  /// The axis as an operator's input.
  mutating func axis(_ axis: Int) -> String {
    if let known = axes[axis] { return known }
    let name = constant([axis], [1], as: "axis \(axis)")
    axes[axis] = name
    return name
  }

  private mutating func constant<Word: FixedWidthInteger>(
    _ element: Element, _ words: [Word], _ dimensions: [Int], _ name: String
  ) -> String {
    let tensor = Tensor(name: prefix + name, dimensions: dimensions, element: element, bytes: Tensor.bytes(words))
    tensors.append(tensor)
    return tensor.name
  }
}

extension Graph.Tensor {
  /// One element, for an attribute.
  init(_ value: Float) {
    self.init(name: "", dimensions: [1], element: .single, bytes: Self.bytes([value.bitPattern]))
  }

  init(_ value: Int) {
    self.init(name: "", dimensions: [1], element: .integer, bytes: Self.bytes([Int64(value)]))
  }

  fileprivate static func bytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.count * MemoryLayout<Word>.size)
    for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }
}
