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
  @discardableResult
  func execute(_ run: RunStarted) throws -> RunFinished {
    let start = clock()
    let outcome: Result<TrainedArtifact, TrainingFailure>
    do {
      outcome = .success(try trainer.train(run))
    } catch let error as RunInterrupted {
      throw error
    } catch let error as TrainingFailure {
      outcome = .failure(error)
    } catch let error as LogError where error.retriable {
      throw error
    } catch {
      outcome = .failure(TrainingFailure("\(error)"))
    }
    let report = RunReport(run, seconds: clock() - start, outcome: outcome)
    try producer.append(report.batches(configuration))
    return report.record
  }
}
