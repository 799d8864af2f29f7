import Foundation
import Models
import TestSupport
import Testing

@Suite struct EvaluationTests {
  private func bruteForce(_ scores: [(Double, Bool)]) -> Double? {
    var won = 0.0
    var pairs = 0.0
    for (one, isOne) in scores where isOne {
      for (zero, isZero) in scores where !isZero {
        pairs += 1
        won += one > zero ? 1 : one == zero ? 0.5 : 0
      }
    }
    return pairs > 0 ? won / pairs : nil
  }

  @Test func aucIsTheShareOfPairsWon() throws {
    var random = SplitMix64(seed: 30)
    for round in 0..<300 {
      let levels = [1, 2, 3, 10, 1_000_000][round % 5]
      let scores = (0..<random.below(40)).map { _ in
        (Double(random.below(levels)) / Double(levels), random.below(3) == 0)
      }
      var evaluation = Evaluation(task: .binary)
      for (score, isOne) in scores { evaluation.add(.number(score), .number(isOne ? 1 : 0)) }
      guard let expected = bruteForce(scores) else {
        #expect(evaluation.auc == nil)
        continue
      }
      #expect(abs((evaluation.auc ?? .nan) - expected) < 1e-12)
    }
  }

  @Test func binaryMetrics() throws {
    var evaluation = Evaluation(task: .binary)
    let rows: [(Double, Double)] = [(0.9, 1), (0.5, 1), (0.5, 0), (0.2, 0), (0, 1), (1, 1)]
    for (p, y) in rows { #expect(evaluation.add(.number(p), .number(y)) == true) }
    #expect(evaluation.count == 6)
    #expect(evaluation.accuracy == 4.0 / 6)
    let losses = rows.map { p, y in -log(min(max(y == 1 ? p : 1 - p, 1e-6), 1 - 1e-6)) }
    #expect(abs((evaluation.logLoss ?? .nan) - losses.reduce(0, +) / 6) < 1e-12)
    let clipped = rows.map { p, y in -log(min(max(y == 1 ? p : 1 - p, 0.01), 0.99)) }
    let mean = clipped.reduce(0, +) / 6
    #expect(abs((evaluation.lossMean ?? .nan) - mean) < 1e-12)
    #expect(evaluation.mae == nil && evaluation.rmse == nil)
  }

  @Test func regressionMetrics() throws {
    var evaluation = Evaluation(task: .regression)
    for (output, target) in [(1.0, 2.0), (3, 3), (5, 1)] { evaluation.add(.number(output), .number(target)) }
    #expect(evaluation.mae == 5.0 / 3)
    #expect(abs((evaluation.rmse ?? .nan) - (17.0 / 3).squareRoot()) < 1e-15)
    #expect(evaluation.lossMean == evaluation.mae)
    #expect(evaluation.accuracy == nil && evaluation.auc == nil && evaluation.logLoss == nil)
    evaluation.add(.number(1e300), .number(-1e300))
    #expect(evaluation.rmse?.isFinite == true && evaluation.lossMean?.isFinite == true)
  }

  @Test func multiclassMetrics() throws {
    var evaluation = Evaluation(task: .three)
    #expect(evaluation.add(.probabilities([0.2, 0.5, 0.3]), .category("b")) == true)
    #expect(evaluation.add(.probabilities([0.4, 0.4, 0.2]), .category("b")) == true)
    #expect(evaluation.add(.probabilities([0, 0, 1]), .category("a")) == true)
    #expect(evaluation.accuracy == 1.0 / 3)
    let expected = -(log(0.5) + log(0.4) + log(1e-6)) / 3
    #expect(abs((evaluation.logLoss ?? .nan) - expected) < 1e-12)
    #expect(evaluation.auc == nil)
  }

  @Test func whatDoesNotFitIsNotCounted() {
    let misfits: [(Task, Output, Target)] = [
      (.binary, .number(1.5), .number(1)), (.binary, .number(.nan), .number(1)), (.binary, .number(0.5), .number(2)),
      (.binary, .probabilities([0.5, 0.5]), .number(1)), (.three, .probabilities([1]), .category("a")),
      (.three, .probabilities([0, 0, .nan]), .category("a")), (.three, .probabilities([0, 0, 1]), .category("d")),
      (.three, .number(1), .category("a")), (.regression, .number(.infinity), .number(1)),
      (.regression, .number(1), .number(.nan)), (.regression, .number(1), .category("x")),
    ]
    for (task, output, target) in misfits {
      var evaluation = Evaluation(task: task)
      #expect(evaluation.add(output, target) == false)
      #expect(evaluation.count == 0 && evaluation.lossMean == nil)
    }
  }

  @Test func losses() {
    let binary: [(Loss, Double?)] = [
      (.clippedLogLoss, -log(0.01)), (.logLoss, -log(1e-6)), (.zeroOne, 1), (.absoluteError, nil), (.squaredError, nil),
    ]
    for (loss, expected) in binary {
      let value = LossFunction(loss, task: .binary)(.number(0), .number(1))
      #expect(value == nil ? expected == nil : abs((value ?? 0) - (expected ?? 0)) < 1e-12)
    }
    #expect(LossFunction(.zeroOne, task: .regression)(.number(1), .number(1)) == nil)
    #expect(LossFunction(.squaredError, task: .regression)(.number(1), .number(3)) == 4)
    #expect(LossFunction(.zeroOne, task: .three)(.probabilities([0.1, 0.8, 0.1]), .category("b")) == 0)
  }
}
