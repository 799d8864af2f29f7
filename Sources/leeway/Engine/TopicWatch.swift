import Engine
import Events
import Log

/// Looks now and then at the topics beneath a running engine: whether they are still those that it began with, with as many
/// partitions, and whether somebody's transaction holds back what they hold.
struct TopicWatch {
  /// What was found in one look.
  struct Found {
    /// Why the engine cannot go on.
    var failure: LogError?
    /// What is to be told.
    var news: [String] = []
  }

  /// Seconds between two looks.
  static let interval = 5.0
  /// Seconds for which a topic may be missing: a broker that has just started may not know it yet.
  static let patience = 10.0

  private let log: any Log
  private let reader: any LogReader
  private let configuration: EngineConfiguration
  private var missing: [Topic: Double] = [:]
  private var known: [TopicPartition: Int64] = [:]
  /// Those that ended earlier in the last look than before: a broker that leads a partition no more may say so once.
  private var shrunk: Set<TopicPartition> = []
  private var held = HeldPartitions()

  init(_ log: any Log, _ configuration: EngineConfiguration) throws(LogError) {
    (self.log, self.configuration) = (log, configuration)
    reader = try log.makeReader()
  }

  /// - Parameters:
  ///   - seconds: by a clock that never goes back.
  ///   - patience: how long a topic may be missing. One that no earlier look has missed is never taken for deleted.
  mutating func look(seconds: Double, patience: Double = Self.patience) throws(LogError) -> Found {
    var places: [TopicPartition] = []
    for topic in Topic.allCases {
      let name = configuration.names[topic]
      guard let count = try log.partitions(of: name) else {
        guard let since = missing[topic] else {
          missing[topic] = seconds
          continue
        }
        guard seconds - since >= patience else { continue }
        return Found(
          failure: LogError(.unknownTopic, "Topic \(name) was deleted, with all its records. \(Self.remedy)"))
      }
      missing[topic] = nil
      let expected = configuration.partitions(of: topic)
      guard count == expected else {
        return Found(
          failure: LogError(
            .unknownPartition,
            "Topic \(name) has \(count) partitions, the configuration says \(expected): what the others hold is read by nobody. "
              + "leeway topics check says what to do."))
      }
      places += (0..<count).map { TopicPartition(name, $0) }
    }
    let ends = try reader.ends(of: places)
    for (place, end) in ends.sorted(by: { $0.key < $1.key }) {
      if let before = known[place], end.last < before {
        guard !shrunk.insert(place).inserted else { continue }
        return Found(
          failure: LogError(
            .offsetOutOfRange,
            "\(place) ended at offset \(before) and now ends at \(end.last): the topic was deleted and created again, or cut "
              + "back. \(Self.remedy)", partition: place))
      }
      known[place] = end.last
      shrunk.remove(place)
    }
    return Found(news: held.look(at: ends, seconds: seconds))
  }

  private static let remedy =
    "State and offsets of the stages that read it rest on what it held: start anew, under another topics.prefix or with every "
    + "topic of this one deleted and created again. If it was only written to, `leeway topics create` is enough."
}
