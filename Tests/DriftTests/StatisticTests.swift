import TestSupport
import Testing

@testable import Drift

@Suite("Statistics of counts")
struct StatisticTests {
  private static let divergences: [Statistic] = [
    .psi, .jensenShannon, .kullbackLeibler, .hellinger, .totalVariation, .cramersV,
  ]

  private static func values(_ reference: [Int], _ current: [Int]) -> [Double] {
    let comparison = ColumnComparison(bins: reference, current)
    return divergences.map { comparison.bounds(of: $0)?.value ?? .nan }
  }

  @Test("Against NumPy and SciPy", arguments: SciPyCases.counts.split(separator: "\n").map(String.init))
  func published(line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    func counts(_ word: String) -> [Int] { word.split(separator: ",").compactMap { Int($0) } }
    let expected = words.dropFirst(2).compactMap { Double($0) }
    try #require(expected.count == 10)
    let (reference, current) = (counts(words[0]), counts(words[1]))
    for (value, figure) in zip(Self.values(reference, current), expected) {
      #expect((value - figure).magnitude < 1e-9 * max(1, figure), "\(value) for \(figure)")
    }
    let test = ChiSquareTest(reference: reference, current: current)
    #expect((test.statistic - expected[6]).magnitude < 1e-9 * max(1, expected[6]))
    #expect((test.likelihoodRatio - expected[7]).magnitude < 1e-9 * max(1, expected[7]))
    #expect(test.degrees == Int(expected[8]))
    #expect((test.pValue - expected[9]).magnitude <= 1e-9 * expected[9])
  }

  @Test("Laws over all small counts: zero for equal shares, positive, symmetric, bounded, empty bins inert")
  func laws() {
    let small = everyArray(over: [0, 1, 3], upTo: 3).filter { $0.count == 3 }
    for reference in small {
      for current in small {
        let values = Self.values(reference, current)
        let swapped = Self.values(current, reference)
        #expect(values.allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(values[1] <= 0.6931471805599454 && values[3...].allSatisfy { $0 <= 1 + 1e-12 })
        for index in Self.divergences.indices where Self.divergences[index] != .kullbackLeibler {
          #expect((values[index] - swapped[index]).magnitude < 1e-12)
        }
        #expect((values[0] - values[2] - swapped[2]).magnitude < 1e-12)
        #expect(Self.values(reference + [0], current + [0]) == values)
        if reference.reduce(0, +) == 0 || current.reduce(0, +) == 0 {
          #expect(values.allSatisfy { $0 == 0 })
        }
      }
      let doubled = reference.map { $0 * 2 }
      #expect(Self.values(reference, doubled).allSatisfy { $0 < 1e-12 })
    }
  }

  @Test("Merging bins never raises a divergence of plain shares")
  func merging() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<300 {
      let bins = 2 + random.below(9)
      let reference = (0..<bins).map { _ in random.below(40) + 1 }
      let current = (0..<bins).map { _ in random.below(40) + 1 }
      let at = random.below(bins - 1)
      func merged(_ counts: [Int]) -> [Int] {
        Array(counts[..<at]) + [counts[at] + counts[at + 1]] + Array(counts[(at + 2)...])
      }
      let fine = Self.values(reference, current)
      let coarse = Self.values(merged(reference), merged(current))
      // PSI and Kullback–Leibler smooth the shares, which moves them by little and not always down.
      for index in [1, 3, 4, 5] { #expect(coarse[index] <= fine[index] + 1e-12) }
      for index in [0, 2] { #expect(coarse[index] <= fine[index] * 1.1 + 0.01) }
    }
  }

  @Test("For small changes all are multiples of the PSI")
  func expansions() {
    var random = SplitMix64(seed: 8)
    for _ in 0..<50 {
      let reference = (0..<10).map { _ in 100_000 + random.below(100_000) }
      let current = reference.map { $0 + random.below($0 / 200) }
      let values = Self.values(reference, current)
      let psi = values[0]
      let parts: [(index: Int, part: Double)] = [(1, psi / 8), (2, psi / 2), (3, psi / 8), (5, psi / 4)]
      for (index, part) in parts {
        let value = index > 2 ? values[index] * values[index] : values[index]
        #expect((value / part - 1).magnitude < 0.01)
      }
    }
  }

  @Test("What is critical is where Pearson's statistic would be at its quantile; nothing where there is nothing")
  func critical() throws {
    // Of 40 bins 32 are occupied, some on one side only.
    let reference = [969] + [Int](repeating: 1, count: 31) + [Int](repeating: 0, count: 8)
    let current = [490, 10] + [Int](repeating: 0, count: 38)
    let comparison = ColumnComparison(bins: reference, current)
    let quantiles = NoiseQuantiles(alpha: 1e-3, bins: 40)
    func measure(_ comparison: ColumnComparison, _ statistic: Statistic) throws -> Measure {
      try #require(comparison.measures([(statistic, 0.1)], quantiles).first?.measure)
    }
    let pearson = ChiSquareTest(reference: reference, current: current).statistic
    for statistic in Self.divergences {
      let measure = try measure(comparison, statistic)
      let excess = measure.bounds.value / measure.critical
      let isRoot = [.hellinger, .totalVariation, .cramersV].contains(statistic)
      #expect(((isRoot ? excess * excess : excess) - pearson / 61.09830608105814).magnitude < 1e-9, "\(statistic)")
    }
    let same = ColumnComparison(bins: reference, reference)
    #expect((try measure(same, .psi).critical - 0.002 * 61.09830608105814).magnitude < 1e-9)
    #expect((try measure(same, .cramersV).critical - (0.0005 * 61.09830608105814).squareRoot()).magnitude < 1e-9)
    for (reference, current) in [([9, 0], [9, 0]), ([0, 0], [3, 6]), ([3, 6], [0, 0])] {
      let nothing = ColumnComparison(bins: reference, current)
      for statistic in Self.divergences { #expect(try measure(nothing, statistic).critical == 0) }
    }
  }
}
