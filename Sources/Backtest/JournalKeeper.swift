import Engine
import Events
import Log

/// Enters what an engine writes into a policy's journal, and passes it on.
final class JournalKeeper {
  private(set) var journal = PolicyJournal()
  /// The row that was served last.
  var row = 0
  private let observe: OutputObserver?

  init(_ observe: OutputObserver?) {
    self.observe = observe
  }

  func take(_ topic: Topic, _ record: Record) throws {
    try journal.take(topic, record, row: row)
    try observe?(topic, record, row)
  }

  /// Takes note of an event that cannot be used.
  func refuse(_ reason: String) {
    journal.refuse(reason)
  }

  /// The newest champion since this was asked last.
  func takeChampion() -> ModelRecord? {
    defer { journal.nextChampion = nil }
    return journal.nextChampion
  }
}

enum ScratchTopics {
  /// The topics that a virtual engine fills, with nothing that would ever be deleted.
  static func create(in log: any Log, _ configuration: EngineConfiguration, kept: Set<Topic>) throws(LogError) {
    for topic in Topic.allCases where VirtualEngine.needed.contains(topic) || kept.contains(topic) {
      try log.create(TopicSpec(name: configuration.names[topic], partitions: configuration.partitions(of: topic)))
    }
  }
}
