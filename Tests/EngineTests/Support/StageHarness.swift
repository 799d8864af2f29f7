import Bytes
import Events
import Log
import TestSupport
import Testing

@testable import Engine

/// Drives one stage without a log: hands it records as polls would and gathers what it writes.
struct StageHarness<S: Stage> {
  var stage: S
  var outputs: Outputs
  /// Everything written, by place, in order.
  private(set) var written: [TopicPartition: [Record]] = [:]
  private var inputs: [Topic: [StoredRecord]]
  private(set) var next: [Topic: Int] = [:]

  init(_ stage: S, partition: Int = 0, inputs: [Topic: [StoredRecord]], modelPartitions: Int = 1) {
    self.stage = stage
    self.inputs = inputs
    outputs = Outputs(
      names: TopicNames(),
      partitions: [.examples: 4, .summaries: modelPartitions, .drift: modelPartitions, .triggers: modelPartitions],
      stage: S.name, partition: partition, emitted: 0, committed: [:])
    self.stage.start(at: [:])
  }

  func left(of topic: Topic) -> Int { (inputs[topic]?.count ?? 0) - next[topic, default: 0] }

  /// Reads on by at most `count` records of `topic`.
  mutating func poll(_ topic: Topic, _ count: Int = .max) throws {
    guard let records = inputs[topic] else { return }
    let from = next[topic, default: 0]
    let to = from + min(count, records.count - from)
    next[topic] = to
    let end = to > from ? records[to - 1].offset + 1 : Int64(to)
    try stage.process(records[from..<to], of: topic, next: end, into: &outputs)
    for batch in outputs.take() { written[batch.partition, default: []] += batch.records }
  }

  /// Reads everything, in polls whose topics and lengths are drawn at random.
  mutating func finish(using random: inout SplitMix64) throws {
    while true {
      let open = stage.inputs.filter { left(of: $0) > 0 }
      guard let topic = open.randomElement(using: &random) else { return }
      try poll(topic, Int.random(in: 1...5, using: &random))
    }
  }

  mutating func finish() throws {
    for topic in stage.inputs { try poll(topic) }
  }

  /// The same state in a new stage, read on from where this one's first untaken records are.
  mutating func restart(_ fresh: S, emitted: Int64? = nil) throws {
    var writer = ByteWriter()
    stage.encodeState(into: &writer)
    let positions = stage.positions
    var reader = ByteReader(writer.bytes)
    stage = fresh
    try stage.restoreState(from: &reader)
    try reader.expectEnd()
    stage.start(at: positions)
    for topic in stage.inputs {
      next[topic] = inputs[topic]?.firstIndex { $0.offset >= positions[topic, default: 0] } ?? inputs[topic]?.count
    }
  }

  /// Decoded records of a topic, partitions in order.
  func read<R: EventRecord>(_ topic: Topic, as type: R.Type = R.self) throws -> [R] {
    try written.filter { $0.key.topic == topic.rawValue }.sorted { $0.key < $1.key }
      .flatMap(\.value).map { try R.decode(value: $0.value) }
  }
}

/// A directory of versions in memory.
final class Directory: VersionDirectory {
  var facts: [String: VersionFacts] = [:]

  init(_ facts: [String: VersionFacts] = [:]) { self.facts = facts }

  func facts(of model: String, version: Int) -> VersionFacts? { facts["\(model)/\(version)"] }
}

/// Every order in which queues of these lengths can be worked off, as indices of queues.
func everyInterleaving(_ lengths: [Int]) -> [[Int]] {
  if lengths.allSatisfy({ $0 == 0 }) { return [[]] }
  return lengths.indices.flatMap { index -> [[Int]] in
    guard lengths[index] > 0 else { return [] }
    var rest = lengths
    rest[index] -= 1
    return everyInterleaving(rest).map { [index] + $0 }
  }
}
