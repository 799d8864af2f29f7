import Control
import Engine
import Events
import Log

/// Tells an engine's log which versions begin to serve, and why.
struct PublicationNews {
  private let log: any Log
  private let configuration: EngineConfiguration
  /// Of the partitions at work here, where `models` is read on.
  private var next: [Int: Int64] = [:]
  /// The version that serves of each model, as it was told or stood when its partition came.
  private var champions: [String: Int] = [:]

  init(_ log: any Log, _ configuration: EngineConfiguration) {
    (self.log, self.configuration) = (log, configuration)
  }

  /// What has been published since the last look, in sentences; what is decided and not committed yet comes later. Reads
  /// where there is something alone. After an error the next look tells of it.
  ///
  /// - Parameter worker: one that has nothing to do.
  mutating func look(at worker: Worker<TrainStage>) throws -> [String] {
    next = next.filter { worker.stages[$0.key] != nil }
    let isNew = worker.stages.keys.contains { next[$0] == nil }
    guard isNew || configuration.models.contains(where: { isNews(of: $0.name, worker) }) else { return [] }
    let reader = try log.makeReader()
    defer { reader.close() }
    for partition in worker.stages.keys where next[partition] == nil {
      next[partition] = try reader.bounds(of: place(partition)).upperBound
      for model in configuration.models where home(of: model.name) == partition {
        champions[model.name] = champion(of: model.name, worker)
      }
    }
    var news: [String] = []
    for (partition, start) in next.sorted(by: { $0.key < $1.key }) {
      next[partition] = try reader.each(of: place(partition), from: start) { stored in
        guard let value = stored.record.value, let record = try? ModelRecord.decode(value), record.status == .champion,
          champions.updateValue(record.version, forKey: record.model) != record.version
        else { return }
        news.append("version \(record.version) of \(record.model) published (\(record.reason))")
      }
    }
    return news
  }

  private func isNews(of model: String, _ worker: Worker<TrainStage>) -> Bool {
    champion(of: model, worker).map { $0 != champions[model] } ?? false
  }

  private func champion(of model: String, _ worker: Worker<TrainStage>) -> Int? {
    worker.stages[home(of: model)]?.registry(of: model)?.champion?.version
  }

  private func home(of model: String) -> Int { RunReport.place(of: model, configuration).partition }

  private func place(_ partition: Int) -> TopicPartition { TopicPartition(configuration.names[.models], partition) }
}
