import Foundation

/// What came of the policies, for people.
struct BacktestTable {
  /// Differences of mean losses that say nothing: their sums are added up in another order.
  private static let roundingError = 1e-9

  private let report: BacktestReport

  init(_ report: BacktestReport) {
    self.report = report
  }

  var text: String {
    var blocks = ([policies] + [detection].compactMap { $0 }).map { $0.lines.joined(separator: "\n") }
    if let advice { blocks.append(advice) }
    if let timings = report.timings {
      blocks.append(
        "\(Figures.metric(timings.seconds)) s, \(Figures.grouped(Int(timings.rowsPerSecond))) rows/s of all policies")
    }
    return blocks.joined(separator: "\n\n")
  }

  /// The policies beside each other.
  var policies: TextTable {
    let metrics = ["accuracy", "auc", "log_loss", "mae", "rmse"].filter { name in
      report.policies.contains { $0.metrics[name] != nil }
    }
    let hasOracle = report.policies.contains { $0.regretToOracle != nil }
    let regrets = ["to never"] + (hasOracle ? ["to oracle"] : [])
    let rows = report.servedFrom > 0 ? "after the first \(Figures.grouped(report.servedFrom)) rows" : "all rows"
    let outcomes: [(name: String, count: (BacktestReport.Policy) -> Int)] = [
      ("inconclusive", \.inconclusive), ("undecided", \.undecided), ("failed", \.failedRuns),
    ].filter { outcome in report.policies.contains { outcome.count($0) > 0 } }
    var table = TextTable(
      header: [rows] + metrics + regrets + ["triggers", "runs", "published", "rejected"] + outcomes.map(\.name)
        + ["rows trained"])
    for policy in report.policies {
      let regret = [policy.regretToNever] + (hasOracle ? [policy.regretToOracle] : [])
      table.append(
        [policy.name] + metrics.map { Figures.metric(policy.metrics[$0]) } + regret.map(Self.signed)
          + ([policy.triggers.count, policy.runs, policy.versions, policy.rejected]
          + outcomes.map { $0.count(policy) } + [policy.rowsTrained]).map(Figures.grouped))
    }
    return table
  }

  static func signed(_ loss: Double?) -> String {
    guard let loss else { return "–" }
    return String(format: "%+.1f", loss == 0 ? 0 : loss)
  }

  /// How soon each policy noticed the changes that are known; nil where none are.
  var detection: TextTable? {
    guard report.policies.contains(where: { $0.detection != nil }) else { return nil }
    var table = TextTable(
      header: ["rows to the first alarm"] + report.changes.map(Figures.grouped) + ["false", "repeated"])
    for policy in report.policies {
      guard let detection = policy.detection, detection.delays.count == report.changes.count else { continue }
      table.append(
        [policy.name] + detection.delays.map { $0.map(Figures.grouped) ?? "–" }
          + [detection.falseAlarms, detection.repeatedAlarms].map(Figures.grouped))
    }
    return table
  }

  /// Which policy to take, and how sure that is; nil where nothing was labelled.
  var advice: String? { report.recommendation.map(text) }

  private func text(of recommendation: BacktestReport.Recommendation) -> String {
    var text = "take \(recommendation.policy): \(recommendation.reason)."
    if let other = recommendation.other, abs(recommendation.difference) > Self.roundingError {
      text +=
        " It loses \(Figures.short(abs(recommendation.difference))) \(recommendation.difference > 0 ? "more" : "less") per "
        + "row than \(other) (95 %: \(Figures.short(recommendation.low)) to \(Figures.short(recommendation.high)))."
    }
    return text + " Lowest loss in \(Int((recommendation.probability * 100).rounded())) % of the recordings drawn anew."
  }
}
