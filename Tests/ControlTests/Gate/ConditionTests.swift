import Control
import Events
import Models
import TestSupport
import Testing

/// Fairness, calibration, the canary and its guard.
struct ConditionTests {
  /// Rates of 0.3 and 0.2 in two groups, one of 15 % of the rows, looked at every fifty rows: the interval holds the gap
  /// of 0.1 at every look in at least 95 % of the runs.
  @Test func fairnessIntervalsHoldUnderPeeking() {
    let rule = FairnessRule(segment: "sex", group: "a", other: "b", rate: .positiveRate)
    let configuration = GateConfiguration(fairness: [rule])
    let missed = (0..<60).count { seed in
      var random = SplitMix64(seed: UInt64(seed))
      random = SplitMix64(seed: random.next())
      var trial = ChallengerTrial(configuration, task: .binary)
      return (1...1_500).contains { row in
        let isB = random.uniform() < 0.15
        let isPositive = random.uniform() < (isB ? 0.2 : 0.3)
        trial.add(
          champion: .number(0.5), challenger: .number(isPositive ? 0.9 : 0.1), target: .number(0),
          segments: [Segment(name: "sex", value: isB ? "b" : "a")])
        guard row % 50 == 0, row >= 200 else { return false }
        let gap = PromotionGate(configuration).judge(trial).fairness[0].gap
        return !(gap.low...gap.high).contains(0.1)
      }
    }
    #expect(missed <= 5)
  }

  static func unfair(_ rate: FairnessRate, limit: Double, mustBeProven: Bool, rows: Int) -> GateRecord {
    let rule = FairnessRule(
      segment: "sex", group: "a", other: "b", rate: rate, limit: limit, mustBeProven: mustBeProven)
    let configuration = GateConfiguration(segmentTolerance: 9, fairness: [rule])
    var trial = ChallengerTrial(configuration, task: .binary)
    // Of the ones, all of a are found and half of b; of the zeros, none is mistaken. The champion knows nothing.
    for row in 0..<rows {
      let isOne = row % 2 == 0
      let isB = row % 4 >= 2
      let isMissed = isB && row % 8 == 2
      trial.add(
        champion: .number(0.5), challenger: .number(isOne && !isMissed ? 0.9 : 0.1), target: .number(isOne ? 1 : 0),
        segments: [Segment(name: "sex", value: isB ? "b" : "a")])
    }
    return PromotionGate(configuration).judge(trial)
  }

  @Test func eachRateCountsItsRows() {
    for (rate, gap) in [
      (FairnessRate.truePositiveRate, 0.5), (.positiveRate, 0.25), (.falsePositiveRate, 0), (.errorRate, -0.25),
    ] {
      let record = Self.unfair(rate, limit: 1, mustBeProven: false, rows: 4_000).fairness[0]
      #expect((record.gap.value - gap).magnitude < 1e-12 && record.verdict == .held)
      #expect(record.gap.low < gap && gap < record.gap.high && record.rate == rate.rawValue)
      #expect(record.groupRows == (rate == .truePositiveRate || rate == .falsePositiveRate ? 1_000 : 2_000))
    }
  }

  @Test func gapsBlockWhereTheyAreProven() {
    #expect(Self.unfair(.truePositiveRate, limit: 0.1, mustBeProven: false, rows: 4_000).outcome == .reject)
    #expect(Self.unfair(.truePositiveRate, limit: 0.9, mustBeProven: true, rows: 4_000).outcome == .promote)
    let near = Self.unfair(.truePositiveRate, limit: 0.5, mustBeProven: false, rows: 4_000)
    #expect(near.fairness[0].verdict == .undetermined && near.outcome == .promote)
    let asked = Self.unfair(.truePositiveRate, limit: 0.5, mustBeProven: true, rows: 4_000)
    #expect(asked.outcome == .shadow && asked.reason.contains("not proven to be within"))
  }

