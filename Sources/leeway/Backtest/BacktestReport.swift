import Backtest
import Events
import Foundation
import Models

/// What came of the policies, as JSON: the same bytes for the same recording and policies.
struct BacktestReport: Encodable {
  struct Triggered: Encodable {
    let row: Int
    let time: Int64
    let rule: String
    let column: String?
    let statistic: String?
    let value: Double?
  }

  struct Version: Encodable {
    let row: Int
    let time: Int64
    let version: Int
    let status: String
    let reason: String
  }

  struct Detection: Encodable {
    /// Rows from each change to its alarm; null where there was none.
    let delays: [Int?]
    let missed: Int
    let falseAlarms: Int
    let repeatedAlarms: Int
  }

  struct Point: Encodable {
    let row: Int
    let loss: Double?
  }

  struct Policy: Encodable {
    let name: String
    let metrics: [String: Double]
    let scoredRows: Int
    /// Over all scored rows, log loss or absolute error.
    let cumulativeLoss: Double
    let regretToNever: Double?
    let regretToOracle: Double?
    let triggers: [Triggered]
    /// Times that a version was put into service.
    let versions: Int
    let history: [Version]
    let runs: Int
    let failedRuns: Int
    let rejected: Int
    let inconclusive: Int
    let undecided: Int
    let rowsTrained: Int
    let trainSeconds: Double
    let detection: Detection?
    let deadLetters: Int
    let lossOverTime: [Point]
  }

  struct Recommendation: Encodable {
    let policy: String
    let reason: String
    let other: String?
    let difference: Double
    let low: Double
    let high: Double
    let probability: Double
  }

  struct Timings: Encodable {
    let seconds: Double
    let rowsPerSecond: Double
  }

  /// Points along the rows.
  static let points = 200

  let rows: Int
  let servedFrom: Int
  let changes: [Int]
  let policies: [Policy]
  let recommendation: Recommendation?
  let timings: Timings?

  /// - Parameters:
  ///   - first: the first row that was scored.
  ///   - seconds: what it took, where that is to be told.
  init(_ comparison: PolicyComparison, changes: [Int], from first: Int, seconds: Double?) {
    rows = comparison.outcomes.map(\.rows).max() ?? 0
    servedFrom = first
    self.changes = changes
    policies = comparison.outcomes.map { Self.policy($0, comparison, changes, first) }
    recommendation = comparison.recommendation.map {
      Recommendation(
        policy: $0.policy, reason: $0.reason, other: $0.other, difference: $0.difference, low: $0.low, high: $0.high,
        probability: $0.probability)
    }
    let work = rows * comparison.outcomes.count
    timings = seconds.map { Timings(seconds: $0, rowsPerSecond: Double(work) / max($0, 1e-9)) }
  }

  private static func policy(
    _ outcome: PolicyOutcome, _ comparison: PolicyComparison, _ changes: [Int], _ first: Int
  ) -> Policy {
    let journal = outcome.journal
    let score = DetectionScore(journal.triggers, changes: changes, from: first)
    return Policy(
      name: outcome.name,
      metrics: Dictionary(
        outcome.track.metrics.compactMap { metric in metric.value.map { (metric.name, $0) } }, uniquingKeysWith: { $1 }),
      scoredRows: outcome.track.evaluation.count, cumulativeLoss: outcome.track.series.sum,
      regretToNever: comparison.regret(of: outcome, to: "never"),
      regretToOracle: comparison.regret(of: outcome, to: "oracle"),
      triggers: journal.triggers.map {
        Triggered(
          row: $0.row, time: $0.time, rule: $0.rule, column: $0.column, statistic: $0.statistic, value: $0.value)
      },
      versions: journal.published,
      history: journal.versions.map {
        Version(row: $0.row, time: $0.time, version: $0.version, status: $0.status.rawValue, reason: $0.reason)
      },
      runs: journal.runs, failedRuns: journal.failures, rejected: journal.rejected,
      inconclusive: journal.inconclusive, undecided: journal.undecided, rowsTrained: journal.rowsTrained,
      trainSeconds: journal.trainSeconds,
      detection: changes.isEmpty
        ? nil
        : Detection(
          delays: score.delays, missed: score.delays.count { $0 == nil }, falseAlarms: score.falseAlarms,
          repeatedAlarms: score.repeated),
      deadLetters: journal.deadLetters,
      lossOverTime: outcome.track.series.means(points: points).map { Point(row: $0.row, loss: $0.mean) })
  }

  func encoded() throws -> [UInt8] { try ReportJSON.encoded(self) }
}
