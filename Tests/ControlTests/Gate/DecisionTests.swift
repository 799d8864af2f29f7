import Control
import Events
import Models
import Testing

/// What the gate decides, by rule.
struct DecisionTests {
  /// A comparison of `rows` rows with losses of 0.5 and 0.5·(1 − gain), which vary a little.
  static func trial(
    gain: Double, rows: Int, _ configuration: GateConfiguration = GateConfiguration(gain: 0.01), known: Double? = nil,
    noise: Double = 0.02, segments: (Int) -> [Segment] = { _ in [] }
  ) -> ChallengerTrial {
    var trial = ChallengerTrial(configuration, task: .binary, knownDependence: known)
    for row in 0..<rows { trial.add(pair(gain, row, noise), segments: segments(row)) }
    return trial
  }

  static func pair(_ gain: Double, _ row: Int, _ noise: Double = 0.02) -> LossPair {
    let swing = noise * [1, -1, 0, 2, -2][row % 5]
    return LossPair(
      champion: 0.5, challenger: 0.5 * (1 - gain) + swing,
      possible: [(champion: 0.5, challenger: 1.5), (champion: 0.5, challenger: 0)])
  }

  static func outcome(_ trial: ChallengerTrial, harmful: Bool = false) -> GateOutcome {
    PromotionGate(trial.configuration).judge(trial, PromotionGate.Candidate(championIsHarmful: harmful)).outcome
  }

  @Test func betterIsPromotedWorseRejectedEqualNeither() {
    #expect(Self.outcome(Self.trial(gain: 0.1, rows: 2_000)) == .promote)
    #expect(Self.outcome(Self.trial(gain: -0.1, rows: 2_000)) == .reject)
    #expect(Self.outcome(Self.trial(gain: 0.01, rows: 1_000, noise: 0.2)) == .shadow)
  }