  /// Scores that promise half of what comes true are found, honest ones are not, whatever chance does.
  @Test func calibrationIsMeasured() throws {
    let gate = PromotionGate(GateConfiguration(calibrationLimit: 0.1))
    for seed in 0..<6 as Range<UInt64> {
      for (skill, isHonest) in [(1.0, true), (0.9, true), (-1, false)] {
        var trial = ChallengerTrial(gate.configuration, task: .binary)
        for row in scoredRows(2_000, seed: seed, championSkill: 1, skill: skill) {
          trial.add(champion: row.champion, challenger: row.challenger, target: row.target)
        }
        let record = try #require(gate.judge(trial).calibration)
        #expect((record.verdict == .broken) == !isHonest)
        #expect(record.challenger.low <= record.challenger.value && record.challenger.value <= record.challenger.high)
        #expect(record.champion.low < 0.02 && record.bias.magnitude < 0.1)
      }
    }
  }

  @Test func aRegressionHasNeither() {
    var trial = ChallengerTrial(GateConfiguration(), task: .regression, cap: 10)
    for row in 0..<2_000 {
      let truth = Double(row % 7)
      trial.add(champion: .number(truth + 3), challenger: .number(truth + 1), target: .number(truth))
    }
    let record = PromotionGate(trial.configuration).judge(trial)
    #expect(record.outcome == .promote && record.calibration == nil && record.measure == "absolute_error")
    #expect((record.challenger - 0.1).magnitude < 1e-12)
  }

  @Test func aCanaryIsRolledBackConfirmedOrLeftToAPerson() {
    let configuration = GateConfiguration(gain: 0.01, shadowRows: 1_500)
    func verdict(_ gain: Double, rows: Int = 1_500) -> CanaryVerdict {
      var canary = CanaryTrial(configuration, task: .binary, knownDependence: 1)
      for row in scoredRows(rows, seed: 4, championSkill: 0.5, skill: 0.5 + gain) {
        canary.add(previous: row.champion, current: row.challenger, target: row.target)
        if canary.verdict != .goOn { break }
      }
      return canary.verdict
    }
    #expect(verdict(-1) == .rollBack && verdict(0.5) == .confirm && verdict(0) == .person)
    #expect(verdict(-1, rows: 199) == .goOn)
    var canary = CanaryTrial(configuration, task: .binary)
    canary.add(previous: .number(0.5), current: .number(.nan), target: .number(1))
    #expect(canary.verdict == .rollBack)
  }

  /// Of versions as good as the one before at most 1 % are rolled back: with 60 seeds, three or more would be unlikely.
  @Test func equalVersionsStay() {
    let rolledBack = (0..<60).count { seed in
      var random = SplitMix64(seed: UInt64(seed))
      random = SplitMix64(seed: random.next())
      var canary = CanaryTrial(GateConfiguration(), task: .binary, knownDependence: 1)
      return (0..<1_500).contains { row in
        // Two scores at the same distance from one half, so that either is as often the better one.
        let isOne = random.below(2) == 0
        let first = random.below(2) == 0
        canary.add(
          previous: .number(first ? 0.7 : 0.3), current: .number(first ? 0.3 : 0.7), target: .number(isOne ? 1 : 0))
        return row % 50 == 49 && canary.verdict == .rollBack
      }
    }
    #expect(rolledBack <= 2)
  }

  enum Output {
    case healthy, constant, flipped
  }

  /// The row at which the guard fires, of 1,000.
  static func fired(_ output: Output, seed: Int) -> Int? {
    var random = SplitMix64(seed: UInt64(seed))
    random = SplitMix64(seed: random.next())
    var watch = CanaryGuard()
    func scores() -> (Double, Double) {
      let p = 0.05 + 0.9 * random.uniform() * random.uniform()
      return (p, min(max(p + 0.1 * random.normal(), 0), 1))
    }
    for _ in 0..<1_000 {
      let (p, q) = scores()
      watch.addValidation(previous: .number(p), current: .number(q))
    }
    for row in 1...1_000 {
      let (p, q) = scores()
      let shown = output == .healthy ? q : output == .constant ? 0.9 : 1 - q
      watch.add(previous: .number(p), current: .number(shown))
      if watch.fires { return row }
    }
    return nil
  }

  @Test func theGuardFindsBrokenOutputsWithoutLabels() {
    for seed in 0..<20 {
      for output in [Output.constant, .flipped] { #expect((30...120).contains(Self.fired(output, seed: seed) ?? .max)) }
    }
    #expect((0..<40).count { Self.fired(.healthy, seed: $0) != nil } <= 2)
    var watch = CanaryGuard()
    watch.add(previous: .number(0.5), current: .number(.nan))
    #expect(watch.fires && watch.unscored == 1)
  }
}
