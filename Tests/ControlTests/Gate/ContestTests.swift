import Bytes
import Events
import Models
import TestSupport
import Testing

@testable import Control

/// What the gate carries from run to run.
struct ContestTests {
  static let configuration = GateConfiguration(gain: 0, minimumRows: 100, minimumRowsKnown: 50, shadowRows: 400)

  /// Rows whose label the challenger knows better than the champion by `skill`, give or take `noise`.
  static func run(
    _ contest: inout Contest, rows: Int, skill: Double, noise: Double = 0, seed: UInt64, fallback: Double? = nil
  ) {
    var random = SplitMix64(seed: seed)
    contest.beginRun()
    for _ in 0..<rows {
      let isOne = Bool.random(using: &random)
      func said(_ skill: Double) -> Output { .number(isOne ? 0.5 + skill : 0.5 - skill) }
      contest.add(
        champion: said(0.1), challenger: said(0.1 + skill + noise * Double.random(in: -1...1, using: &random)),
        fallback: fallback.map { said(0.1 + $0) },
        target: .number(isOne ? 1 : 0))
    }
  }

  static func judged(_ contest: inout Contest, fallback: Int? = nil) -> GateRecord {
    let record = contest.judge(PromotionGate.Candidate(), fallback: fallback)
    contest.settle(record)
    return record
  }

  @Test func evidenceGoesOnUntilItDecides() {
    var contest = Contest(Self.configuration, task: .binary)
    Self.run(&contest, rows: 60, skill: 0.2, seed: 1)
    #expect(Self.judged(&contest).outcome == .shadow)
    Self.run(&contest, rows: 60, skill: 0.2, seed: 2)
    let record = Self.judged(&contest)
    #expect(record.outcome == .promote && record.rows == 120 && record.shadowRows == 60)
    #expect(contest.isProven && contest.trial.rows == 0, "another comparison begins")
  }

  @Test func aProvenLineGoesOnUnderWatchAndIsRolledBack() {
    var contest = Contest(Self.configuration, task: .binary)
    Self.run(&contest, rows: 200, skill: 0.2, seed: 1)
    #expect(Self.judged(&contest).outcome == .promote)
    Self.run(&contest, rows: 110, skill: 0.06, noise: 0.32, seed: 2)
    #expect(Self.judged(&contest).outcome == .provisional)
    #expect(contest.canary != nil)
    // What served before is far better than what serves now.
    Self.run(&contest, rows: 600, skill: 0, seed: 3, fallback: 0.3)
    let record = Self.judged(&contest, fallback: 1)
    #expect(record.canary?.verdict == .rollBack && record.canary?.fallback == 1 && record.outcome == .shadow)
    #expect(contest.canary == nil && !contest.isProven && contest.trial.rows == 0)
  }

  @Test func whatIsWorseIsThrownAway() {
    var contest = Contest(Self.configuration, task: .binary)
    Self.run(&contest, rows: 400, skill: -0.3, seed: 1)
    let record = Self.judged(&contest)
    #expect(record.outcome == .reject && !record.keepsChallenger)
  }

