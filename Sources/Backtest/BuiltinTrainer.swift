public import Engine
public import Events
import LeewayClient
public import Log
import Models

/// Carries out runs of the built-in families on the rows and artifacts of a log: the trainer that needs nothing
/// from outside.
public struct BuiltinTrainer: Trainer {
  private let log: any Log
  private let configuration: EngineConfiguration

  public init(_ log: any Log, _ configuration: EngineConfiguration) {
    self.log = log
    self.configuration = configuration
  }

  public func train(_ run: RunStarted) throws -> TrainedArtifact {
    guard let model = configuration.model(named: run.model) else { throw TrainingFailure("no model \(run.model)") }
    let reader = try log.makeReader()
    defer { reader.close() }
    let versions = try BuiltinTraining.Versions(of: run, model: fetch, fallback: fetch, contest: contest)
    let rows = try ExampleReader(reader: reader, names: configuration.names).rows(
      of: run, mostRows: model.training.mostRowsRead)
    return try BuiltinTraining(model).train(run, rows: rows, versions: versions)
  }

  private func fetch(_ named: NamedVersion) throws -> Model {
    switch try PublishedArtifact.fetch(checksum: named.artifact, from: log, names: configuration.names) {
    case .verified(let model): return model
    case .external: throw TrainingFailure("version \(named.version) was made by a program outside")
    case .refused(let reason): throw TrainingFailure("version \(named.version) cannot be read: \(reason)")
    }
  }

  private func contest(_ checksum: String) throws -> [UInt8]? {
    guard
      case .external(let bytes) = try PublishedArtifact.fetch(checksum: checksum, from: log, names: configuration.names)
    else { return nil }
    return bytes
  }
}
