import Bytes
public import Events
import Log

/// What a stage writes while it takes records, gathered until the worker hands it to the log.
///
/// After a restart the records between the snapshot and the committed offsets are taken a second time to bring the state
/// up to date; what they write is in the log already and is dropped here.
public struct Outputs {
  public let names: TopicNames
  private let partitions: [Topic: Int]
  private let source: String
  private let partition: Int
  private var batches: [TopicPartition: [Record]] = [:]
  /// Topics of which nothing is written; their outputs are numbered all the same.
  private let unwanted: Set<Topic>
  /// Where the commits stand; a short list, as it is looked through for every record.
  private var committed: [(topic: Topic, offset: Int64)] = []
  /// Whether the record at hand has been taken before and its outputs are in the log.
  private(set) var isRepeating = false
  /// Numbers the outputs of this stage and partition: part of its state, the same on every replay.
  private var emitted: Int64
  /// Outputs with lower numbers are in the log, whatever has been committed of their inputs.
  private let written: Int64
  /// Whether the state must be saved with the next commit: a decision has been taken that a replay, which sees more of
  /// the log, could take otherwise.
  public var wantsSnapshot = false

  init(
    names: TopicNames, partitions: [Topic: Int], stage: String, partition: Int, emitted: Int64,
    committed: [Topic: Int64], written: Int64 = 0, unwanted: Set<Topic> = []
  ) {
    self.unwanted = unwanted
    self.names = names
    self.partitions = partitions
    self.partition = partition
    source = Self.source(stage, partition)
    self.emitted = emitted
    self.written = written
    self.committed = committed.map { ($0.key, $0.value) }
  }

  /// A stage calls this before it acts on a record of `topic`.
  mutating func taking(_ topic: Topic, at offset: Int64) {
    isRepeating = emitted < written || committed.contains { $0.topic == topic && offset < $0.offset }
  }

  /// Writes `value` to the partition that `key` belongs to, or to the one given.
  mutating func emit(
    _ value: some EventRecord, kind: String, to topic: Topic, partition target: Int? = nil, key: String?,
    time: Milliseconds
  ) {
    emit(encoded: value.encoded(), kind: kind, to: topic, partition: target, key: key, time: time)
  }

  /// The same for the bytes of a record.
  mutating func emit(
    encoded value: @autoclosure () -> [UInt8], kind: String, to topic: Topic, partition target: Int? = nil,
    key: String?, time: Milliseconds
  ) {
    // A snapshot may have brought any number.
    defer { emitted &+= 1 }
    guard !isRepeating, emitted >= written, unwanted.isEmpty || !unwanted.contains(topic) else { return }
    let key = key.map { Array($0.utf8)[...] }
    let to = target ?? key.map { Murmur2.partition(of: $0, among: partitions[topic, default: 1]) } ?? 0
    let event = CloudEvent(id: "\(partition)-\(emitted)", source: source, kind: kind, time: time)
    batches[TopicPartition(names[topic], to), default: []].append(event.record(value(), key: key))
  }

  private static func source(_ stage: String, _ partition: Int) -> String { "leeway/\(stage)/\(partition)" }

  /// The number of an output of this stage and partition; nil for any other record.
  static func number(of record: Record, stage: String, partition: Int) -> Int64? {
    func header(_ name: String) -> Substring? {
      record.headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self)[...] }
    }
    let start = "\(partition)-"
    guard header("ce_source") == source(stage, partition)[...], let id = header("ce_id"), id.hasPrefix(start) else {
      return nil
    }
    return Int64(id.dropFirst(start.count))
  }

  /// How many partitions `topic` has.
  func partitions(of topic: Topic) -> Int {
    partitions[topic, default: 1]
  }

  mutating func emit(_ letter: DeadLetter) {
    emit(letter, kind: "deadletter", to: .deadletters, key: "\(letter.topic)/\(letter.partition)", time: letter.time)
  }

  var isEmpty: Bool { batches.isEmpty }

  /// Everything written, by partition in order of topic and number.
  mutating func take() -> [AppendBatch] {
    defer {
      batches.removeAll(keepingCapacity: true)
    }
    return batches.sorted { $0.key < $1.key }.map { AppendBatch($0.key, $0.value) }
  }

  var numbered: Int64 { emitted }
}

extension Int64 {
  func quotientAndRemainder(flooringBy divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  /// The largest multiple of `step` that is not above this. Saturates instead of overflowing.
  func floored(to step: Int64) -> Int64 {
    let (_, remainder) = quotientAndRemainder(flooringBy: step)
    let (value, overflow) = subtractingReportingOverflow(remainder)
    return overflow ? self : value
  }
}
