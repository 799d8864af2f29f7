import Models

/// From a model's formula to a graph that computes it.
struct Translation {
  let schema: Schema
  let formula: Formula
  var graph: Graph
  /// Numeric columns, in order.
  let numbers: [(column: Int, number: Formula.Number)]
  /// Of the numeric columns, [rows, columns]: whether there is a value, and the value cut to where it counts, else 0.
  var known = ""
  var cut = ""

  init(_ model: Model) {
    schema = model.schema
    formula = model.formula
    graph = Graph(name: "", taken: [])
    numbers = formula.columns.enumerated().compactMap { column, part in
      if case .number(let number) = part { (column, number) } else { nil }
    }
  }

  mutating func graph(name: String) -> Graph {
    let names = schema.columns.map(\.name)
    graph = Graph(name: name, taken: names)
    for column in schema.columns { graph.input(column.name, column.kind == .categorical ? .text : .double) }
    var output = "score"
    while names.contains(output) { output += "_" }
    let score = link(number())
    graph.output(output, .double, width: formula.outputs, from: score)
    return graph
  }

  /// [rows, outputs]: logits, or the standardised value.
  private mutating func number() -> String {
    let entries = entries()
    let sums = total(formula.base.values, width: formula.base.width, of: entries, as: "base")
    let width = formula.outputs * formula.lanes
    guard formula.units > 0 else { return mixed(sums, head: nil) }
    guard formula.layers.isEmpty else { return layers(sums) }
    let hidden = width == 0 ? sums : slice(sums, width..<width + formula.units, axis: 1, as: "hidden")
    let head = head(hidden)
    guard width > 0 else { return graph.node("Squeeze", head, graph.axis(2), as: "head/logits") }
    return mixed(slice(sums, 0..<width, axis: 1, as: "experts"), head: head)
  }

  private mutating func mixed(_ experts: String, head: String?) -> String {
    guard let blend = formula.blend else { return experts }
    return self.blend(blend, experts, head: head)
  }

  /// The last of the running sums over entries, which are added in their order.
  mutating func total(_ table: [Float], width: Int, of entries: Entries, as name: String) -> String {
    let table = graph.constant(table, [table.count / width, width], as: "\(name)/table")
    let summands = graph.node("Gather", table, entries.slots, as: "\(name)/rows")
    let values = graph.node("Unsqueeze", entries.values, graph.axis(2), as: "\(name)/factors")
    let terms = graph.node("Mul", summands, values, as: "\(name)/terms")
    return lastSum(terms, count: entries.count, as: name)
  }

  /// Σ over the second axis, from its start on.
  mutating func lastSum(_ terms: String, count: Int, as name: String) -> String {
    let along = graph.constant([1], as: "\(name)/along")
    let sums = graph.node("CumSum", terms, along, as: "\(name)/sums")
    let last = graph.constant([count - 1], as: "\(name)/last")
    return graph.node("Gather", sums, last, as: "\(name)/total", [("axis", .integer(1))])
  }

  mutating func slice(_ value: String, _ range: Range<Int>, axis: Int, as name: String) -> String {
    let start = graph.constant([range.lowerBound], [1], as: "\(name)/start")
    let end = graph.constant([range.upperBound], [1], as: "\(name)/end")
    return graph.node("Slice", value, start, end, graph.axis(axis), as: name)
  }

  /// Sums over the last axis by halves; it stays, with one place.
  mutating func folded(_ value: String, count: Int, as name: String) -> String {
    var (sum, count) = (value, count)
    while count > 1 {
      count /= 2
      let halves = graph.split(sum, into: 2, as: "\(name)/halves \(count)")
      sum = graph.node("Add", halves[0], halves[1], as: "\(name)/sum \(count)")
    }
    return sum
  }

  private mutating func link(_ number: String) -> String {
    let number = graph.node("Cast", number, as: "double", [("to", .integer(Graph.Element.double.rawValue))])
    switch schema.task {
    case .regression where formula.isLogarithmic:
      let bound = Formula.exponentBound
      let exponent = clipped(number, bound, as: "target/exponent")
      let mean = graph.constant([formula.target.mean], as: "target/mean")
      return graph.node("Mul", mean, graph.node("Exp", exponent, as: "target/multiple"), as: "target/value")
    case .regression:
      let deviation = graph.constant([formula.target.deviation], as: "target/deviation")
      let mean = graph.constant([formula.target.mean], as: "target/mean")
      let distance = graph.node("Mul", number, deviation, as: "target/distance")
      return graph.node("Add", mean, distance, as: "target/value")
    case .binary: return graph.node("Sigmoid", number, as: "probability")
    case .multiclass: return graph.node("Softmax", number, as: "probabilities", [("axis", .integer(1))])
    }
  }
}
