import Sketches

/// The coarse bins through which a projection sees one column.
struct JointBins: Hashable, Sendable {
  /// Places of a table over any column's bins; the last is that of a missing value.
  static let places = JointTuning.bins + 1
  static let missing = JointTuning.bins
  static let edgeCount = JointTuning.bins - 1

  /// Of a number: bin b holds the values above edge b − 1 and up to edge b. Filled up with infinities, which no value
  /// lies above.
  let edges: Edges
  /// Of a category: those with a bin of their own. Bin `levels.count` holds the others. Nil for a number.
  let levels: [String]?

  /// Sixteen numbers in registers: counting those below another takes no branch and no search.
  struct Edges: Hashable, Sendable {
    var low = SIMD8<Double>(repeating: .infinity)
    var high = SIMD8<Double>(repeating: .infinity)

    /// The bin of a number: of a usable one, how many edges lie below it.
    @inline(__always)
    func bin(of number: Double) -> Int {
      let value = SIMD8(repeating: number)
      let none = SIMD8<Int64>.zero
      let below = none.replacing(with: 1, where: low .< value) &+ none.replacing(with: 1, where: high .< value)
      let bin = Int(below.wrappedSum())
      return number.magnitude <= SketchLimits.magnitude ? bin : JointBins.missing
    }

    var finite: [Double] { (low.indices.map { low[$0] } + high.indices.map { high[$0] }).filter(\.isFinite) }
  }

  /// - Parameter edges: at most 15, ascending.
  init(edges: [Double]) {
    var own = Edges()
    for (index, edge) in edges.enumerated() {
      if index < 8 { own.low[index] = edge } else { own.high[index - 8] = edge }
    }
    self.edges = own
    levels = nil
  }

  init(levels: [String]) {
    edges = Edges()
    self.levels = levels
  }

  /// Quantiles of the numbers, or the most frequent levels.
  init(_ column: JointSample.Column) {
    switch column {
    case .numbers(let numbers):
      let sorted = numbers.filter { !$0.isNaN }.sorted()
      var edges: [Double] = []
      for i in 1..<JointTuning.bins where !sorted.isEmpty {
        let edge = sorted[sorted.count * i / JointTuning.bins]
        if edges.last.map({ $0 < edge }) ?? true { edges.append(edge) }
      }
      self.init(edges: edges)
    case .codes(let codes, let levels):
      let ranked = JointBins.ranked(codes, levels).prefix(JointTuning.levels)
      self.init(levels: ranked.map(\.level).filter { $0.utf8.count <= SketchLimits.levelBytes })
    }
  }

  /// Levels with their rows, most frequent first, then by name.
  static func ranked(_ codes: [Int32], _ levels: [String]) -> [(level: String, rows: Int)] {
    var rows = [Int](repeating: 0, count: levels.count)
    for code in codes where code >= 0 { rows[Int(code)] += 1 }
    return levels.indices.filter { rows[$0] > 0 }.map { (level: levels[$0], rows: rows[$0]) }
      .sorted { ($1.rows, $0.level) < ($0.rows, $1.level) }
  }

  func bin(of value: ColumnValue) -> Int {
    switch (value, levels) {
    case (.number(let number), nil): edges.bin(of: number)
    case (.number(let number), .some) where number.magnitude <= SketchLimits.magnitude:
      bin(ofLevel: ColumnValue.level(of: number))
    case (.category(let level), .some): bin(ofLevel: level)
    default: Self.missing
    }
  }

  func bin(ofLevel level: String) -> Int {
    guard let levels else { return Self.missing }
    return levels.firstIndex(of: level) ?? levels.count
  }

  /// The bin of each row.
  func bins(of column: JointSample.Column) -> [Int] {
    switch column {
    case .numbers(let numbers): numbers.map(edges.bin)
    case .codes(let codes, let names):
      codes.map { $0 < 0 ? Self.missing : bin(ofLevel: names[Int($0)]) }
    }
  }
}