  /// A gain below the one asked for is never promoted, however well it is proven not to be worse.
  @Test(arguments: [-0.5, -0.02, 0, 0.005, 0.009]) func lessThanTheGainIsNotPromoted(gain: Double) {
    for rows in [500, 2_000, 8_000] { #expect(Self.outcome(Self.trial(gain: gain, rows: rows)) != .promote) }
  }

  @Test func tooFewRowsDecideNothing() {
    for rows in [1, 199, 200, 499] {
      #expect(Self.outcome(Self.trial(gain: 0.5, rows: rows)) == .shadow)
      #expect(Self.outcome(Self.trial(gain: -0.5, rows: rows)) == .shadow)
      let known = Self.outcome(Self.trial(gain: 0.5, rows: rows, known: 1))
      #expect(known == (rows < 200 ? .shadow : .promote))
    }
    #expect(Self.outcome(Self.trial(gain: 0.5, rows: 500)) == .promote)
    #expect(Self.outcome(Self.trial(gain: 0.5, rows: 0)) == .shadow)
  }

  @Test func aShadowEndsWithAPerson() {
    var trial = Self.trial(gain: 0.01, rows: 600, GateConfiguration(shadowRows: 300), noise: 0.3)
    #expect(Self.outcome(trial) == .shadow && trial.shadowRows == 0)
    trial.beginShadow()
    for row in 0..<300 {
      #expect(Self.outcome(trial) == .shadow)
      trial.add(Self.pair(0.01, row, 0.3))
    }
    #expect(Self.outcome(trial) == .person && trial.shadowRows == 300)
    #expect(PromotionGate(trial.configuration).judge(trial).reason.contains("300 rows of shadow"))
  }

  @Test func aHarmfulChampionMakesWayProvisionally() {
    let far = Self.trial(gain: 0.2, rows: 600, noise: 0.9)
    #expect(Self.outcome(far) == .shadow && Self.outcome(far, harmful: true) == .provisional)
    let near = Self.trial(gain: 0.09, rows: 600, noise: 0.9)
    #expect(Self.outcome(near, harmful: true) == .shadow)
    #expect(Self.outcome(Self.trial(gain: 0.2, rows: 400), harmful: true) == .shadow, "too few rows all the same")
    #expect(Self.outcome(Self.trial(gain: 0.2, rows: 2_000), harmful: true) == .promote, "proof is better")
  }

  @Test func aWorseSegmentVetoesAndASmallOneDoesNot() {
    let segments = { (row: Int) in [Segment(name: "channel", value: row % 4 == 0 ? "web" : "shop")] }
    var trial = ChallengerTrial(GateConfiguration(), task: .binary)
    for row in 0..<2_000 { trial.add(Self.pair(row % 4 == 0 ? -0.5 : 0.4, row), segments: segments(row)) }
    let record = PromotionGate(trial.configuration).judge(trial)
    #expect(record.outcome == .reject && record.reason.hasPrefix("worse where channel is \"web\""))
    #expect(record.segments.map(\.segment.value) == ["shop", "web"])
    #expect(record.segments.map(\.verdict) == [.held, .broken] && record.segments.map(\.alert) == [false, true])
    var small = Self.trial(gain: 0.3, rows: 2_000)
    for row in 0..<29 { small.add(Self.pair(-5, row), segments: segments(0)) }
    #expect(Self.outcome(small) == .promote)
    #expect(PromotionGate(small.configuration).judge(small).segments.first?.verdict == .undetermined)
    small.add(Self.pair(-5, 0), segments: segments(0))
    #expect(Self.outcome(small) == .reject, "thirty rows say enough")
  }

  @Test func aProtectedSegmentMustBeProven() {
    let segment = Segment(name: "channel", value: "web")
    let configuration = GateConfiguration(protected: [segment])
    var trial = Self.trial(gain: 0.3, rows: 2_000, configuration)
    #expect(Self.outcome(trial) == .shadow, "it has not been seen")
    #expect(Self.outcome(trial, harmful: true) == .shadow)
    for row in 0..<999 { trial.add(Self.pair(0.3, row), segments: [segment]) }
    let record = PromotionGate(configuration).judge(trial)
    #expect(record.outcome == .shadow && record.reason.contains("999 rows, about 1000 are needed"))
    trial.add(Self.pair(0.3, 0), segments: [segment])
    #expect(Self.outcome(trial) == .promote)
  }

  @Test func segmentsBeyondTheLimitAreCounted() {
    let trial = Self.trial(gain: 0.3, rows: 1_000) { [Segment(name: "zip", value: "\($0)")] }
    let record = PromotionGate(trial.configuration).judge(trial)
    #expect(record.segments.count == GateLimits.segments && record.unfollowedRows == 1_000 - GateLimits.segments)
    #expect(record.outcome == .promote)
  }

  @Test func limitsOfTheArtifact() {
    let gate = PromotionGate(GateConfiguration(mostArtifactBytes: 1_000, mostScoringNanoseconds: 500))
    let trial = Self.trial(gain: 0.3, rows: 1_000, gate.configuration)
    for (bytes, taken, expected) in [
      (1_000, 500.0, GateOutcome.promote), (1_001, 1, .reject), (1, 501, .reject), (1, .nan, .reject),
    ] {
      let candidate = PromotionGate.Candidate(artifactBytes: bytes, scoringNanoseconds: taken)
      #expect(gate.judge(trial, candidate).outcome == expected)
      #expect(gate.judgeFirst(loss: 0.5, rows: 30, measure: .logLoss, candidate).outcome == expected)
    }
    #expect(gate.judge(trial).outcome == .promote, "what is not known is not held against it")
  }

  @Test func firstVersions() {
    let gate = PromotionGate(GateConfiguration())
    #expect(gate.judgeFirst(loss: 9, rows: 1, measure: .logLoss).outcome == .promote)
    for loss in [Double.nan, .infinity, -.infinity] {
      #expect(gate.judgeFirst(loss: loss, rows: 1, measure: .logLoss).outcome == .reject)
    }
  }

  @Test func theGoldenSetIsNotForgotten() {
    let gate = PromotionGate(GateConfiguration(goldenTolerance: 0.05))
    let trial = Self.trial(gain: 0.3, rows: 1_000)
    for (score, expected) in [(0.8, GateOutcome.promote), (0.9, .promote), (0.79, .reject), (0.1, .reject)] {
      var golden = GoldenComparison(gate.configuration, task: .binary, cap: 1)
      for _ in 0..<10 { golden.add(champion: .number(0.8), challenger: .number(score), target: .number(1)) }
      // −ln 0.79 is 5.6 % more than −ln 0.8.
      #expect(gate.judge(trial, PromotionGate.Candidate(golden: golden)).outcome == expected)
    }
    let empty = PromotionGate.Candidate(golden: GoldenComparison(gate.configuration, task: .binary, cap: 1))
    #expect(gate.judge(trial, empty).outcome == .promote)
  }

  @Test func aChallengerThatCannotScoreIsRejected() {
    var trial = Self.trial(gain: 0.3, rows: 1_000)
    let judged = trial.add(champion: .number(0.5), challenger: .number(.nan), target: .number(1))
    #expect(judged == nil && Self.outcome(trial) == .reject)
    var other = Self.trial(gain: 0.3, rows: 1_000)
    other.add(champion: .number(.nan), challenger: .number(0.5), target: .number(1))
    other.add(champion: .number(0.5), challenger: .number(0.5), target: .category("maybe"))
    #expect(Self.outcome(other) == .promote && other.unscoredByChampion == 1 && other.passedOver == 1)
  }

  @Test func theReportSaysHowManyRowsAreMissing() throws {
    let trial = Self.trial(gain: 0.05, rows: 600, noise: 0.5)
    let record = PromotionGate(trial.configuration).judge(trial)
    let needed = try #require(record.promotion?.rowsNeeded)
    #expect(record.outcome == .shadow && needed > 600)
    #expect(record.reason.contains("about \(needed - 600) more rows"))
    #expect(record.gain.map { $0 > 0.04 } == true && record.difference?.alpha == 0.05)
    let difference = try #require(record.difference)
    #expect(difference.low < difference.value && difference.value < difference.high)
  }

  /// Scores and labels all the way through: the better model wins, and the reverse comparison does not.
  @Test func scoresAreJudgedEndToEnd() {
    for measure in [GateMeasure.logLoss, .ranking, .error] {
      let configuration = GateConfiguration(measure: measure)
      var forth = ChallengerTrial(configuration, task: .binary)
      var back = forth
      for row in scoredRows(4_000, seed: 9, championSkill: measure == .logLoss ? 0.1 : -1, skill: 1) {
        forth.add(champion: row.champion, challenger: row.challenger, target: row.target)
        back.add(champion: row.challenger, challenger: row.champion, target: row.target)
      }
      #expect(Self.outcome(forth) == .promote && Self.outcome(back) == .reject)
    }
  }
}
