import Log

/// Everything that a simulated log holds, on its broker.
struct SimulatedState {
  let settings: SimulatedLogSettings
  /// Milliseconds.
  var now: Int64 = 0
  var topics: [String: TopicSpec] = [:]
  var partitions: [TopicPartition: SimulatedPartition] = [:]
  var groups: [String: SimulatedGroup] = [:]
  var transactions: [Int: SimulatedTransaction] = [:]
  var sequences: [SequenceKey: [SimulatedSequence]] = [:]
  /// Partitions of which consumers get nothing new until a time, with the ends that they had.
  var slow: [TopicPartition: (until: Int64, end: Int64)] = [:]
  /// Everything that came to count, in that order.
  var journal: [(partition: TopicPartition, records: [StoredRecord])] = []
  private var lastNumber = 0
  private var fault: (kind: SimulatedFault, operations: Int)?

  struct SequenceKey: Hashable {
    let producer: String
    let partition: TopicPartition
  }

  init(_ settings: SimulatedLogSettings) { self.settings = settings }

  /// A number that nothing else has.
  mutating func number() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// Has the operation after so many others fail.
  mutating func arm(_ fault: SimulatedFault, after operations: Int) { self.fault = (fault, operations) }

  /// - Returns: whether the fault has not struck.
  mutating func disarm() -> Bool {
    defer { fault = nil }
    return fault != nil
  }

  /// Counts an operation.
  ///
  /// - Returns: the fault that strikes it.
  mutating func operate() -> SimulatedFault? {
    expire()
    guard let armed = fault else { return nil }
    guard armed.operations == 0 else {
      fault = (armed.kind, armed.operations - 1)
      return nil
    }
    fault = nil
    return armed.kind
  }

  /// Counts an operation that changes nothing.
  mutating func look() throws(LogError) {
    if let fault = operate() { throw Self.failure(fault) }
  }

  static func failure(_ fault: SimulatedFault) -> LogError {
    fault == .full
      ? LogError(.diskFull, "no room is left", retriable: true)
      : LogError(.unavailable, "the log does not answer (\(fault.rawValue))", retriable: true)
  }

  // MARK: Places

  func check(_ place: TopicPartition) throws(LogError) {
    guard let spec = topics[place.topic] else {
      throw LogError(.unknownTopic, "there is no topic \(place.topic)")
    }
    guard (0..<spec.partitions).contains(place.partition) else {
      throw LogError(.unknownPartition, "\(place.topic) has \(spec.partitions) partitions, not one \(place.partition)")
    }
  }

  func partition(_ place: TopicPartition) throws(LogError) -> SimulatedPartition {
    try check(place)
    return partitions[place] ?? SimulatedPartition()
  }

  /// Whether a batch can be written.
  func check(_ batch: AppendBatch) throws(LogError) {
    try check(batch.partition)
    if topics[batch.partition.topic]?.compacted == true, batch.records.contains(where: { $0.key == nil }) {
      throw LogError(.invalidArgument, "\(batch.partition) is compacted: a record needs a key")
    }
  }

  /// Behind this no reader is shown anything.
  func bound(of partition: SimulatedPartition) -> Int64 {
    settings.hidesOpen ? partition.lastStable : partition.end
  }

  // MARK: Time

  /// Aborts transactions and drops members whose time is over.
  mutating func expire() {
    let old = transactions.filter { $0.value.since + settings.transactionTimeout < now }.keys.sorted()
    for number in old { abort(number) }
    guard settings.fences else { return }
    for (name, group) in groups {
      for id in group.members.filter({ $0.value.seen + settings.sessionTimeout < now }).keys {
        // Its transaction stays open until its time is over, too.
        _ = groups[name]?.remove(id)
      }
    }
  }
}

struct SimulatedTransaction {
  /// Of the group and worker that opened it.
  let owner: String
  let since: Int64
  var partitions: [TopicPartition] = []
}
