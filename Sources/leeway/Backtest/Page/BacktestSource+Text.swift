import Backtest
import Foundation

extension BacktestSource {
  /// What a page calls the recording.
  var name: String {
    csv.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "a recording"
  }

  /// What was replayed, in sentences.
  func text(of plan: Plan) -> String {
    let rows = plan.recording.rows
    let labels =
      labelTime.map { "each row's label became known at the time in \($0)" }
      ?? "labels became known \(Figures.count(labelDelay, "row")) later"
    return "\(Figures.count(rows, "row")) of \(name), in virtual time: the first \(Figures.grouped(plan.historyRows)) "
      + "trained version 1, every row behind them was scored by the version that the policy had in service then; \(labels)."
  }
}
