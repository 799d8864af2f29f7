import Models

// Raw columns to the entries of rows, as `Encoder` makes them.
extension Translation {
  /// Slots and values of each row's entries, [rows, count].
  struct Entries {
    var slots: String
    var values: String
    var count: Int
  }

  /// Entries that are made together, and where they belong in the order in which scoring adds.
  private struct Part {
    let slots: String
    let values: String
    let places: [Int]
  }

  mutating func entries() -> Entries {
    let shape = graph.node("Shape", schema.columns[0].name, as: "shape")
    let first = graph.node("ConstantOfShape", shape, as: "first slot", [("value", .tensor(Graph.Tensor(0)))])
    let one = graph.node("ConstantOfShape", shape, as: "one", [("value", .tensor(Graph.Tensor(1 as Float)))])
    var parts = [Part(slots: first, values: one, places: [-1])]
    if !numbers.isEmpty { parts.append(numberEntries()) }
    for (column, part) in formula.columns.enumerated() {
      if case .names(let levels, let unseen, let missing) = part {
        // The empty text is missing, also where it has been learned as a level.
        let slots = [("", missing)] + levels.filter { !$0.name.isEmpty }.map { ($0.name, $0.slot) }
        let found = graph.lookUp(schema.columns[column].name, slots, other: unseen, as: "level \(column)")
        parts.append(Part(slots: found, values: one, places: [2 * column]))
      }
    }
    parts += timeEntries(one: one)
    return ordered(parts)
  }

  private mutating func ordered(_ parts: [Part]) -> Entries {
    let places = parts.flatMap(\.places)
    let order = places.indices.sorted { places[$0] < places[$1] }
    var entries = Entries(
      slots: graph.concatenated(parts.map(\.slots), as: "slots"),
      values: graph.concatenated(parts.map(\.values), as: "values"), count: order.count)
    guard order != Array(places.indices) else { return entries }
    let index = graph.constant(order, [order.count], as: "order")
    entries.slots = graph.node("Gather", entries.slots, index, as: "slots in order", [("axis", .integer(1))])
    entries.values = graph.node("Gather", entries.values, index, as: "values in order", [("axis", .integer(1))])
    return entries
  }

  /// Side by side: whether each is a finite number, and the number, or else 0.
  private mutating func finite(_ columns: [Int], as name: String) -> (known: String, values: String) {
    let raw = graph.concatenated(columns.map { schema.columns[$0].name }, as: name)
    let size = graph.node("Abs", raw, as: "\(name)/size")
    let most = graph.constant([Double.greatestFiniteMagnitude], as: "\(name)/most")
    let zero = graph.constant([0.0], as: "\(name)/zero")
    let known = graph.node("LessOrEqual", size, most, as: "\(name)/known")
    return (known, graph.node("Where", known, raw, zero, as: "\(name)/filled"))
  }

  mutating func clipped(_ value: String, _ bound: Double, as name: String) -> String {
    let low = graph.constant([-bound], as: "\(name)/low")
    let high = graph.constant([bound], as: "\(name)/high")
    return graph.node("Clip", value, low, high, as: name)
  }

  private mutating func numberEntries() -> Part {
    let count = [numbers.count]
    let (known, filled) = finite(numbers.map(\.column), as: "numbers")
    self.known = known
    cut = clipped(filled, ModelLimits.magnitude, as: "numbers/cut")
    let means = graph.constant(numbers.map(\.number.mean), count, as: "numbers/means")
    let precisions = graph.constant(numbers.map(\.number.precision), count, as: "numbers/precisions")
    let centered = graph.node("Sub", cut, means, as: "numbers/centered")
    let scaled = graph.node("Mul", centered, precisions, as: "numbers/scaled")
    let standard = clipped(scaled, Formula.standardBound, as: "numbers/standard")
    let values = graph.node("Cast", standard, as: "numbers/single", Self.toSingle)
    let missing = graph.constant([1 as Float], as: "numbers/missing")
    let slots = graph.constant(numbers.map(\.number.slot), count, as: "numbers/slots known")
    let others = graph.constant(numbers.map { $0.number.slot + 1 }, count, as: "numbers/slots missing")
    return Part(
      slots: graph.node("Where", known, slots, others, as: "numbers/slots"),
      values: graph.node("Where", known, values, missing, as: "numbers/values"),
      places: numbers.map { 2 * $0.column })
  }

  static let toSingle: [(name: String, value: Graph.Attribute)] = [("to", .integer(Graph.Element.single.rawValue))]
  static let toInteger: [(name: String, value: Graph.Attribute)] = [("to", .integer(Graph.Element.integer.rawValue))]

  /// The hour's entry and the weekday's, which of a missing time is nothing of slot 0.
  private mutating func timeEntries(one: String) -> [Part] {
    let times = formula.columns.enumerated().compactMap { column, part in
      if case .time(let missing, let hours, let weekdays) = part { (column, missing, hours, weekdays) } else { nil }
    }
    guard !times.isEmpty else { return [] }
    let count = [times.count]
    let (known, filled) = finite(times.map(\.0), as: "times")
    let cut = clipped(filled, Formula.timeBound, as: "times/cut")
    let (hour, weekday) = hourAndWeekday(cut)
    let zero = graph.constant([0], as: "times/slot 0")
    let missing = graph.constant(times.map(\.1), count, as: "times/slots missing")
    let hours = graph.constant(times.map(\.2), count, as: "times/slots of hours")
    let weekdays = graph.constant(times.map(\.3), count, as: "times/slots of weekdays")
    let hourSlots = graph.node("Add", hour, hours, as: "times/hour slots")
    let weekdaySlots = graph.node("Add", weekday, weekdays, as: "times/weekday slots")
    let ones = graph.concatenated(times.map { _ in one }, as: "times/ones")
    return [
      Part(
        slots: graph.node("Where", known, hourSlots, missing, as: "times/first slots"), values: ones,
        places: times.map { 2 * $0.0 }),
      Part(
        slots: graph.node("Where", known, weekdaySlots, zero, as: "times/second slots"),
        values: graph.node("Cast", known, as: "times/known values", Self.toSingle), places: times.map { 2 * $0.0 + 1 }),
    ]
  }

  private mutating func hourAndWeekday(_ milliseconds: String) -> (hour: String, weekday: String) {
    let hourLength = graph.constant([3_600_000.0], as: "times/hour length")
    let exact = graph.node("Div", milliseconds, hourLength, as: "times/exact hours")
    let hours = graph.node("Floor", exact, as: "times/hours")
    let days = quotient(hours, 24, as: "times/days")
    // 1970 began on a Thursday, the fourth day of its week.
    let three = graph.constant([3.0], as: "times/three")
    let shifted = graph.node("Add", days.quotient, three, as: "times/shifted days")
    let weekday = quotient(shifted, 7, as: "times/weeks").remainder
    return (
      graph.node("Cast", days.remainder, as: "times/hour", Self.toInteger),
      graph.node("Cast", weekday, as: "times/weekday", Self.toInteger)
    )
  }

  /// Rounded down, of whole numbers.
  private mutating func quotient(
    _ value: String, _ divisor: Double, as name: String
  ) -> (quotient: String, remainder: String) {
    let divisor = graph.constant([divisor], as: "\(name)/divisor")
    let exact = graph.node("Div", value, divisor, as: "\(name)/exact")
    let quotient = graph.node("Floor", exact, as: name)
    let whole = graph.node("Mul", quotient, divisor, as: "\(name)/whole")
    return (quotient, graph.node("Sub", value, whole, as: "\(name)/rest"))
  }
}
