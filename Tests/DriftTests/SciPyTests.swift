import Sketches
import TestSupport
import Testing

@testable import Drift

/// Samples that `Tests/scipy/generate.py` makes too.
enum SampleShape: String {
  case uniform, square, tail, coarse, zeros, constant

  func values(seed: UInt64, count: Int, scale: Double = 1, shift: Double = 0) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in value(of: random.uniform()) * scale + shift }
  }

  private func value(of u: Double) -> Double {
    switch self {
    case .uniform: u
    case .square: u * u
    case .tail: 1 / (1 - u)
    case .coarse: (u * 8).rounded(.down) / 4
    case .zeros: u < 0.9 ? 0 : u
    case .constant: u * 0 + 5
    }
  }
}

@Suite("Statistics of values")
struct SciPyTests {
  @Test("Against SciPy", arguments: SciPyCases.numbers.split(separator: "\n").map(String.init))
  func published(line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    try #require(words.count == 15)
    func sample(_ shape: Int, scale: Double, shift: Double) throws -> NumericSample {
      let seed = try #require(UInt64(words[shape + 1]))
      let count = try #require(Int(words[shape + 2]))
      return NumericSample(
        try #require(SampleShape(rawValue: words[shape])).values(seed: seed, count: count, scale: scale, shift: shift))
    }
    let reference = try sample(0, scale: 1, shift: 0)
    let current = try sample(3, scale: try #require(Double(words[6])), shift: try #require(Double(words[7])))
    let expected = words[8...].compactMap { Double($0) }
    let comparison = ColumnComparison(name: "x", reference: reference, current: current)
    let (n, m) = (reference.rows, current.rows)
    let gap = try #require(comparison.bounds(of: .kolmogorovSmirnov))
    func expectClose(_ value: Double?, _ figure: Double, _ what: String) throws {
      let value = try #require(value)
      #expect(value == figure || (value - figure).magnitude < 1e-9 * max(1, figure), "\(what): \(value) for \(figure)")
    }
    try expectClose(gap.value, expected[0], "gap")
    if !expected[1].isNaN {
      try expectClose(KolmogorovSmirnovTest.pValue(gap: gap.value, n, m), expected[1], "exact probability")
    }
    let rows = Double(n * m) / Double(n + m)
    try expectClose(Kolmogorov.upperTail(rows.squareRoot() * gap.value), expected[2], "asymptotic probability")
    for (statistic, figure) in zip(
      [Statistic.wasserstein, .wassersteinNormalized, .energyDistance, .outOfRangeRate], expected[3...])
    {
      let bounds = comparison.bounds(of: statistic)
      try expectClose(bounds?.value, figure, statistic.rawValue)
      #expect(bounds?.isExact == true)
    }
  }
}
