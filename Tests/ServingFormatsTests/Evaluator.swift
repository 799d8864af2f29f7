import Foundation
import Testing

/// A tensor of an evaluation: texts, or numbers of any element type as doubles, rounded to that type.
struct Tensor {
  static let single = 1
  static let integer = 7
  static let text = 8
  static let flag = 9
  static let double = 11

  var element: Int
  var dimensions: [Int]
  var values: [Double] = []
  var texts: [String] = []

  /// Sums, products and quotients of two singles, rounded from double to single, are what single precision gives.
  fileprivate init(_ element: Int, _ dimensions: [Int], _ values: [Double]) {
    (self.element, self.dimensions) = (element, dimensions)
    self.values = element == Tensor.single ? values.map { Double(Float($0)) } : values
  }

  init(numbers: [Double]) {
    self.init(Tensor.double, [numbers.count, 1], numbers)
  }

  init(texts: [String]) {
    self.init(Tensor.text, [texts.count, 1], [])
    self.texts = texts
  }

  /// Sizes before, of and behind an axis.
  fileprivate func sizes(around axis: Int) -> (outer: Int, length: Int, inner: Int) {
    (
      dimensions[..<axis].reduce(1, *), dimensions[axis], dimensions[(axis + 1)...].reduce(1, *)
    )
  }
}

/// Computes a model file operator by operator, as ONNX specifies the few that ours have, with no regard to speed.
struct Evaluator {
  private let nodes: [Message]
  private var constants: [String: Tensor] = [:]
  private let output: String

  init(_ bytes: [UInt8]) throws {
    let graph = try #require(try Message(bytes).messages(7).first)
    nodes = try graph.messages(1)
    output = try #require(try graph.messages(12).first?.texts(1).first)
    for tensor in try graph.messages(5) { constants[tensor.texts(8)[0]] = try Evaluator.constant(tensor) }
  }

