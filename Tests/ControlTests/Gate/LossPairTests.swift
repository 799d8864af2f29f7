import Bytes
import Models
import TestSupport
import Testing

@testable import Control

/// Losses per row, and the least that a test's difference can be over all labels.
struct LossPairTests {
  static let contrasts = [
    Contrast.notWorse(by: 0.02), .worse(by: -0.01), .worse(by: 0.1), .worse(by: 0), .notWorse(by: 0),
  ]
  static let scores = [0, 0.005, 0.2, 0.49, 0.5, 0.8, 1]

  func judged(_ losses: PairedLosses, _ p: Output, _ q: Output, _ target: Target) -> LossPair? {
    var losses = losses
    guard case .judged(let pair) = losses.row(champion: p, challenger: q, target: target) else { return nil }
    return pair
  }

  @Test(arguments: [GateMeasure.logLoss, .error]) func leastIsTheWorseOfBothLabels(measure: GateMeasure) throws {
    let losses = PairedLosses(measure, task: .binary)
    for p in Self.scores {
      for q in Self.scores {
        let pairs = try [0.0, 1].map { try #require(judged(losses, .number(p), .number(q), .number($0))) }
        for contrast in Self.contrasts {
          let least = pairs.map { contrast.value($0) }.min()
          #expect(pairs.allSatisfy { contrast.least($0) == least })
        }
      }
    }
  }

  @Test func logLossIsClipped() throws {
    let losses = PairedLosses(.logLoss, task: .binary)
    let pair = try #require(judged(losses, .number(0), .number(1), .number(1)))
    #expect((pair.champion - 4.605_170_185_988_091).magnitude < 1e-12)
    #expect((pair.challenger - 0.010_050_335_853_501_4).magnitude < 1e-12)
  }

  /// No label of a regression brings a difference below the stated least, and some label comes near it.
  @Test(arguments: [0.0, 0.3, 0.9, 1.5, 4]) func leastBoundsRegression(distance: Double) throws {
    let losses = PairedLosses(.absoluteError, task: .regression, cap: 2)
    for contrast in Self.contrasts {
      var least = Double.infinity
      for label in stride(from: -8.0, through: 8, by: 0.05) {
        let pair = try #require(judged(losses, .number(0), .number(distance), .number(label)))
        #expect((0...1).contains(pair.champion) && (0...1).contains(pair.challenger))
        #expect(contrast.value(pair) >= contrast.least(pair) - 1e-12)
        least = min(least, contrast.value(pair))
      }
      let stated = contrast.least(
        try #require(judged(losses, .number(0), .number(distance), .number(0))))
      #expect(least - stated < 0.11, "and it is not far below what can happen")
    }
  }

  @Test func severalClasses() throws {
    let task = Task.multiclass(classes: ["a", "b", "c"])
    let (p, q) = ([0.5, 0.3, 0.2], [0.1, 0.2, 0.7])
    for measure in [GateMeasure.logLoss, .error] {
      let losses = PairedLosses(measure, task: task)
      let pairs = try ["a", "b", "c"].map {
        try #require(judged(losses, .probabilities(p), .probabilities(q), .category($0)))
      }
      for contrast in Self.contrasts {
        let least = pairs.map { contrast.value($0) }.min()
        #expect(pairs.allSatisfy { contrast.least($0) == least })
      }
      if measure == .error { #expect(pairs.map(\.champion) == [0, 1, 1] && pairs.map(\.challenger) == [1, 1, 0]) }
    }
    #expect(judged(PairedLosses(.logLoss, task: task), .probabilities(p), .probabilities(q), .category("d")) == nil)
  }

  /// Against a plain recount of the newest fifty of the other class.
  @Test(arguments: 0..<3 as Range<UInt64>) func rankingCountsTheNewestFifty(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var losses = PairedLosses(.ranking, task: .binary)
    var seen: [(score: Double, isOne: Bool)] = []
    for _ in 0..<400 {
      let score = Double(random.below(8)) / 8
      let isOne = random.below(3) == 0
      let others = seen.filter { $0.isOne != isOne }.suffix(50).map(\.score)
      let row = losses.row(champion: .number(score), challenger: .number(0.5), target: .number(isOne ? 1 : 0))
      if others.isEmpty {
        if case .passedOver = row {} else { Issue.record("nothing to rank against") }
      } else if case .judged(let pair) = row {
        let lost = others.reduce(0.0) { $0 + ($1 == score ? 0.5 : ($1 > score) == isOne ? 1 : 0) }
        #expect(pair.champion == lost / Double(others.count) && pair.challenger == 0.5)
        for contrast in Self.contrasts { #expect(contrast.least(pair) <= contrast.value(pair)) }
      } else {
        Issue.record("not judged")
      }
      seen.append((score, isOne))
    }
  }

  @Test func whatIsNoOutputIsTold() {
    var losses = PairedLosses(.logLoss, task: .binary)
    let bad: [Output] = [.number(.nan), .number(-0.1), .number(1.1), .probabilities([0.5, 0.5])]
    for output in bad {
      if case .unscored(byChallenger: true) = losses.row(champion: .number(0.5), challenger: output, target: .number(1))
      {
      } else {
        Issue.record("\(output) taken of the challenger")
      }
      if case .unscored(byChallenger: false) = losses.row(
        champion: output, challenger: .number(0.5), target: .number(1))
      {
      } else {
        Issue.record("\(output) taken of the champion")
      }
    }
    for target in [Target.number(0.5), .number(.nan), .category("1")] {
      if case .passedOver = losses.row(champion: .number(0.5), challenger: .number(0.5), target: target) {
      } else {
        Issue.record("\(target) taken")
      }
    }
  }

  @Test func measuresFitTheirTask() {
    #expect(PairedLosses(.absoluteError, task: .binary).measure == .logLoss)
    #expect(PairedLosses(.ranking, task: .regression).measure == .absoluteError)
    #expect(PairedLosses(.ranking, task: .multiclass(classes: ["a", "b"])).measure == .logLoss)
    #expect(GateMeasure.cap(of: [1, -2, 3, .nan]) == 12)
    #expect(GateMeasure.cap(of: [0, 0, 0, 2]) == 3 && GateMeasure.cap(of: []) == 1 && GateMeasure.cap(of: [0]) == 1)
  }
}
