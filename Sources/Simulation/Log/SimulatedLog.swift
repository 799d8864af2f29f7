public import Log
import Synchronization

/// A model of a log in memory, with what brokers do to those who use them: groups with several workers, transactions
/// that stay open when their worker dies, control records and aborted records that use up offsets, fencing.
///
/// Time stands still in it until it is moved; every fault is one that was asked for. Safe to share between threads. The
/// suite that every log is held to holds it too. Outside the model are the sizes of records and transactions, rights and
/// credentials, brokers and leaders that change, topics that grow, two producers under one name, and bytes
/// that change while they are stored.
public final class SimulatedLog: Log {
  private let state: Mutex<SimulatedState>

  public init(_ settings: SimulatedLogSettings = SimulatedLogSettings()) {
    state = Mutex(SimulatedState(settings))
  }

  public func create(_ topic: TopicSpec) throws(LogError) {
    guard SimulatedName.isValid(topic.name), (1...10_000).contains(topic.partitions),
      [topic.retention.milliseconds, topic.retention.bytes].allSatisfy({ ($0 ?? 0) >= 0 })
    else { throw LogError(.invalidArgument, "no topic can be \(topic)") }
    try with { state throws(LogError) in
      if let known = state.topics[topic.name] {
        guard known == topic else { throw LogError(.topicExists, "topic \(topic.name) exists with other properties") }
        return
      }
      state.topics[topic.name] = topic
      for number in 0..<topic.partitions {
        state.partitions[TopicPartition(topic.name, number)] = SimulatedPartition()
      }
    }
  }

  public func topics() throws(LogError) -> [TopicSpec] {
    try with { state throws(LogError) in
      try state.look()
      return state.topics.values.sorted { $0.name < $1.name }
    }
  }

  public func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    SimulatedProducer(self, name: id ?? with { "\u{0}\($0.number())" })
  }

  public func makeReader() throws(LogError) -> any LogReader { SimulatedReader(self) }

  public func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    let id = try with { state throws(LogError) in try state.join(group: group, topics: topics, member: member) }
    return SimulatedConsumer(self, group: group, topics: topics, id: id)
  }

  public func maintain(now: Int64, workedOff: Int64) throws(LogError) {
    with { state in
      for (name, spec) in state.topics {
        for place in (0..<spec.partitions).map({ TopicPartition(name, $0) }) {
          state.partitions[place]?.retain(spec.retention, now: min(now, workedOff))
          if spec.compacted { state.partitions[place]?.compact(now: now) }
        }
      }
    }
  }

  func with<Result: Sendable, Failure>(
    _ body: (inout SimulatedState) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try state.withLock { state throws(Failure) in try body(&state) }
  }

  var pause: @Sendable () -> Void { with { $0.settings.pause } }
  var patience: Int { with { $0.settings.patience } }
}

// What a simulation does to it and asks of it.

extension SimulatedLog {
  /// The log's clock, in milliseconds.
  var now: Int64 {
    get { with { $0.now } }
    set { with { $0.now = newValue } }
  }

  /// Everything that ever counted in a partition, in order of offset.
  func history(of place: TopicPartition) -> [StoredRecord] {
    with { ($0.partitions[place]?.history ?? []).sorted { $0.offset < $1.offset } }
  }

  /// Takes a topic away, and with it the groups' offsets of it, as brokers do.
  func delete(_ topic: String) {
    with { state in
      state.topics[topic] = nil
      state.partitions = state.partitions.filter { $0.key.topic != topic }
      for name in state.groups.keys { state.groups[name]?.forget(topic) }
    }
  }

  var openTransactions: Int { with { $0.transactions.count } }
}
