import EventLog
import Log
import Synchronization

/// A log whose producers can be made to fail for a while, as those of a cluster do.
final class TroubledLog: Log {
  struct Trouble {
    /// Names of producers that cannot be made.
    var unmade: Set<String> = []
    /// Appends that fail from now on.
    var lostAppends = 0
    /// Names of the producers that were made, in order.
    var made: [String] = []
    /// How many appends have failed.
    var failed = 0
  }

  static let failure = LogError(.unavailable, "nobody answers", retriable: true)

  let trouble = Mutex(Trouble())
  private let log: EmbeddedLog

  init(_ log: EmbeddedLog) { self.log = log }

  func create(_ topic: TopicSpec) throws(LogError) { try log.create(topic) }
  func topics() throws(LogError) -> [TopicSpec] { try log.topics() }
  func makeReader() throws(LogError) -> any LogReader { try log.makeReader() }
  func maintain(now: Int64, workedOff: Int64) throws(LogError) { try log.maintain(now: now, workedOff: workedOff) }

  func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    try log.join(group: group, topics: topics, member: member)
  }

  func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    let isUnmade = trouble.withLock { trouble in
      guard !trouble.unmade.contains(id ?? "") else { return true }
      trouble.made.append(id ?? "")
      return false
    }
    if isUnmade { throw Self.failure }
    return Producer(try log.makeProducer(id: id), self)
  }

  private final class Producer: LogProducer {
    private let producer: any LogProducer
    private let log: TroubledLog

    init(_ producer: any LogProducer, _ log: TroubledLog) { (self.producer, self.log) = (producer, log) }

    func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64] {
      let isLost = log.trouble.withLock { trouble in
        guard trouble.lostAppends > 0 else { return false }
        trouble.lostAppends -= 1
        trouble.failed += 1
        return true
      }
      if isLost { throw TroubledLog.failure }
      return try producer.append(batches)
    }

    func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64 {
      try producer.nextSequence(in: partition)
    }

    func close() { producer.close() }
  }
}