  private static func constant(_ message: Message) throws -> Tensor {
    let element = try #require(message.integers(2).first)
    let raw = try #require(message.bytes(9).first)
    let values = raw.withUnsafeBytes { raw in
      switch element {
      case Tensor.single:
        (0..<raw.count / 4).map { Double(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
      case Tensor.integer:
        (0..<raw.count / 8).map { Double(raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
      default: (0..<raw.count / 8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      }
    }
    return Tensor(element, message.integers(1), values)
  }

  /// The output's rows.
  func callAsFunction(_ inputs: [String: Tensor]) throws -> [[Double]] {
    var known = constants.merging(inputs) { $1 }
    for node in nodes {
      let tensors = try node.texts(1).map { try #require(known[$0], "\($0)") }
      let attributes = try node.messages(5).reduce(into: [:]) { $0[$1.texts(1)[0]] = $1 }
      let results = try Evaluator.evaluate(try #require(node.texts(4).first), tensors, attributes, node.texts(2).count)
      for (name, result) in zip(node.texts(2), results) { known[name] = result }
    }
    let result = try #require(known[output])
    let width = result.dimensions[1]
    return (0..<result.dimensions[0]).map { Array(result.values[$0 * width..<($0 + 1) * width]) }
  }

  private static func evaluate(
    _ operation: String, _ x: [Tensor], _ attributes: [String: Message], _ outputs: Int
  ) throws -> [Tensor] {
    let element = x[0].element
    func axis(_ otherwise: Int = 0) -> Int {
      let axis = attributes["axis"]?.integers(3).first ?? otherwise
      return axis < 0 ? axis + x[0].dimensions.count : axis
    }
    switch operation {
    case "Abs": return [map(x, element) { abs($0[0]) }]
    case "Exp": return [map(x, element) { exp($0[0]) }]
    case "Floor": return [map(x, element) { $0[0].rounded(.down) }]
    case "Relu": return [map(x, element) { max($0[0], 0) }]
    case "Identity": return x
    case "Sigmoid": return [map(x, element) { 1 / (1 + exp(-$0[0])) }]
    case "Clip": return [map(x, element) { min(max($0[0], $0[1]), $0[2]) }]
    case "Add": return [map(x, element) { $0[0] + $0[1] }]
    case "Sub": return [map(x, element) { $0[0] - $0[1] }]
    case "Mul": return [map(x, element) { $0[0] * $0[1] }]
    case "Div": return [map(x, element) { $0[0] / $0[1] }]
    case "Max": return [map(x, element) { max($0[0], $0[1]) }]
    case "Min": return [map(x, element) { min($0[0], $0[1]) }]
    case "LessOrEqual": return [map(x, Tensor.flag) { $0[0] <= $0[1] ? 1 : 0 }]
    case "GreaterOrEqual": return [map(x, Tensor.flag) { $0[0] >= $0[1] ? 1 : 0 }]
    case "Where": return [map(x, x[1].element) { $0[0] != 0 ? $0[1] : $0[2] }]
    case "Cast": return [Tensor(try #require(attributes["to"]?.integers(3).first), x[0].dimensions, x[0].values)]
    case "Shape": return [Tensor(Tensor.integer, [x[0].dimensions.count], x[0].dimensions.map(Double.init))]
    case "ConstantOfShape":
      let value = try constant(try #require(try attributes["value"]?.messages(5).first))
      let dimensions = x[0].values.map { Int($0) }
      let count = dimensions.reduce(1, *)
      return [Tensor(value.element, dimensions, [Double](repeating: value.values[0], count: count))]
    case "LabelEncoder": return [labels(x[0], attributes)]
    case "Concat": return [concatenation(x, axis())]
    case "Split": return split(x[0], axis(), outputs)
    case "Gather": return [gather(x[0], x[1], axis())]
    case "Slice":
      return [slice(x[0], Int(x[1].values[0])..<Int(x[2].values[0]), Int(x[3].values[0]))]
    case "CumSum": return [sums(x[0], Int(x[1].values[0]))]
    case "ReduceSum":
      let axis = Int(x[1].values[0])
      let all = sums(x[0], axis)
      let last = all.dimensions[axis] - 1
      return [reshaped(slice(all, last..<last + 1, axis), removing: axis)]
    case "Unsqueeze":
      var result = x[0]
      result.dimensions.insert(1, at: Int(x[1].values[0]))
      return [result]
    case "Squeeze": return [reshaped(x[0], removing: Int(x[1].values[0]))]
    case "Reshape":
      var result = x[0]
      result.dimensions = x[1].values.enumerated().map { $1 == 0 ? x[0].dimensions[$0] : Int($1) }
      #expect(result.dimensions.reduce(1, *) == result.values.count)
      return [result]
    case "Softmax": return [softmax(x[0])]
    default:
      Issue.record("no operator \(operation)")
      return x
    }
  }
}

extension Evaluator {
  /// Element by element, the shapes broadcast.
  private static func map(_ x: [Tensor], _ element: Int, _ body: ([Double]) -> Double) -> Tensor {
    let rank = x.map(\.dimensions.count).max() ?? 0
    let shapes = x.map { [Int](repeating: 1, count: rank - $0.dimensions.count) + $0.dimensions }
    let dimensions = (0..<rank).map { axis in
      let lengths = Set(shapes.map { $0[axis] }).subtracting([1])
      #expect(lengths.count < 2)
      return lengths.first ?? 1
    }
    var values: [Double] = []
    for place in 0..<dimensions.reduce(1, *) {
      let arguments = zip(x, shapes).map { tensor, shape in
        var (rest, stride, index) = (place, 1, 0)
        for axis in (0..<rank).reversed() {
          if shape[axis] > 1 { index += rest % dimensions[axis] * stride }
          rest /= dimensions[axis]
          stride *= shape[axis]
        }
        return tensor.values[index]
      }
      values.append(body(arguments))
    }
    return Tensor(element, dimensions, values)
  }

  private static func labels(_ x: Tensor, _ attributes: [String: Message]) -> Tensor {
    let keys = attributes["keys_strings"]?.texts(9) ?? []
    let numbers = attributes["values_int64s"]?.integers(8) ?? []
    let other = attributes["default_int64"]?.integers(3).first ?? -1
    // By bytes: Swift takes texts for equal whose Unicode forms differ.
    let table = Dictionary(zip(keys.map { Array($0.utf8) }, numbers), uniquingKeysWith: { first, _ in first })
    #expect(table.count == keys.count && keys.count == numbers.count)
    return Tensor(Tensor.integer, x.dimensions, x.texts.map { Double(table[Array($0.utf8)] ?? other) })
  }

  private static func concatenation(_ x: [Tensor], _ axis: Int) -> Tensor {
    var dimensions = x[0].dimensions
    dimensions[axis] = x.map { $0.dimensions[axis] }.reduce(0, +)
    var values: [Double] = []
    for outer in 0..<x[0].sizes(around: axis).outer {
      for tensor in x {
        let (_, length, inner) = tensor.sizes(around: axis)
        values += tensor.values[outer * length * inner..<(outer + 1) * length * inner]
      }
    }
    return Tensor(x[0].element, dimensions, values)
  }

  private static func split(_ x: Tensor, _ axis: Int, _ count: Int) -> [Tensor] {
    let length = x.dimensions[axis] / count
    return (0..<count).map { slice(x, $0 * length..<($0 + 1) * length, axis) }
  }

  private static func slice(_ x: Tensor, _ range: Range<Int>, _ axis: Int) -> Tensor {
    let index = Tensor(Tensor.integer, [range.count], range.map(Double.init))
    return gather(x, index, axis)
  }

  private static func gather(_ x: Tensor, _ index: Tensor, _ axis: Int) -> Tensor {
    let (outer, length, inner) = x.sizes(around: axis)
    var values: [Double] = []
    for part in 0..<outer {
      for place in index.values {
        let start = (part * length + Int(place)) * inner
        values += x.values[start..<start + inner]
      }
    }
    return Tensor(x.element, Array(x.dimensions[..<axis] + index.dimensions + x.dimensions[(axis + 1)...]), values)
  }

  private static func sums(_ x: Tensor, _ axis: Int) -> Tensor {
    let (outer, length, inner) = x.sizes(around: axis)
    var result = x
    for part in 0..<outer {
      for place in part * length * inner + inner..<(part + 1) * length * inner {
        let sum = result.values[place - inner] + x.values[place]
        result.values[place] = x.element == Tensor.single ? Double(Float(sum)) : sum
      }
    }
    return result
  }

  private static func reshaped(_ x: Tensor, removing axis: Int) -> Tensor {
    var result = x
    #expect(result.dimensions.remove(at: axis) == 1)
    return result
  }

  private static func softmax(_ x: Tensor) -> Tensor {
    var values: [Double] = []
    for row in 0..<x.dimensions[0] {
      let logits = x.values[row * x.dimensions[1]..<(row + 1) * x.dimensions[1]]
      let top = logits.max() ?? 0
      let shares = logits.map { exp($0 - top) }
      let total = shares.reduce(0, +)
      values += shares.map { $0 / total }
    }
    return Tensor(x.element, x.dimensions, values)
  }
}
