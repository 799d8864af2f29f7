import Models
import TestSupport
import Testing

/// A message of Protocol Buffers as its bytes say: fields in order, by number.
struct Message {
  enum Value {
    case integer(UInt64)
    case bytes([UInt8])
  }

  let fields: [(number: UInt64, value: Value)]

  init(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    var fields: [(number: UInt64, value: Value)] = []
    while !rest.isEmpty {
      let key = try Message.integer(&rest)
      switch key & 7 {
      case 0: fields.append((key >> 3, .integer(try Message.integer(&rest))))
      case 2:
        let length = Int(try Message.integer(&rest))
        try #require(length <= rest.count)
        fields.append((key >> 3, .bytes(Array(rest.prefix(length)))))
        rest = rest.dropFirst(length)
      default: Issue.record("wire type \(key & 7)")
      }
    }
    self.fields = fields
  }

  private static func integer(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    for place in 0..<10 {
      guard let byte = rest.popFirst() else { break }
      value |= UInt64(byte & 0x7f) << UInt64(7 * place)
      if byte < 0x80 { return value }
    }
    throw Failure()
  }

  private struct Failure: Error {}

  func integers(_ number: UInt64) -> [Int] {
    fields.compactMap { field in
      if field.number == number, case .integer(let value) = field.value { Int(truncatingIfNeeded: value) } else { nil }
    }
  }

  func bytes(_ number: UInt64) -> [[UInt8]] {
    fields.compactMap { field in
      if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
    }
  }

  func texts(_ number: UInt64) -> [String] { bytes(number).map { String(decoding: $0, as: UTF8.self) } }

  func messages(_ number: UInt64) throws -> [Message] { try bytes(number).map(Message.init) }
}

/// A model file, taken apart and held to what every reader of ONNX expects.
struct ModelFile {
  let message: Message
  let inputs: [String]
  let output: String
  /// By name: dimensions, and the numbers of those that are not whole.
  let tensors: [(name: String, dimensions: [Int], values: [Double])]

  init(_ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) throws {
    message = try Message(bytes)
    let graph = try #require(try message.messages(7).first)
    let ports = try (graph.messages(11) + graph.messages(12)).map { try #require($0.texts(1).first) }
    inputs = try graph.messages(11).map { try #require($0.texts(1).first) }
    output = try #require(ports.last)
    tensors = try graph.messages(5).map { tensor in
      let raw = try #require(tensor.bytes(9).first)
      let size = tensor.integers(1).reduce(1, *)
      let element = try #require(tensor.integers(2).first)
      #expect(raw.count == size * (element == 1 ? 4 : 8), "\(tensor.texts(8))", sourceLocation: place)
      return (try #require(tensor.texts(8).first), tensor.integers(1), Self.numbers(raw, element))
    }
    var known = Set(inputs)
    for tensor in tensors { #expect(known.insert(tensor.name).inserted, "\(tensor.name)", sourceLocation: place) }
    var nodes: Set<String> = []
    for node in try graph.messages(1) {
      let missing = node.texts(1).filter { !known.contains($0) }
      #expect(missing.isEmpty, "\(node.texts(3)) reads \(missing)", sourceLocation: place)
      for name in node.texts(2) { #expect(known.insert(name).inserted, "\(name)", sourceLocation: place) }
      for name in node.texts(3) { #expect(nodes.insert(name).inserted, "\(name)", sourceLocation: place) }
    }
    #expect(known.contains(output) && !inputs.contains(output), sourceLocation: place)
  }

  private static func numbers(_ raw: [UInt8], _ element: Int) -> [Double] {
    raw.withUnsafeBytes { raw in
      switch element {
      case 1: (0..<raw.count / 4).map { Double(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
      case 11: (0..<raw.count / 8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      default: []
      }
    }
  }
}

let everyTask: [Task] = [.regression, .binary, .multiclass(classes: ["a", "b", "c d"])]

extension Schema {
  /// Every kind of column that can be exported, some of them with nothing to learn from.
  static func odd(_ task: Task) throws -> Schema {
    try Schema(
      task: task,
      columns: [
        Column(name: "k", kind: .categorical), Column(name: "x", kind: .numeric),
        Column(name: "with gaps", kind: .numeric), Column(name: "when", kind: .time),
        Column(name: "constant", kind: .numeric), Column(name: "never", kind: .numeric),
        Column(name: "naïve \"quote\",\n🙂/\\{}", kind: .categorical), Column(name: "two values", kind: .numeric),
        Column(name: "score", kind: .numeric),
      ])
  }

  func row(_ values: [Value]) -> Row {
    row(from: zip(columns, values).map { (name: $0.name, value: $1) })
  }
}

/// Rows of the odd schema, as values.
func oddValues(_ count: Int, seed: UInt64, levels: Int = 300) -> [[Value]] {
  var random = SplitMix64(seed: seed)
  return (0..<count).map { row in
    let x = random.normal()
    let k = random.below(6)
    return [
      .category("level-\(k)"), .number(x), random.below(4) == 0 ? .missing : .number(1e6 + 300 * random.normal()),
      random.below(9) == 0 ? .missing : .number(1.7e12 + 1e7 * Double(row) + random.uniform()),
      .number(5), .missing, random.below(10) == 0 ? .missing : .category("é\u{301} \(random.below(levels)) 🙂"),
      .number(random.below(3) == 0 ? 1 : 0), .number(random.normal() * random.normal() * random.normal()),
    ]
  }
}

/// Values that nobody has learned, and some that nobody should send.
func hostileValues() -> [[Value]] {
  let numbers: [Double] = [
    0, -0.0, 1, 5, 1e6, -1e6, 1e12, 1e100, 1e101, -1e308, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .nan,
    .infinity,
    -.infinity, 1.7e12, 3.6e6 - 0.5, -1, -3.6e6, -86_400_000, -86_399_999.9, 1e16, -1e16, 1e17,
  ]
  let texts = ["level-1", "level-1 ", "LEVEL-1", "e\u{301}\u{301} 7 🙂", "é\u{301} 7 🙂", "never", "\u{fffd}", "0", "☃"]
  return numbers.enumerated().map { index, number in
    let text = Value.category(texts[index % texts.count])
    return [
      text, .number(number), .number(number), .number(number), .number(number), .number(number), text,
      .number(number), .number(number),
    ]
  } + [[Value](repeating: .missing, count: 9)]
}

/// Labels that follow the rows of the odd schema.
func target(_ values: [Value], _ task: Task) -> Target {
  var score = 0.0
  if case .number(let x) = values[1] { score += x }
  if case .category(let name) = values[0] { score += name < "level-2" ? 1 : -0.5 }
  if case .number(let y) = values[2] { score += (y - 1e6) / 400 }
  switch task {
  case .regression: return .number(max(0, 1_000 + 250 * score))
  case .binary: return .number(score > 0 ? 1 : 0)
  case .multiclass(let classes): return .category(classes[score < -0.7 ? 0 : score < 0.7 ? 1 : 2])
  }
}

func oddModel(_ family: Family, _ task: Task, rows: Int, levels: Int = 300) throws -> Model {
  let schema = try Schema.odd(task)
  var model = Model(schema: schema, family: family, seed: 3)
  model.learn(oddValues(rows, seed: 11, levels: levels).map { (schema.row($0), target($0, task)) })
  return model
}
