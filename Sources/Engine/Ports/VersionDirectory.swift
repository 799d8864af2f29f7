public import Events
public import Log

/// Tells what a model version is: its task and the reference that its predictions are judged against.
public protocol VersionDirectory: AnyObject {
  /// Nil for a version that was never published: one that is not there, or that validation kept back.
  func facts(of model: String, version: Int) throws(LogError) -> VersionFacts?
}

/// Reads the topic `models`. Versions are published before they serve, so a version that is not known yet sends it to
/// read on to the end of the topic; one that is not there then does not exist. Damaged records are stepped over: versions
/// that they told of stay unknown.
public final class LogVersionDirectory: VersionDirectory {
  private struct Name: Hashable {
    let model: String
    let version: Int
  }

  private let reader: any LogReader
  private let partitions: [TopicPartition]
  private var known: [Name: VersionFacts] = [:]
  private var next: [TopicPartition: Int64] = [:]

  public init(reader: any LogReader, configuration: EngineConfiguration) {
    self.reader = reader
    let topic = configuration.names[.models]
    partitions = (0..<configuration.modelPartitions).map { TopicPartition(topic, $0) }
  }

  public func facts(of model: String, version: Int) throws(LogError) -> VersionFacts? {
    let name = Name(model: model, version: version)
    if let facts = known[name] { return facts }
    for partition in partitions { try readOn(partition) }
    return known[name]
  }

  private func readOn(_ partition: TopicPartition) throws(LogError) {
    while true {
      let start = if let next = next[partition] { next } else { try reader.bounds(of: partition).lowerBound }
      let fetch = try reader.readOverDamage(partition, from: start)
      for stored in fetch.records {
        guard let value = stored.record.value, let record = try? ModelRecord.decode(value),
          let reference = record.reference, record.status.hasServed
        else { continue }
        known[Name(model: record.model, version: record.version)] =
          VersionFacts(published: record.time, task: record.task, reference: reference)
      }
      next[partition] = fetch.next
      if fetch.next >= fetch.end { return }
    }
  }
}
