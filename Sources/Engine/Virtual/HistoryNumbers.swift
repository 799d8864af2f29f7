import Bytes
public import Events
public import Log

/// Numbers rows that were labelled before Leeway came as Join numbers its own, and makes their records.
public struct HistoryNumbers: Sendable {
  /// The number that the next row gets, by partition.
  public private(set) var next: [Int64]

  /// - Parameter next: the first number that is free, by partition.
  public init(next: [Int64]) {
    self.next = next
  }

  public init(partitions: Int) {
    self.init(next: Array(repeating: 0, count: partitions))
  }

  /// The row's record under the next number; its partition follows from its id.
  public mutating func append(_ example: Example) -> (partition: Int, record: Record) {
    let key = Array(example.id.utf8)
    let partition = Murmur2.partition(of: key, among: next.count)
    var example = example
    example.seq = next[partition]
    next[partition] += 1
    let record = record(
      .example(example), kind: "example", key: key[...], time: example.time, id: "\(partition)-\(example.seq)")
    return (partition, record)
  }

  /// Takes note of a record that has been numbered already.
  mutating func note(_ record: Record, in partition: Int) {
    switch record.value.flatMap({ try? ExampleRecord.decode($0) }) {
    case .example(let example)?: next[partition] = max(next[partition], example.seq.saturatingAdd(1))
    case .resolved(let resolved)?: next[partition] = max(next[partition], resolved.nextSeq)
    case .expired?, nil: break
    }
  }

  /// Whether a record of `examples` is of rows that were labelled before Leeway came, and not of the engine's.
  public static func isHistory(_ record: Record) -> Bool {
    record.headers.contains { $0.name == "ce_source" && $0.value.elementsEqual(source.utf8) }
  }

  /// What says of a partition up to when its rows are labelled.
  public func mark(_ partition: Int, upTo end: Milliseconds) -> Record {
    record(
      .resolved(Resolved(upTo: end, nextSeq: next[partition])), kind: "resolved", key: nil, time: end,
      id: "\(partition)-\(next[partition])-resolved")
  }

  func marks(upTo end: Milliseconds) -> [(partition: Int, record: Record)] {
    next.indices.map { ($0, mark($0, upTo: end)) }
  }

  /// Everything that has been numbered, for a trigger.
  public func rows(before end: Milliseconds) -> RowSet {
    RowSet(
      before: end, partitions: next.enumerated().map { PartitionRows(partition: $0.offset, first: 0, end: $0.element) })
  }

  private func record(
    _ value: ExampleRecord, kind: String, key: ArraySlice<UInt8>?, time: Milliseconds, id: String
  ) -> Record {
    CloudEvent(id: id, source: Self.source, kind: kind, time: time).record(value.encoded(), key: key)
  }

  /// What records of history call their source.
  public static let source = "leeway/history"
}
