import Bytes
import Engine
import Events
import Log

/// What a log ended up with, decoded: what the checkers look at.
struct Ledger {
  let configuration: EngineConfiguration
  private let records: [TopicPartition: [StoredRecord]]

  init(_ log: SimulatedLog, _ configuration: EngineConfiguration) {
    self.configuration = configuration
    var records: [TopicPartition: [StoredRecord]] = [:]
    for place in log.with({ $0.partitions.keys.sorted() }) { records[place] = log.history(of: place) }
    self.records = records
  }

  init(_ records: [TopicPartition: [StoredRecord]], _ configuration: EngineConfiguration) {
    (self.records, self.configuration) = (records, configuration)
  }

  func partitions(of topic: Topic) -> Int {
    records.keys.filter { $0.topic == configuration.names[topic] }.count
  }

  func stored(_ topic: Topic, _ partition: Int) -> [StoredRecord] {
    records[TopicPartition(configuration.names[topic], partition)] ?? []
  }

  /// Those that can be decoded, partition after partition, with their source.
  func all<Event: EventRecord>(_ topic: Topic, as type: Event.Type = Event.self) -> [(source: String, event: Event)] {
    (0..<partitions(of: topic)).flatMap { stored(topic, $0) }.compactMap { stored in
      (try? Event.decode(value: stored.record.value)).map { (stored.record.header("ce_source") ?? "", $0) }
    }
  }
}
