import Engine
import Events
import Foundation
import LeewayClient
import Log
import Models

/// Makes versions anew from what the log holds of their runs, by the code that a run goes through, and compares the bytes.
final class Reproduction {
  enum Outcome {
    /// The same bytes, learned from so many rows.
    case same(rows: Int)
    /// Other bytes, and what is known of why.
    case other(String)
    /// It cannot be made anew, and why.
    case impossible(String)
  }

  private let configuration: EngineConfiguration
  private let runs: [String: RunStarted]
  private let builtin: LogTrainer
  /// By model, where a program outside trains it and may be run again.
  private let programs: [String: ExternalTrainer]
  /// What those leave behind.
  private let scratch: URL

  /// - Parameter rerunsPrograms: whether trainers outside are run again.
  init(_ log: any Log, _ file: LeewayConfiguration, model: String, rerunsPrograms: Bool) throws {
    let configuration = file.engineConfiguration
    self.configuration = configuration
    var runs: [String: RunStarted] = [:]
    let reader = try log.makeReader()
    defer { reader.close() }
    try reader.each(in: configuration.names[.runs], of: log) { _, stored in
      guard let value = stored.record.value, case .started(let run) = try? RunRecord.decode(value), run.model == model
      else { return }
      runs[run.run] = run
    }
    self.runs = runs
    builtin = LogTrainer(log: log, configuration: configuration)
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("leeway-\(UUID().uuidString)")
    self.scratch = scratch
    let sections = file.models.filter { rerunsPrograms && $0.name == model }
    programs = Dictionary(
      sections.compactMap { section in
        section.trainer.map { trainer in
          let settings = ExternalTrainer.Settings(trainer, model: model, root: scratch.path)
          return (model, ExternalTrainer(log: log, configuration: configuration, settings: settings))
        }
      }, uniquingKeysWith: { first, _ in first })
  }

  deinit { try? FileManager.default.removeItem(at: scratch) }

  func reproduce(_ record: ModelRecord) throws -> Outcome {
    guard let artifact = record.artifact else { return .impossible("it has no artifact") }
    guard let run = record.trigger.flatMap({ runs[$0] }), run.version == record.version else {
      return .impossible("\(configuration.names[.runs]) does not hold the run that made it")
    }
    let isOutside = Family(named: record.family) == nil
    let program = programs[record.model]
    guard !isOutside || program != nil else {
      return .impossible(
        "a program outside trained it, and Leeway cannot promise that it does the same twice: --rerun runs the "
          + "configured one again")
    }
    let trained: TrainedArtifact
    do {
      trained = if isOutside, let program { try program.train(run) } else { try builtin.remake(run) }
    } catch let failure as TrainingFailure {
      return .impossible(([failure.description] + otherwise(record)).joined(separator: "; "))
    }
    guard trained.result.artifact != artifact else { return .same(rows: trained.result.trainedRows) }
    var reasons: [String] = []
    if let hash = record.rowsHash, hash != trained.result.rowsHash {
      reasons.append("its rows are not those that it learned: some are gone, or others stand there")
    }
    reasons += otherwise(record)
    if isOutside { reasons.append("its program did something else") }
    if reasons.isEmpty { reasons.append("from the same rows, by the same code and configuration") }
    return .other("SHA-256 \(trained.result.artifact) came out: \(reasons.joined(separator: "; "))")
  }

  /// What is not as it was when the version was made.
  private func otherwise(_ record: ModelRecord) -> [String] {
    var reasons: [String] = []
    if record.code != configuration.code {
      reasons.append("it was made by \(record.code), and this is \(configuration.code)")
    }
    if record.configuration != configuration.fingerprint {
      reasons.append(
        "it was made under another configuration (\(record.configuration.prefix(12)), now "
          + "\(configuration.fingerprint.prefix(12)))")
    }
    return reasons
  }
}
