import Engine
import Events
import Foundation
import Log

/// A run that is carried out to the end and leaves nothing in the log.
struct DryRun {
  let file: LeewayConfiguration
  let log: any Log
  let reader: any LogReader

  /// Prints what a trigger would lead to now.
  /// - Throws: an error with the sentence of the run's record where it would come to nothing.
  func carryOut(_ trigger: Trigger) throws {
    let configuration = file.engineConfiguration
    var preview = try TrainPreview(of: trigger.model, reader: reader, configuration: configuration)
    let warn: @Sendable (String) -> Void = { Terminal.complain($0) }
    let trainer = ConfiguredTrainer(
      builtin: LogTrainer(log: log, configuration: configuration, golden: file.goldenSets, warn: warn),
      programs: file.programs.mapValues { settings in
        ExternalTrainer(log: log, configuration: configuration, settings: settings, warn: warn)
      })
    do {
      let run = try preview.run(for: trigger)
      let report = try RunReport.made(of: run, by: trainer, clock: { SteadyClock.seconds }).record
      guard let result = report.result else { throw TrainingFailure(report.failure ?? "no reason") }
      for (name, value) in lines(run, result, report.seconds, preview) {
        print(name.padded(to: 10) + value)
      }
      for change in try preview.changes(after: report) {
        print("would be".padded(to: 10) + "version \(change.version) \(change.status.rawValue): \(change.reason)")
      }
    } catch let failure as TrainingFailure {
      throw CommandError("the run would come to nothing: \(failure)")
    }
  }

  private func lines(
    _ run: RunStarted, _ result: RunResult, _ seconds: Double, _ preview: TrainPreview
  ) -> [(String, String)] {
    func loss(_ name: String, _ metrics: MetricsRecord?) -> String? {
      metrics.map { "\(name) \(Figures.metric($0.loss))" }
    }
    let losses = [loss("challenger", result.challenger), loss("champion", result.champion)].compactMap { $0 }
    var lines = [
      ("dry run", "version \(run.version) of \(run.model)\(run.parent.map { ", from version \($0)" } ?? "")"),
      (
        "rows",
        "\(Figures.grouped(result.trainedRows)) learned, \(Figures.grouped(result.refusedRows)) refused, "
          + "\(Figures.grouped(result.validatedRows)) judged"
      ),
      ("loss", losses.joined(separator: ", ")), ("seconds", Figures.short(seconds)),
    ]
    if !preview.runsBefore.isEmpty {
      let count = preview.runsBefore.count
      let runs = count == 1 ? "1 run is open or waits" : "\(count) runs are open or wait"
      lines.append(("before it", "\(runs), of which this takes no account"))
    }
    return lines
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { padding(toLength: width, withPad: " ", startingAt: 0) }
}
