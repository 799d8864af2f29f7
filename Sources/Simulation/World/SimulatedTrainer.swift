import Engine
import Events
import Log
import Models

/// Carries out runs of the built-in families on the rows and artifacts of a log.
struct SimulatedTrainer: Trainer {
  let log: any Log
  let configuration: EngineConfiguration

  func train(_ run: RunStarted) throws -> TrainedArtifact {
    guard let model = configuration.model(named: run.model) else { throw TrainingFailure("no model \(run.model)") }
    let reader = try log.makeReader()
    defer { reader.close() }
    func decoded(_ named: NamedVersion) throws -> Model { try Model(decoding: artifact(named.artifact, reader)[...]) }
    let versions = try BuiltinTraining.Versions(
      of: run, model: decoded, fallback: decoded, contest: { try artifact($0, reader) })
    let rows = try ExampleReader(reader: reader, names: configuration.names).rows(of: run)
    return try BuiltinTraining(model).train(run, rows: rows, versions: versions)
  }

  private func artifact(_ checksum: String, _ reader: any LogReader) throws -> [UInt8] {
    let place = TopicPartition(configuration.names[.artifacts], 0)
    var chunks: [Int: Chunk] = [:]
    var position = try reader.bounds(of: place).lowerBound
    while true {
      let fetch = try reader.read(place, from: position, limit: ReadLimit())
      for record in fetch.records.map(\.record) {
        guard let key = record.key, let value = record.value else { continue }
        let chunk = try Chunk.decode(value) { name in record.headers.first { $0.name == name }?.value }
        guard String(decoding: key, as: UTF8.self) == Chunk.artifactKey(checksum: checksum, index: chunk.index) else {
          continue
        }
        chunks[chunk.index] = chunk
      }
      position = fetch.next
      if position >= fetch.end { break }
    }
    return try Chunk.join(chunks.sorted { $0.key < $1.key }.map(\.value))
  }
}
