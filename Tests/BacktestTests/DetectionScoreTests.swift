import Testing

@testable import Backtest

@Suite struct DetectionScoreTests {
  private func alarms(_ rows: [Int], rule: String = "drift") -> [PolicyJournal.Triggered] {
    rows.map {
      PolicyJournal.Triggered(
        row: $0, time: 0, rule: rule, column: nil, statistic: nil, value: nil, threshold: nil)
    }
  }

  @Test("a change is found by the first alarm before the next change; earlier ones are false, later ones repeat it")
  func delays() {
    let score = DetectionScore(
      alarms([10, 99, 120, 130, 300, 301]), changes: [100, 200, 300], from: 0)
    #expect(score.delays == [20, nil, 0])
    #expect(score.falseAlarms == 2)
    #expect(score.repeated == 2)
  }

  @Test("changes among the rows of the history are not asked for; what trains by the clock detects nothing")
  func ignored() {
    #expect(DetectionScore(alarms([70]), changes: [50, 60], from: 60).delays == [10])
    let scheduled = DetectionScore(alarms([70], rule: "volume"), changes: [60], from: 0)
    #expect(scheduled.delays == [nil] && scheduled.falseAlarms == 0)
    let unchanged = DetectionScore(alarms([70]), changes: [], from: 0)
    #expect(unchanged.delays.isEmpty && unchanged.falseAlarms == 1)
  }
}
