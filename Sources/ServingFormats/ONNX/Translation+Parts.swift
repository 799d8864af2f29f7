import Models

// The learner's parts, as `LinearExperts`, `Network` and `Mixer` score.
extension Translation {
  /// Numeric columns with hats.
  private var curved: [(place: Int, number: Formula.Number)] {
    numbers.enumerated().map { ($0, $1.number) }.filter { $0.1.knots.count > 1 }
  }

  /// [rows, outputs · 8]: what the hats add to the upper lanes; nil without hats.
  private mutating func curves() -> String? {
    let columns = curved
    guard !columns.isEmpty, !formula.curves.values.isEmpty else { return nil }
    let order = graph.constant(columns.map(\.place), [columns.count], as: "hats/columns")
    let value = graph.node("Gather", cut, order, as: "hats/values", [("axis", .integer(1))])
    let known = graph.node("Gather", known, order, as: "hats/known", [("axis", .integer(1))])
    let (places, share) = hats(value, columns.map(\.number))
    let one = graph.constant([1 as Float], as: "hats/one")
    let rest = graph.node("Sub", one, share, as: "hats/rest")
    let next = graph.constant([1], as: "hats/next")
    let most = graph.constant([8 * columns.count - 1], as: "hats/last")
    let following = graph.node("Min", graph.node("Add", places, next, as: "hats/after"), most, as: "hats/following")
    let zero = graph.constant([0 as Float], as: "hats/zero")
    let weights = [rest, share].enumerated().map { side, weight in
      graph.node("Where", known, weight, zero, as: "hats/weight \(side)")
    }
    let entries = Entries(
      slots: interleaved([places, following], count: columns.count, as: "hats/slots"),
      values: interleaved(weights, count: columns.count, as: "hats/weights"), count: 2 * columns.count)
    return total(columns.flatMap { rows(of: $0.number) }, width: formula.curves.width, of: entries, as: "curves")
  }

  /// The eight rows of a column's hats.
  private func rows(of number: Formula.Number) -> ArraySlice<Float> {
    let width = formula.curves.width
    return formula.curves.values[number.curve * width..<(number.curve + 8) * width]
  }

  /// By column: the row of the knot at or before the value, and how far the value is on its way to the next. Before the
  /// first and past the last knot that is 0.
  private mutating func hats(_ value: String, _ columns: [Formula.Number]) -> (places: String, share: String) {
    let points = columns.flatMap { number in
      number.knots + [Double](repeating: .infinity, count: 8 - number.knots.count)
    }
    let slopes = columns.flatMap { number in
      number.slopes + [Double](repeating: 0, count: 8 - number.slopes.count)
    }
    let grid = graph.constant(points, [columns.count, 8], as: "hats/grid")
    let each = graph.node("Unsqueeze", value, graph.axis(2), as: "hats/each")
    let passed = graph.node("GreaterOrEqual", each, grid, as: "hats/passed")
    let ones = graph.node("Cast", passed, as: "hats/ones", Self.toInteger)
    let count = graph.node("ReduceSum", ones, graph.axis(2), as: "hats/count", [("keepdims", .integer(0))])
    let one = graph.constant([1], as: "hats/step")
    let none = graph.constant([0], as: "hats/none")
    let knot = graph.node("Max", graph.node("Sub", count, one, as: "hats/before"), none, as: "hats/knot")
    let starts = graph.constant(columns.indices.map { 8 * $0 }, [columns.count], as: "hats/starts")
    let places = graph.node("Add", knot, starts, as: "hats/places")
    let left = graph.node("Gather", graph.constant(points, [points.count], as: "hats/points"), places, as: "hats/left")
    let slope = graph.node(
      "Gather", graph.constant(slopes, [slopes.count], as: "hats/slopes"), places, as: "hats/slope")
    let way = graph.node("Sub", value, left, as: "hats/way")
    let raw = graph.node("Mul", way, slope, as: "hats/raw share")
    let zero = graph.constant([0.0], as: "hats/no share")
    let share = graph.node("Max", raw, zero, as: "hats/double share")
    return (places, graph.node("Cast", share, as: "hats/share", Self.toSingle))
  }

  /// Two tensors of [rows, count], taken in turns.
  private mutating func interleaved(_ pair: [String], count: Int, as name: String) -> String {
    let columns = pair.enumerated().map { side, value in
      graph.node("Unsqueeze", value, graph.axis(2), as: "\(name)/column \(side)")
    }
    let pairs = graph.concatenated(columns, axis: 2, as: "\(name)/pairs")
    return reshaped(pairs, [2 * count], as: name)
  }

  /// The first dimension, which is the number of rows, stays.
  private mutating func reshaped(_ value: String, _ dimensions: [Int], as name: String) -> String {
    let shape = graph.constant([0] + dimensions, [1 + dimensions.count], as: "\(name)/shape")
    return graph.node("Reshape", value, shape, as: name)
  }

