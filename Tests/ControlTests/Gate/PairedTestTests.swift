import Bytes
import Foundation
import TestSupport
import Testing

@testable import Control

/// The arithmetic of the test by betting, and its promise where it is exact.
struct PairedTestTests {
  /// Over all sequences of fair rows the mean of E is 1, so no rule for stopping gains by it.
  @Test(arguments: [[(-1.0, 0.5), (1.0, 0.5)], [(-1.0, 0.2), (0.25, 0.8)], [(-0.5, 0.25), (0, 0.5), (0.5, 0.25)]])
  func fairRowsGiveEvidenceOneOnAverage(row: [(Double, Double)]) {
    for length in [1, 4, row.count == 2 ? 10 : 6] {
      var expected = 0.0
      for sequence in everyArray(over: Array(row.indices), upTo: length) where sequence.count == length {
        var test = PairedTest()
        for index in sequence { test.add(row[index].0, least: row[0].0) }
        expected += sequence.reduce(exp(test.logEvidence)) { $0 * row[$1].1 }
      }
      #expect((expected - 1).magnitude < 1e-9)
    }
  }

  /// The formula, written out.
  @Test(arguments: 0..<20 as Range<UInt64>) func followsTheFormula(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var test = PairedTest(priorDependence: 1 + random.uniform())
    var wealth = [Double](repeating: 0, count: 8)
    var bound = 0.05
    for _ in 0..<15 {
      let least = -random.uniform()
      let x = least + random.uniform()
      test.add(x, least: least)
      bound = max(bound, -least)
      for k in 0..<8 { wealth[k] += log(1 + 0.9 / bound * pow(2, -Double(k)) * x) }
    }
    let weights = (0..<8).map { pow(2, -Double($0)) / (2 - pow(2, -7)) }
    let expected = log(zip(weights, wealth).reduce(0) { $0 + $1.0 * exp($1.1 / test.priorDependence) })
    #expect(test.dependence == test.priorDependence, "fifteen rows say nothing of dependence")
    #expect((test.logEvidence - expected).magnitude < 1e-12)
    #expect(test.proves(alpha: 0.05) == (test.logEvidence >= log(20)))
  }

  @Test func rowsNeededFollowTheStatedFormula() throws {
    var test = PairedTest()
    for row in 0..<100 { test.add(row % 2 == 0 ? 0.3 : -0.1, least: -1) }
    let needed = try #require(test.rowsNeeded(alpha: 0.05))
    #expect(needed == Int((2 * (log(20) + 2.4) * 0.04 * test.dependence / 0.01).rounded(.up)))
    let strict = try #require(test.rowsNeeded(alpha: 0.01))
    #expect(strict > needed)
    var worse = PairedTest()
    worse.add(-0.1, least: -1)
    #expect(worse.rowsNeeded(alpha: 0.05) == nil, "no number of such rows suffices")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300]) func numbersBeyondMeasureChangeNothing(value: Double) {
    var test = PairedTest()
    test.add(0.5, least: -1)
    let before = test
    let taken = (test.add(value, least: -1), test.add(0.5, least: value))
    #expect(taken == (false, false) && test == before)
  }

  @Test func aDifferenceBelowTheLeastRuinsNothing() {
    var test = PairedTest()
    test.add(-5, least: 0)
    #expect(test.logEvidence.isFinite && test.logEvidence < 0)
  }

  /// A test that went through bytes at any row goes on as if it had not.
  @Test func stateGoesThroughBytes() throws {
    let (values, least) = GateStream.ar8.differences(mean: 0.02, rows: 600, seed: 3)
    var plain = PairedTest(priorDependence: 1.5)
    var restored = plain
    for (row, value) in values.enumerated() {
      plain.add(value, least: least)
      restored.add(value, least: least)
      guard row % 37 == 0 else { continue }
      var writer = ByteWriter()
      restored.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      restored = try PairedTest(from: &reader)
      try reader.expectEnd()
    }
    #expect(restored == plain && plain.rows == 600)
  }

  @Test func blocksAreThoseOfTheirLengths() {
    let (values, _) = GateStream.ar5.differences(mean: 0, rows: 1_111, seed: 5)
    var sums = BlockSums()
    for value in values { sums.add(value) }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    var largest = 0.0
    for length in [4, 8, 16, 32, 64, 128, 256] where values.count / length >= 4 {
      let count = Double(values.count / length)
      let excess = (0..<values.count / length).reduce(0.0) { sum, block in
        let part = values[block * length..<(block + 1) * length].reduce(0, +) - mean * Double(length)
        return sum + part * part
      }
      largest = max(largest, excess / (count - 1) / (Double(length) * variance) * (1 + (2 / count).squareRoot()))
    }
    #expect((sums.inflation(mean: mean, variance: variance) - largest).magnitude < 1e-9)
  }

  /// Sums of an AR(1) series vary (1 + ρ)/(1 − ρ) times as much as those of independent rows.
  @Test(arguments: [(GateStream.independent, 1.0), (.ar5, 3), (.ar8, 9), (.ar95, 39)])
  func dependenceIsFound(stream: GateStream, inflation: Double) {
    let found = (0..<20).map { seed -> Double in
      let (values, least) = stream.differences(mean: 0, rows: 4_000, seed: seed)
      var test = PairedTest()
      for value in values { test.add(value, least: least) }
      return test.dependence
    }.sorted()[10]
    #expect((0.7 * inflation...2 * inflation).contains(found))
  }

  @Test func historyKnowsDependenceFrom5000RowsOn() throws {
    var random = SplitMix64(seed: 1)
    var (independent, trending, dependent) = (LossHistory(), LossHistory(), LossHistory())
    var state = 0.0
    for row in 0..<6_000 {
      #expect((independent.dependence == nil) == (row < LossHistory.minimumRows))
      independent.add(random.uniform())
      trending.add(random.uniform() + Double(row) / 30_000)
      state = 0.9 * state + random.normal()
      dependent.add(state)
    }
    #expect(independent.dependence.map { $0 < 2 } == true)
    #expect(trending.dependence.map { $0 < 2 } == true, "a slow change is no dependence")
    #expect(dependent.dependence.map((8...LossHistory.largest).contains) == true)
    let rows = dependent.rows
    dependent.add(.nan)
    #expect(dependent.rows == rows)
    var writer = ByteWriter()
    dependent.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    let restored = try LossHistory(from: &reader)
    #expect(restored == dependent)
    try reader.expectEnd()
  }
}
