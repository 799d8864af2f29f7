import Control
import Events
import Testing

struct GateTests {
  static func result(_ challenger: Double, against champion: Double?, rows: Int = 100, m2: Double = 4) -> RunResult {
    RunResult(
      artifact: "", artifactBytes: 0, trainedRows: 1, validatedRows: rows, refusedRows: 0,
      learned: RowSet(before: 0, partitions: []), heldOut: RowSet(before: 0, partitions: []), rowsHash: "",
      challenger: MetricsRecord(rows: rows, loss: challenger),
      champion: champion.map { MetricsRecord(rows: rows, loss: $0) },
      difference: champion.map { MomentsRecord(count: rows, mean: challenger - $0, m2: m2, min: -1, max: 1) },
      reference: ReferenceRecord(rows: 0, provisional: true, columns: []))
  }

  static let losses = [0, 1e-9, 0.1, 0.3, 0.306, 0.31, 1, 50]

  @Test(arguments: [0, 0.02, 0.5], losses) func promotesUpToTheTolerance(tolerance: Double, champion: Double) {
    let gate = Gate(tolerance: tolerance)
    for challenger in Self.losses + [champion * (1 + tolerance)] {
      let expected: Gate.Outcome = challenger <= champion * (1 + tolerance) ? .promote : .reject
      #expect(gate.judge(Self.result(challenger, against: champion)).outcome == expected)
    }
    #expect(gate.judge(Self.result(champion, against: champion)).outcome == .promote, "a tie is good enough")
  }

  @Test(arguments: losses) func aBetterChallengerNeverFaresWorse(champion: Double) {
    let outcomes = Self.losses.sorted().map { Gate().judge(Self.result($0, against: champion)).outcome }
    let promoted = outcomes.prefix { $0 == .promote }.count
    #expect(outcomes.dropFirst(promoted).allSatisfy { $0 == .reject })
  }

  @Test(arguments: [1, 29, 30, 1_000], losses) func tooFewRowsDecideNothing(rows: Int, challenger: Double) {
    let outcome = Gate(minimumRows: 30).judge(Self.result(challenger, against: 0.3, rows: rows)).outcome
    #expect((outcome == .inconclusive) == (rows < 30))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func aLossThatIsNoNumberIsRejected(loss: Double) {
    #expect(Gate().judge(Self.result(loss, against: 0.3)).outcome == .reject)
    #expect(Gate().judge(Self.result(loss, against: nil)).outcome == .reject)
    #expect(Gate().judge(Self.result(loss, against: 0.3, rows: 2)).outcome == .reject)
  }

  @Test func aFirstVersionNeedsNoChampion() {
    #expect(Gate().judge(Self.result(9, against: nil)).outcome == .promote)
    #expect(Gate().judge(Self.result(9, against: nil, rows: 1)).outcome == .promote)
  }

  @Test func theReasonHoldsTheFigures() {
    // 100 rows of variance 4/99: a standard error of 0.0201, 1.96 of which are 0.0394.
    let better = Gate().judge(Self.result(0.25, against: 0.3))
    #expect(better.reason == "loss 0.25 against 0.3, difference -0.05 ± 0.0394 on 100 rows")
    let worse = Gate().judge(Self.result(0.4, against: 0.3))
    #expect(worse.reason.hasSuffix("worse by more than 2 %"))
    #expect(Gate().judge(Self.result(1, against: 2, rows: 3)).reason == "3 validation rows, at least 30 wanted")
  }

  @Test func settingsHaveFloors() {
    #expect(Gate(tolerance: -1, minimumRows: 0) == Gate(tolerance: 0, minimumRows: 1))
    #expect(Gate(tolerance: 0, minimumRows: 1).judge(Self.result(1, against: 1, rows: 1)).outcome == .promote)
  }
}
