import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Bets")
struct BetTests {
  private static func tables(_ shape: TestShape, rows: Int, dependence: Double) -> BetTables {
    tables(TestRun([shape], rows: rows, seed: 11).reference.columns[0], dependence: dependence)
  }

  private static func tables(_ column: ColumnReference, dependence: Double) -> BetTables {
    BetTables(Bets(binning: column.binning, counts: column.countsWithMissing), dependence: dependence)
  }

  private static func oneRow(_ bin: Int, of bins: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: bins)
    counts[bin] = 1
    return counts
  }

  /// ln of each fixed bet's factor on a row of each bin.
  private static func factors(_ tables: BetTables) -> [[Double]] {
    (0..<tables.binCount).map { fixed(tables, oneRow($0, of: tables.binCount)) }
  }

  /// ln of each fixed bet's factor on a pane.
  private static func fixed(_ tables: BetTables, _ pane: [Int]) -> [Double] {
    var sums = tables.room
    tables.addFixed(pane, rows: Double(pane.reduce(0, +)), into: &sums)
    return (0..<tables.fixedCount).map { sums[$0 / 4][$0 % 4] }
  }

  @Test("Under the reference no bet is expected to grow", arguments: TestShape.allCases, [1.0, 3])
  func fairUnderReference(shape: TestShape, dependence: Double) {
    for rows in [60, 4_000] {
      let tables = Self.tables(shape, rows: rows, dependence: dependence)
      let factors = Self.factors(tables)
      #expect((tables.weights.reduce(0, +) - 1).magnitude < 1e-12)
      for bet in 0..<tables.fixedCount {
        let mean = zip(tables.shares, factors).reduce(0) { $0 + $1.0 * Elementary.exp($1.1[bet]) }
        #expect(mean <= 1, "bet \(bet) \(tables.changes[bet]) of \(rows) rows: \(mean)")
      }
    }
  }

  /// The shares within the confidence set that favour a bet most are π·(1 + z(l − 1)/(sd·√N)): there its mean is 1.
  @Test("The bound is that of the least favourable shares in the confidence set", arguments: TestShape.allCases)
  func boundIsTight(shape: TestShape) {
    let rows = 4_000
    let tables = Self.tables(shape, rows: rows, dependence: 1)
    let factors = Self.factors(tables)
    var tight = 0
    for bet in 0..<tables.fixedCount {
      let ratios = factors.map { Elementary.exp($0[bet]) }
      let level = zip(tables.shares, ratios).reduce(0) { $0 + $1.0 * $1.1 }
      let likelihood = ratios.map { $0 / level }
      let variance = zip(tables.shares, likelihood).reduce(-1) { $0 + $1.0 * $1.1 * $1.1 }
      let reach = DetectorTuning.confidence / (variance * Double(rows)).squareRoot()
      let worst = zip(tables.shares, likelihood).map { $0 * (1 + reach * ($1 - 1)) }
      guard worst.allSatisfy({ $0 >= 0 }) else { continue }
      tight += 1
      let mean = zip(worst, ratios).reduce(0) { $0 + $1.0 * $1.1 }
      // Bets that do not move with the reference's error pay for its square besides.
      let pays = tables.changes[bet] == .moreEven
      #expect(pays ? mean < 1 : (mean - 1).magnitude < 1e-9, "bet \(bet) \(tables.changes[bet]): \(mean)")
    }
    #expect(tight > 0)
  }

  @Test("A learned bet is fair for every share in its confidence set", arguments: [TestShape.normal, .categories])
  func learnedIsFair(shape: TestShape) {
    var chance = SplitMix64(seed: 5)
    let rows = 1_000
    for dependence in [1.0, 4] {
      let tables = Self.tables(shape, rows: rows, dependence: dependence)
      for round in 0..<30 {
        let bets = Self.learned(tables, panes: round, &chance)
        for lane in 0..<2 {
          let logs = tables.shares.indices.map {
            Self.learned(bets, tables, Self.oneRow($0, of: tables.binCount))[lane] * dependence
          }
          let factors = logs.map(Elementary.exp)
          let level = zip(tables.shares, factors).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(level <= 1 + 1e-12)
          // The least favourable shares at chi-square distance Q/N: the mean is 1 there.
          let gains = factors.map { $0 / level }
          let distance = zip(tables.shares, gains).reduce(-1) { $0 + $1.0 * $1.1 * $1.1 }
          guard distance > 1e-12 else { continue }
          let reach = tables.learnedBound / distance.squareRoot()
          let worst = zip(tables.shares, gains).reduce(0) { $0 + $1.0 * (1 + reach * ($1.1 - 1)) * $1.1 }
          #expect((worst * level - 1).magnitude < 1e-9)
        }
      }
    }
  }

  /// What was learned of some panes of chance.
  private static func learned(_ tables: BetTables, panes: Int, _ chance: inout SplitMix64) -> LearnedBets {
    var bets = LearnedBets(bins: tables.binCount)
    var fading = Fading()
    for _ in 0..<panes {
      let pane = tables.shares.map { _ in chance.below(4) * chance.below(2) }
      let total = pane.reduce(0, +)
      guard total > 0 else { continue }
      fading.go(to: Double(total))
      bets.learn(pane, tables, fading)
    }
    return bets
  }

  /// ln of the learned bets' factors on a pane.
  private static func learned(_ bets: LearnedBets, _ tables: BetTables, _ pane: [Int]) -> SIMD2<Double> {
    var room = LearnedBets.room
    return bets.logFactors(pane, rows: Double(pane.reduce(0, +)), tables, room: &room)
  }

  @Test("A pane's factor is the product of its rows'", arguments: TestShape.allCases)
  func panesMultiply(shape: TestShape) {
    let tables = Self.tables(shape, rows: 1_000, dependence: 1)
    let factors = Self.factors(tables)
    var chance = SplitMix64(seed: 9)
    let bets = Self.learned(tables, panes: 20, &chance)
    let ofRows = tables.shares.indices.map { Self.learned(bets, tables, Self.oneRow($0, of: tables.binCount)) }
    for most in [1, 5, 16, 17, 200, 1_000_000] {
      let pane = tables.shares.map { _ in chance.below(most) * chance.below(2) }
      let rows = Double(pane.reduce(0, +))
      let sums = Self.fixed(tables, pane)
      for bet in 0..<tables.fixedCount {
        let product = zip(pane, factors).reduce(0) { $0 + Double($1.0) * $1.1[bet] }
        #expect((sums[bet] - product).magnitude <= 1e-14 * rows)
      }
      let learned = Self.learned(bets, tables, pane)
      let product = zip(pane, ofRows).reduce(SIMD2.zero) { $0 + Double($1.0) * $1.1 }
      for lane in 0..<2 { #expect((learned[lane] - product[lane]).magnitude <= 1e-14 * rows) }
    }
  }

  /// After a long quiet time the longer memory's factor before its price is near 17 in each of 60 bins: 17^420 for 7
  /// rows in each.
  @Test("A product beyond all numbers is no infinite factor")
  func hugeProducts() {
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .category)])
    for row in 0..<60_000 { builder.add([.category("v\(row % 60)")]) }
    let tables = Self.tables(builder.finish().columns[0], dependence: 1)
    #expect(tables.binCount > 60)
    var (bets, fading) = (LearnedBets(bins: tables.binCount), Fading())
    let quiet = tables.shares.map { Int($0 * 10_000) }
    fading.go(to: Double(quiet.reduce(0, +)))
    bets.learn(quiet, tables, fading)
    let ofRows = tables.shares.indices.map { Self.learned(bets, tables, Self.oneRow($0, of: tables.binCount)) }
    let rows = Double(15 * tables.binCount)
    let own = Self.learned(bets, tables, quiet.map { _ in 15 })
    let product = ofRows.reduce(SIMD2.zero) { $0 + 15 * $1 }
    for lane in 0..<2 { #expect((own[lane] - product[lane]).magnitude <= 1e-14 * rows) }
  }

  @Test("Shiryaev and Roberts: R minus the rows is expected to stay below 0, over every pane of two rows")
  func supermartingale() {
    let tables = Self.tables(.binary, rows: 1_000, dependence: 1)
    let factors = Self.factors(tables).map { $0.map(Elementary.exp) }
    for bet in 0..<tables.fixedCount {
      var mean = 0.0
      for (first, share) in tables.shares.enumerated() {
        for (second, other) in tables.shares.enumerated() {
          mean += share * other * (2 + 7) * factors[first][bet] * factors[second][bet]
        }
      }
      #expect(mean <= 2 + 7)
    }
  }
}
