public import Sketches

/// One bit of a column: whether a number lies above a threshold, or a level is one of those named. Divides the
/// reference as evenly as its values allow; a missing value is outside.
public struct JointHalf: Hashable, Sendable {
  enum Test: Hashable, Sendable {
    case above(Double)
    case among([String])
  }

  /// By position in the reference's columns.
  public let column: Int
  let test: Test

  public func contains(_ value: ColumnValue) -> Bool {
    switch (value, test) {
    case (.number(let number), .above(let threshold)):
      number > threshold && number.magnitude <= SketchLimits.magnitude
    case (.number(let number), .among(let levels)):
      number.magnitude <= SketchLimits.magnitude && levels.contains(ColumnValue.level(of: number))
    case (.category(let level), .among(let levels)): levels.contains(level)
    case (.category, .above), (.missing, _): false
    }
  }
}

extension JointHalf {
  /// Nil where no value divides the rows.
  init?(column: Int, _ values: JointSample.Column) {
    self.column = column
    switch values {
    case .numbers(let numbers):
      guard let threshold = Self.threshold(numbers.filter { !$0.isNaN }.sorted()) else { return nil }
      test = .above(threshold)
    case .codes(let codes, let levels):
      let ranked = JointBins.ranked(codes, levels)
      var named: [String] = []
      var rows = 0
      for (level, own) in ranked.prefix(JointTuning.halfLevels) where 2 * rows < codes.count {
        rows += own
        named.append(level)
      }
      named.removeAll { $0.utf8.count > SketchLimits.levelBytes }
      guard !named.isEmpty else { return nil }
      test = .among(named)
    }
  }

  /// The median, or the value before it where that divides more evenly.
  private static func threshold(_ sorted: [Double]) -> Double? {
    guard let least = sorted.first, let most = sorted.last, least < most else { return nil }
    let median = sorted[sorted.count / 2]
    let below = sorted.partitioningIndex { $0 >= median }
    let upTo = sorted.partitioningIndex { $0 > median }
    return below > 0 && below >= sorted.count - upTo ? sorted[below - 1] : median
  }

  /// The rows that the half contains, 64 a word.
  func bits(of values: JointSample.Column) -> [UInt64] {
    let inside: [Bool] =
      switch (values, test) {
      case (.numbers(let numbers), .above(let threshold)): numbers.map { $0 > threshold }
      case (.codes(let codes, let levels), .among(let named)):
        { (known: [Bool]) in codes.map { $0 >= 0 && known[Int($0)] } }(levels.map(Set(named).contains))
      case (.numbers(let numbers), .among): numbers.map { _ in false }
      case (.codes(let codes, _), .above): codes.map { _ in false }
      }
    var words = [UInt64](repeating: 0, count: (inside.count + 63) / 64)
    for row in inside.indices where inside[row] { words[row / 64] |= 1 << UInt64(row % 64) }
    return words
  }
}

/// The halves of a sample's columns, row by row, for the two questions that are asked of every pair of columns.
struct JointHalves {
  let halves: [JointHalf]
  private let words: [[UInt64]]
  private let shares: [Double]
  private let rows: Int

  /// Columns that divide too unevenly are left out.
  init(_ sample: JointSample) {
    rows = sample.rows
    var halves: [JointHalf] = []
    var words: [[UInt64]] = []
    var shares: [Double] = []
    for (index, column) in sample.columns.enumerated() {
      guard let half = JointHalf(column: index, column) else { continue }
      let bits = half.bits(of: column)
      let share = Double(bits.reduce(0) { $0 + $1.nonzeroBitCount }) / Double(max(sample.rows, 1))
      guard share >= JointTuning.leastHalf, share <= 1 - JointTuning.leastHalf else { continue }
      halves.append(half)
      words.append(bits)
      shares.append(share)
    }
    self.halves = halves
    self.words = words
    self.shares = shares
  }

  /// The `count` columns with the strongest correlation of halves with any other, in ascending order. Cost: a word
  /// operation for each 64 rows of each pair.
  func mostDependent(_ count: Int) -> [Int] {
    guard halves.count > count else { return halves.map(\.column) }
    var strength = [Double](repeating: 0, count: halves.count)
    for i in halves.indices {
      for j in 0..<i {
        let own = correlation(i, j).magnitude
        strength[i] = max(strength[i], own)
        strength[j] = max(strength[j], own)
      }
    }
    return halves.indices.sorted { (strength[$1], $0) < (strength[$0], $1) }.prefix(count)
      .map { halves[$0].column }.sorted()
  }

  private func correlation(_ i: Int, _ j: Int) -> Double {
    let a = words[i]
    let b = words[j]
    var both = 0
    for word in a.indices { both += (a[word] & b[word]).nonzeroBitCount }
    let variance = shares[i] * (1 - shares[i]) * shares[j] * (1 - shares[j])
    return (Double(both) / Double(rows) - shares[i] * shares[j]) / variance.squareRoot()
  }
}