  /// [rows, outputs]: what the layers behind the first one make of its units.
  mutating func layers(_ units: String) -> String {
    var (units, count) = (units, formula.units)
    for (number, layer) in formula.layers.enumerated() {
      let name = "layer \(number + 2)"
      let active = graph.node("Relu", units, as: "\(name)/active")
      let each = graph.node("Unsqueeze", active, graph.axis(1), as: "\(name)/units")
      let weights = graph.constant(layer.weights, [layer.units, count], as: "\(name)/weights")
      let sums = folded(graph.node("Mul", each, weights, as: "\(name)/terms"), count: count, as: name)
      let sum = graph.node("Squeeze", sums, graph.axis(2), as: "\(name)/sums")
      let biases = graph.constant(layer.biases, [layer.units], as: "\(name)/biases")
      (units, count) = (graph.node("Add", biases, sum, as: name), layer.units)
    }
    return units
  }

  /// [rows, outputs, 1]: the network's logits of its hidden units.
  mutating func head(_ hidden: String) -> String {
    guard let head = formula.head else { return hidden }
    let outputs = formula.outputs
    let active = graph.node("Relu", hidden, as: "head/active")
    let each = graph.node("Unsqueeze", active, graph.axis(1), as: "head/units")
    let weights = graph.constant(head.weights, [outputs, formula.units], as: "head/weights")
    let terms = graph.node("Mul", each, weights, as: "head/terms")
    let quarters = graph.split(terms, into: 4, as: "head/quarters")
    let low = graph.node("Add", quarters[0], quarters[1], as: "head/low")
    let high = graph.node("Add", quarters[2], quarters[3], as: "head/high")
    let sum = folded(graph.node("Add", low, high, as: "head/eight"), count: 8, as: "head")
    let biases = graph.constant(head.biases, [outputs, 1], as: "head/biases")
    return graph.node("Add", biases, sum, as: "head/logit")
  }

  /// [rows, outputs] of the experts' [rows, outputs · 16] and the network's logits.
  mutating func blend(_ blend: Formula.Blend, _ experts: String, head: String?) -> String {
    let members = members(blend, experts, head: head)
    let each = graph.node("Unsqueeze", members, graph.axis(2), as: "mixtures/members")
    let weights = graph.constant(blend.first.flatMap { $0 }, [blend.first.count, 16], as: "mixtures/weights")
    let terms = graph.node("Mul", each, weights, as: "mixtures/terms")
    let sums = folded(terms, count: 16, as: "mixtures")
    let mixtures = graph.node("Squeeze", sums, graph.axis(3), as: "mixtures/all")
    let network = slice(members, 15..<16, axis: 2, as: "mixtures/last")
    let sources = graph.concatenated([mixtures, network], axis: 2, as: "shapes/sources")
    let index = graph.constant(blend.sources, [16], as: "shapes/index")
    let taken = graph.node("Gather", sources, index, as: "shapes/taken", [("axis", .integer(2))])
    let factors = graph.constant(blend.factors, [16], as: "shapes/factors")
    let scaled = graph.node("Mul", taken, factors, as: "shapes/scaled")
    let low = graph.constant(blend.bounds.map { -$0 }, [16], as: "shapes/low")
    let high = graph.constant(blend.bounds, [16], as: "shapes/high")
    let above = graph.node("Max", scaled, low, as: "shapes/above")
    let shaped = graph.node("Min", above, high, as: "shapes/shaped")
    let last = graph.constant(blend.weights, [16], as: "mixture/weights")
    let final = folded(graph.node("Mul", shaped, last, as: "mixture/terms"), count: 16, as: "mixture")
    return graph.node("Squeeze", final, graph.axis(2), as: "mixture/logits")
  }

  /// [rows, outputs, 16]: the plain scope's experts, the curved scope's, and the network.
  private mutating func members(_ blend: Formula.Blend, _ experts: String, head: String?) -> String {
    let lanes = reshaped(experts, [formula.outputs, 16], as: "members/lanes")
    let halves = graph.split(lanes, into: 2, as: "members/scopes")
    var upper = halves[1]
    if let curves = curves() {
      let hats = reshaped(curves, [formula.outputs, 8], as: "members/hats")
      upper = graph.node("Add", upper, hats, as: "members/curved")
    }
    var parts = [halves[0], upper]
    if let head { parts = [halves[0], slice(upper, 0..<7, axis: 2, as: "members/experts"), head] }
    let members = centered(graph.concatenated(parts, axis: 2, as: "members"))
    let low = graph.constant([-blend.bound], as: "members/low")
    let high = graph.constant([blend.bound], as: "members/high")
    return graph.node("Clip", members, low, high, as: "members/cut")
  }

  /// Less the mean over several outputs.
  private mutating func centered(_ members: String) -> String {
    guard formula.outputs > 1 else { return members }
    let sum = lastSum(members, count: formula.outputs, as: "members/outputs")
    let count = graph.constant([Float(formula.outputs)], as: "members/count")
    let mean = graph.node("Div", sum, count, as: "members/mean")
    let each = graph.node("Unsqueeze", mean, graph.axis(1), as: "members/means")
    return graph.node("Sub", members, each, as: "members/centered")
  }
}
