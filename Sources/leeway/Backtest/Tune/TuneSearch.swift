import Backtest
import Foundation

/// Tries settings on the first rows of a recording, and the chosen ones on all of them.
struct TuneSearch {
  let plan: BacktestSource.Plan
  let recording: any EventRecording
  let base: PolicyFile
  /// The first row that is not searched.
  let split: Int
  let options: TrialOptions

  func result(of candidates: [TuneCandidate]) throws -> TuneResult {
    var first = plan
    first.source = .events(RecordingPart(recording, rows: split))
    let files = candidates.enumerated().map { index, candidate in
      PolicyFile.named(index == 0 ? base.policy.name : "trial \(index)", candidate.applied(to: base.file))
    }
    let found = PolicyComparison(
      try BacktestTrial(first, files, options).outcomes(rows: nil))
    guard let recommendation = found.recommendation,
      let best = files.firstIndex(where: { $0.policy.name == recommendation.policy })
    else {
      throw CommandError(
        "no row of the first \(split) that was served has a label: nothing can be compared",
        remedy: "search a larger share")
    }
    let tuned = PolicyFile.named("tuned", files[best].file)
    let plain = PolicyFile.named(base.policy.name, base.file)
    let rest = [plain, tuned, PolicyFile(base.policy.never, base.file)]
    let outcomes = try BacktestTrial(plan, rest, options, scoredFrom: split).outcomes(rows: nil)
    return TuneResult(
      trials: zip(candidates, found.outcomes).map(TuneResult.Trial.init), searchedRows: split,
      chosen: best, settings: TuneSettings(tuned.file.models[0].monitor),
      rest: BacktestReport(PolicyComparison(outcomes), changes: [], from: split, seconds: nil))
  }
}

/// What was tried, what was chosen, and what that is worth where nothing was tried.
struct TuneResult: Encodable {
  struct Trial: Encodable {
    let settings: TuneCandidate
    /// Nil where no row had a label.
    let loss: Double?
    let runs: Int
    let rowsTrained: Int

    init(_ candidate: TuneCandidate, _ outcome: PolicyOutcome) {
      settings = candidate
      loss = outcome.track.series.mean
      (runs, rowsTrained) = (outcome.journal.runs, outcome.journal.rowsTrained)
    }
  }

  let trials: [Trial]
  let searchedRows: Int
  /// The number of the chosen trial, from 0: the policy as it was.
  let chosen: Int
  let settings: TuneSettings
  /// Over the rows that the search never saw.
  let rest: BacktestReport

  func encoded() throws -> [UInt8] { try ReportJSON.encoded(self) }

  var text: String {
    let trial = trials[chosen]
    let found =
      chosen == 0
      ? "none of \(trials.count) trials on the first \(Figures.grouped(searchedRows)) rows was better than the policy as it is"
      : "of \(trials.count) trials on the first \(Figures.grouped(searchedRows)) rows, number \(chosen): a loss of "
        + "\(Figures.metric(trial.loss)) with \(Figures.grouped(trial.rowsTrained)) rows trained, against "
        + "\(Figures.metric(trials[0].loss)) with \(Figures.grouped(trials[0].rowsTrained))"
    return [found, settings.yaml, "on the rows that no trial saw:", BacktestTable(rest).text].joined(separator: "\n\n")
  }
}

/// Settings as a configuration has them.
struct TuneSettings: Encodable {
  /// What to put into a configuration file.
  let yaml: String

  init(_ monitor: MonitorSection) {
    var lines = [
      "monitor:", "  window: \(Quantity.shown(milliseconds: monitor.window))",
      "  cooldown: \(Quantity.shown(milliseconds: monitor.cooldown))",
      "  volume: {labels: \(monitor.volumeLabels.map(String.init) ?? "off")}",
    ]
    if let drift = monitor.drift {
      let sizes = Self.sizes(drift.thresholds)
      lines.append("  drift: {run_length: \(Int64(drift.runLength)), thresholds: {\(sizes)}}")
    }
    if let performance = monitor.performance { lines.append("  performance: {relative: \(performance.relative)}") }
    yaml = lines.joined(separator: "\n")
  }

  private static func sizes(_ thresholds: Thresholds) -> String {
    Thresholds.Key.allCases.compactMap { key in thresholds[key.statistic].map { "\(key.rawValue): \($0)" } }
      .joined(separator: ", ")
  }
}
