import Sketches
import TestSupport
import Testing

@testable import Drift

struct SymmetricEigenTests {
  @Test func agreesWithLAPACK() {
    let matrix = [2, -1, 0.5, 0, -1, 3, 0.25, 1, 0.5, 0.25, 1, -0.75, 0, 1, -0.75, 4]
    let published = [0.36198266940945, 1.7791099896808, 3.0427395408836, 4.8161678000261]
    for (own, theirs) in zip(SymmetricEigen(matrix, size: 4).values.sorted(), published) {
      #expect((own - theirs).magnitude < 1e-12)
    }
  }

  @Test(arguments: 1...12) func vectorsRebuildTheMatrix(size n: Int) {
    var random = SplitMix64(seed: UInt64(n))
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        matrix[i * n + j] = random.normal()
        matrix[j * n + i] = matrix[i * n + j]
      }
    }
    let eigen = SymmetricEigen(matrix, size: n)
    for i in 0..<n {
      for j in 0..<n {
        let entry = (0..<n).reduce(0) { $0 + eigen.values[$1] * eigen.vectors[i * n + $1] * eigen.vectors[j * n + $1] }
        #expect((entry - matrix[i * n + j]).magnitude < 1e-10)
        let product = (0..<n).reduce(0) { $0 + eigen.vectors[$1 * n + i] * eigen.vectors[$1 * n + j] }
        #expect((product - (i == j ? 1 : 0)).magnitude < 1e-10)
      }
    }
  }

  @Test func rankOneAndZero() {
    let ones = SymmetricEigen([Double](repeating: 1, count: 9), size: 3).values.sorted()
    #expect(ones[0].magnitude < 1e-12 && ones[1].magnitude < 1e-12 && (ones[2] - 3).magnitude < 1e-12)
    #expect(SymmetricEigen([0, 0, 0, 0], size: 2).values == [0, 0])
    #expect(SymmetricEigen([], size: 0).values.isEmpty)
  }
}

struct JointFeatureTests {
  /// SciPy: (pdf(u) − pdf(v))/share for the quantiles u, v of each share's ends.
  @Test func normalScoresAgreeWithSciPy() {
    let sixteenths = [
      -1.96774312999, -1.32591335275, -1.01288731974, -0.777881360457, -0.579963642156, -0.402735071811,
      -0.237459337725, -0.078493271784,
    ]
    let published: [([Double], [Double])] = [
      ([Double](repeating: 1 / 16, count: 16), sixteenths + sixteenths.reversed().map { -$0 }),
      ([0.5, 0.3, 0.2], [-0.797884560803, 0.396601199979, 1.39980960204]),
      ([0.05, 0.9, 0.05], [-2.06271280751, 0, 2.06271280751]),
    ]
    for (shares, scores) in published {
      for (own, theirs) in zip(JointFeatures.normalScores(shares), scores) { #expect((own - theirs).magnitude < 1e-10) }
    }
  }

  /// Over any shares: mean 0, variance 1, and the features of a number uncorrelated.
  @Test func areStandardised() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      let rows = (0..<JointBins.places).map { _ in random.below(3) == 0 ? 0 : random.below(200) }
      let total = Double(rows.reduce(0, +))
      guard total > 0 else { continue }
      for bins in [JointBins(edges: (0..<15).map(Double.init)), JointBins(levels: ["a", "b", "c"])] {
        let tables = JointFeatures(bins: bins, rows: rows).tables
        for table in tables {
          let mean = zip(rows, table).reduce(0) { $0 + Double($1.0) * $1.1 } / total
          let square = zip(rows, table).reduce(0) { $0 + Double($1.0) * $1.1 * $1.1 } / total
          #expect(mean.magnitude < 1e-9)
          #expect((square - 1).magnitude < 1e-9)
        }
        guard bins.levels == nil, tables.count > 1 else { continue }
        let product = rows.indices.reduce(0) { $0 + Double(rows[$1]) * tables[0][$1] * tables[1][$1] } / total
        #expect(product.magnitude < 1e-9)
      }
    }
  }

  @Test func binsCountEdgesBelow() {
    for count in 0...15 {
      let bins = JointBins(edges: (0..<count).map { Double($0) })
      for step in -2...34 {
        let x = Double(step) / 2
        #expect(bins.bin(of: .number(x)) == (0..<count).count { Double($0) < x })
      }
      for odd in [Double.nan, .infinity, -.infinity, 1e200] {
        #expect(bins.bin(of: .number(odd)) == JointBins.missing)
      }
      #expect(bins.bin(of: .category("a")) == JointBins.missing)
      #expect(bins.bin(of: .missing) == JointBins.missing)
    }
    let levels = JointBins(levels: ["a", "2"])
    #expect(levels.bin(of: .category("a")) == 0)
    #expect(levels.bin(of: .number(2)) == 1)
    #expect(levels.bin(of: .category("never met")) == 2)
    #expect(levels.bin(of: .missing) == JointBins.missing)
  }
}

struct JointSplitTests {
  @Test func everyRowIsFittedOrCounted() {
    for rows in [0, 1, 31, 32, 33, 500, 1_000, 20_001, 65_536] {
      let split = JointSplit(rows: rows)
      #expect((split.fitted + split.counted).sorted() == Array(0..<rows))
      #expect(split.counted.sorted() == split.counted)
      #expect(split.fitted.count <= min(rows / 2, JointTuning.mostFittedRows))
      #expect(split.stretches.last?.upperBound == split.fitted.count)
      #expect(zip(split.stretches, split.stretches.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }
  }
}