  /// A first version of a regression, whose untrained rows and whose outliers say nothing of what it is worth later.
  @Test(arguments: [1.0, 1e8]) func outliersAndUntrainedRowsAreNoYardstick(scale: Double) throws {
    var contest = Contest(Self.configuration, task: .regression)
    var random = SplitMix64(seed: 9)
    func add(_ rows: Int, error: Double, isFirst: Bool, outliers: Set<Int> = []) {
      contest.beginRun()
      for row in 0..<rows {
        let truth = scale * random.normal()
        let off = outliers.contains(row) ? 1e12 : scale * error * (0.5 + random.uniform())
        if isFirst {
          contest.add(
            first: .number(truth + (row < rows / 2 ? 50 * scale : off)), target: .number(truth),
            isValidation: row >= rows / 2)
        } else {
          contest.add(champion: .number(truth + off), challenger: .number(truth + off), target: .number(truth))
        }
      }
    }
    add(2_000, error: 0.1, isFirst: true, outliers: [1_500, 1_900])
    let first = contest.judge(PromotionGate.Candidate(), isFirst: true)
    #expect(first.outcome == .promote && first.rows == 1_000)
    contest.settle(first)
    #expect((0.08 * scale...0.13 * scale).contains(contest.yardstick.mean), "\(contest.yardstick)")
    #expect(try Contest(Self.configuration, task: .regression, decoding: contest.encoded[...]) == contest)
    add(400, error: 0.1, isFirst: false, outliers: [7])
    #expect(!contest.championIsHarmful, "as it was, but for an outlier")
    add(400, error: 0.3, isFirst: false)
    #expect(contest.championIsHarmful, "twice what it was")
    #expect(try Contest(Self.configuration, task: .regression, decoding: contest.encoded[...]) == contest)
  }

  /// At every place of a history.
  @Test func stateGoesThroughBytes() throws {
    var contest = Contest(Self.configuration, task: .binary)
    for (seed, skill) in [0.2, 0, 0.05, -0.2, 0.3].enumerated() {
      Self.run(&contest, rows: 700, skill: skill, seed: UInt64(seed), fallback: contest.canary == nil ? nil : 0)
      let bytes = contest.encoded
      #expect(try Contest(Self.configuration, task: .binary, decoding: bytes[...]) == contest)
      for other in [
        GateConfiguration(tolerance: 0.01, gain: 0), GateConfiguration(gain: 0.01),
        GateConfiguration(gain: 0, alpha: 0.01), GateConfiguration(gain: 0, segmentTolerance: 0.5),
        GateConfiguration(measure: .error, gain: 0),
      ] {
        #expect(throws: ByteError.self) { try Contest(other, task: .binary, decoding: bytes[...]) }
      }
      for cut in stride(from: 0, to: bytes.count, by: 37) {
        #expect(throws: ByteError.self) { try Contest(Self.configuration, task: .binary, decoding: bytes[..<cut]) }
      }
      _ = Self.judged(&contest, fallback: contest.canary == nil ? nil : 1)
    }
  }

  /// Thirty starts: all weights that are in play and the rest are one, so fair rows give evidence one.
  @Test func weightsOfTestsThatBeginLateAreOneInAll() {
    let pair = LossPair(champion: 0.5, challenger: 0.5, possible: [(champion: 0.5, challenger: 0.5)])
    var test = StaggeredTest(priorDependence: 1, alpha: 0.05)
    for row in 0..<16_000 {
      test.add(pair, .notWorse(by: 0))
      guard row % 500 == 0 else { continue }
      // Of twelve starts none is given up yet; later on what is given up is lost.
      let evidence = test.logEvidence
      #expect(row < 6_000 ? abs(evidence) < 1e-9 : evidence < 1e-9, "row \(row): \(evidence)")
    }
  }

  /// A challenger that becomes better late is found sooner than by the test of all rows alone.
  @Test func whatBecomesBetterLateIsFound() throws {
    var (all, staggered) = (PairedTest(), StaggeredTest(priorDependence: 1, alpha: 0.05))
    var random = SplitMix64(seed: 3)
    for row in 0..<4_000 {
      let noise = Double.random(in: -0.4...0.4, using: &random)
      let challenger = (row < 3_000 ? 0.53 : 0.4) + noise
      let pair = LossPair(
        champion: 0.5, challenger: challenger,
        possible: [(champion: 0.5, challenger: 0), (champion: 0.5, challenger: 1)])
      all.add(pair, .notWorse(by: 0.02))
      staggered.add(pair, .notWorse(by: 0.02))
    }
    let record = staggered.record(tolerance: 0.02, alpha: 0.05)
    #expect(record.isProof && !all.proves(alpha: 0.05))
    #expect((record.firstRow ?? 0) >= 2_500 && (record.gain ?? 0) > 0.1)
  }
}
