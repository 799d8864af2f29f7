public import Events
public import Log

/// Tells what a model version is: its task and the reference that its predictions are judged against.
public protocol VersionDirectory: AnyObject {
  /// Nil for a version that was never published: one that is not there, or that validation kept back and no person let out.
  func facts(of model: String, version: Int) throws(LogError) -> VersionFacts?
}

/// Reads the topic `models`. Versions are published before they serve, so a version that is not known yet sends it to
/// read on to the end of the topic; one that is not there then does not exist. Damaged records are stepped over: versions
/// that they told of stay unknown. Of versions it keeps in memory where they are told of, not what is told: a hundred
/// bytes each.
public final class LogVersionDirectory: VersionDirectory {
  private let reader: any LogReader
  private let partitions: [TopicPartition]
  private var versions = PublishedVersions<(partition: TopicPartition, offset: Int64)>()
  private var next: [TopicPartition: Int64] = [:]

  public init(reader: any LogReader, configuration: EngineConfiguration) {
    self.reader = reader
    let topic = configuration.names[.models]
    partitions = (0..<configuration.modelPartitions).map { TopicPartition(topic, $0) }
  }

  public func facts(of model: String, version: Int) throws(LogError) -> VersionFacts? {
    if versions.find(model, version) == nil { for partition in partitions { try readOn(partition) } }
    guard let (published, (partition, offset)) = versions.find(model, version),
      try reader.bounds(of: partition).contains(offset)
    else { return nil }
    while true {
      let fetch = try reader.readOverDamage(partition, from: offset, limit: ReadLimit(records: 1))
      if let stored = fetch.records.first {
        guard stored.offset == offset, let record = Self.decode(stored), let reference = record.reference else {
          return nil
        }
        return VersionFacts(published: published, task: record.task, reference: reference)
      }
      if fetch.next > offset { return nil }
    }
  }

  private static func decode(_ stored: StoredRecord) -> ModelRecord? {
    stored.record.value.flatMap { try? ModelRecord.decode($0) }
  }

  private func readOn(_ partition: TopicPartition) throws(LogError) {
    while true {
      let start = if let next = next[partition] { next } else { try reader.bounds(of: partition).lowerBound }
      let fetch = try reader.readOverDamage(partition, from: start)
      for stored in fetch.records {
        guard let record = Self.decode(stored) else { continue }
        versions.note(record, told: (partition, stored.offset))
      }
      next[partition] = fetch.next
      if fetch.next >= fetch.end { return }
    }
  }
}
