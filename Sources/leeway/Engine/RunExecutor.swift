import Engine
import Events
import Log

/// Carries out a run and reports it, whatever comes of it.
struct RunExecutor {
  let trainer: any Trainer
  let producer: any LogProducer
  let configuration: EngineConfiguration
  /// Seconds by the shell's clock.
  let clock: () -> Double

  /// Returns once the outcome is in the log.
  func execute(_ run: RunStarted) throws {
    try producer.append(RunReport.made(of: run, by: trainer, clock: clock).batches(configuration))
  }
}

extension RunReport {
  /// Carries out a run.
  /// - Throws: `RunInterrupted`, and errors of the log that may pass. Any other is the run's own failure.
  static func made(of run: RunStarted, by trainer: any Trainer, clock: () -> Double) throws -> RunReport {
    let start = clock()
    let outcome = try outcome(of: run, by: trainer) { $0 is RunInterrupted }
    return RunReport(run, seconds: clock() - start, outcome: outcome)
  }
}
