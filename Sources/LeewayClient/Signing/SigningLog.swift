public import Log

/// A log that signs what is written to `models`, by whoever writes through it; all else passes as it is.
///
/// So the engine knows nothing of keys, and what it writes stays a function of what it reads: of a record of `models`, the
/// three headers of `ModelSignature` alone differ from run to run.
public struct SigningLog: Log {
  private let log: any Log
  private let signer: UpdateSigner

  /// - Parameters:
  ///   - topic: the name of `models`, with the prefix.
  ///   - clock: milliseconds since 1970.
  public init(_ log: any Log, topic: String, key: SigningKey, clock: @escaping @Sendable () -> Int64) {
    self.log = log
    signer = UpdateSigner(log: log, topic: topic, key: key, clock: clock)
  }

  public func create(_ topic: TopicSpec) throws(LogError) { try log.create(topic) }
  public func topics() throws(LogError) -> [TopicSpec] { try log.topics() }
  public func spec(of topic: String) throws(LogError) -> TopicSpec? { try log.spec(of: topic) }
  public func partitions(of topic: String) throws(LogError) -> Int? { try log.partitions(of: topic) }
  public func makeReader() throws(LogError) -> any LogReader { try log.makeReader() }

  public func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    SigningProducer(try log.makeProducer(id: id), signer)
  }

  public func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    SigningConsumer(try log.join(group: group, topics: topics, member: member), signer)
  }

  public func joinAlone(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    SigningConsumer(try log.joinAlone(group: group, topics: topics, member: member), signer)
  }

  public func maintain(now: Int64, workedOff: Int64) throws(LogError) {
    try log.maintain(now: now, workedOff: workedOff)
  }
}

/// Signs batches on their way into the log.
struct UpdateSigner: Sendable {
  /// Records from the end that are looked through for the time of the last signature.
  private static let tail: Int64 = 64

  let log: any Log
  let topic: String
  let key: SigningKey
  let clock: @Sendable () -> Int64

  func signed(_ batches: [AppendBatch]) throws(LogError) -> [AppendBatch] {
    guard batches.contains(where: { $0.partition.topic == topic }) else { return batches }
    var result: [AppendBatch] = []
    for batch in batches {
      result.append(batch.partition.topic == topic ? try signed(batch) : batch)
    }
    return result
  }

  private func signed(_ batch: AppendBatch) throws(LogError) -> AppendBatch {
    var time = max(clock(), try lastTime(in: batch.partition).saturatingSuccessor)
    var records: [Record] = []
    for record in batch.records {
      do throws(ClientError) {
        records.append(try ModelSignature.sign(record, topic: topic, time: time, with: key))
      } catch {
        throw LogError(.invalidArgument, "\(batch.partition): \(error.message)")
      }
      time = time.saturatingSuccessor
    }
    return AppendBatch(batch.partition, records, sequence: batch.sequence)
  }

  /// When this key last signed: a clock that was set back must not make the next update look like an old one.
  private func lastTime(in partition: TopicPartition) throws(LogError) -> Int64 {
    let reader = try log.makeReader()
    defer { reader.close() }
    let bounds = try reader.bounds(of: partition)
    var position = max(bounds.lowerBound, bounds.upperBound - Self.tail)
    var last = Int64.min
    while position < bounds.upperBound {
      let next: Int64
      do throws(LogError) {
        let fetch = try reader.read(partition, from: position, limit: ReadLimit())
        for stored in fetch.records {
          // Another's record may state any time at all.
          if case .genuine(_, let time) = ModelSignature.verify(stored.record, topic: topic, keys: [key.trusted]) {
            last = max(last, time)
          }
        }
        next = fetch.next
      } catch {
        guard error.code == .damaged, let offsets = error.offsets else { throw error }
        next = offsets.upperBound
      }
      guard next > position else { break }
      position = next
    }
    return last
  }
}

extension Int64 {
  fileprivate var saturatingSuccessor: Int64 { self == .max ? self : self + 1 }
}

private final class SigningProducer: LogProducer {
  private let producer: any LogProducer
  private let signer: UpdateSigner

  init(_ producer: any LogProducer, _ signer: UpdateSigner) {
    self.producer = producer
    self.signer = signer
  }

  func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64] {
    try producer.append(try signer.signed(batches))
  }

  func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64 {
    try producer.nextSequence(in: partition)
  }

  func close() { producer.close() }
}

private final class SigningConsumer: LogConsumer {
  private let consumer: any LogConsumer
  private let signer: UpdateSigner

  init(_ consumer: any LogConsumer, _ signer: UpdateSigner) {
    self.consumer = consumer
    self.signer = signer
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

  func send(_ outputs: [AppendBatch]) throws(LogError) { try consumer.send(try signer.signed(outputs)) }

  func commit(outputs: [AppendBatch], offsets: [TopicPartition: Int64]) throws(LogError) {
    try consumer.commit(outputs: try signer.signed(outputs), offsets: offsets)
  }

  func close() { consumer.close() }
}
