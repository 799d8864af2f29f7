import Backtest
import Events
import Foundation

// What is replayed, in words.
extension BacktestSource {
  /// The file's name, or the log's.
  var name: String {
    guard let path = csv ?? recording ?? common.log else { return "the configured log" }
    return path == "-" ? "standard input" : URL(fileURLWithPath: path).lastPathComponent
  }

  func text(of plan: Plan) -> String {
    switch plan.source {
    case .events(let recording):
      let known =
        csv == nil || rows.labelTime != nil
        ? "a label is known when it was recorded" : "a label is known \(Figures.count(rows.labelDelay, "row")) later"
      return "\(Figures.count(recording.rows, "row")) of \(name), in virtual time: the first "
        + "\(Figures.grouped(plan.historyRows)) train version 1, every row behind them is scored by the version that a "
        + "policy has in service then, and \(known)."
    case .topics(let topics, .summaries):
      return "\(Figures.count(topics.count(of: .summaries), "record")) of the summaries of \(name), in virtual time."
    case .topics(let topics, _):
      return
        "\(Figures.count(topics.count(of: .predictions), "prediction")) of \(name), in virtual time, scored as they "
        + "were recorded."
    }
  }
}
