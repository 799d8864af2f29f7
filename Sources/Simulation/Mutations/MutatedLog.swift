import Log

/// A log whose consumers do something wrong.
final class MutatedLog: Log {
  private let log: SimulatedLog
  private let mutation: Mutation

  init(_ log: SimulatedLog, _ mutation: Mutation) {
    self.log = log
    self.mutation = mutation
  }

  func create(_ topic: TopicSpec) throws(LogError) { try log.create(topic) }
  func topics() throws(LogError) -> [TopicSpec] { try log.topics() }
  func spec(of topic: String) throws(LogError) -> TopicSpec? { try log.spec(of: topic) }
  func partitions(of topic: String) throws(LogError) -> Int? { try log.partitions(of: topic) }
  func makeProducer(id: String?) throws(LogError) -> any LogProducer { try log.makeProducer(id: id) }
  func makeReader() throws(LogError) -> any LogReader { try log.makeReader() }
  func maintain(now: Int64, workedOff: Int64) throws(LogError) { try log.maintain(now: now, workedOff: workedOff) }

  func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    let consumer = try log.join(group: group, topics: topics, member: member)
    return switch mutation {
    case .dropOffsets, .offsetsFirst, .outputsFirst, .dropOutput, .commitTwice, .snapshotApart, .resetNumbers,
      .trainTwice:
      MutatedCommits(consumer, mutation)
    case .commitRead, .noSuppression, .keepState, .seekBehind, .skipSnapshotPositions, .leadingLater:
      MutatedReading(consumer, mutation)
    case .ignoreFenced:
      StubbornConsumer(consumer, mutation) { [log] () throws(LogError) in
        try log.join(group: group, topics: topics, member: member)
      }
    default: consumer
    }
  }
}

/// Passes everything on.
class MutatedConsumer: LogConsumer {
  var consumer: any LogConsumer
  let mutation: Mutation

  init(_ consumer: any LogConsumer, _ mutation: Mutation) {
    self.consumer = consumer
    self.mutation = mutation
  }

  func poll(_ topics: [String], limit: ReadLimit) throws(LogError) -> Polled {
    try consumer.poll(topics, limit: limit)
  }
  func wait(_ topics: [String], milliseconds: Int) throws(LogError) {
    try consumer.wait(topics, milliseconds: milliseconds)
  }
  func hasReadAll(_ topics: [String]) throws(LogError) -> Bool { try consumer.hasReadAll(topics) }
  func seek(_ partition: TopicPartition, to offset: Int64) throws(LogError) {
    try consumer.seek(partition, to: offset)
  }
  func send(_ outputs: [AppendBatch]) throws(LogError) { try consumer.send(outputs) }
  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    try consumer.commit(outputs: outputs, offsets: offsets)
  }
  func close() { consumer.close() }
}
