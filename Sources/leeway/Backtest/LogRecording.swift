import Backtest
import Events
import Log

/// Topics of a log up to where they ended when this was made: read-only, and in no group.
struct LogRecording: TopicRecording {
  private typealias Share = (place: TopicPartition, offsets: Range<Int64>)

  /// Records that are handed over together at most.
  private static let runRecords = 1_000
  /// By name: of equal times the first topic counts, as in a file that `leeway export` wrote.
  private static let order: [Topic] = [
    .examples, .features, .labels, .models, .predictions, .runs, .summaries, .triggers, .watermarks,
  ]

  private let log: any Log
  private let shares: [Topic: [Share]]
  let partitions: Int

  /// - Parameters:
  ///   - range: which events are taken.
  /// - Throws: `CommandError` where some of them are gone, or where there are none.
  init(_ log: any Log, _ names: TopicNames, _ range: BacktestRange) throws {
    self.log = log
    let reader = try log.makeReader()
    defer { reader.close() }
    func places(_ topic: Topic) throws -> [TopicPartition] {
      try (0..<(log.partitions(of: names[topic]) ?? 0)).map { TopicPartition(names[topic], $0) }
    }
    let edges = try range.edges(places(.predictions), reader)
    var shares: [Topic: [Share]] = [:]
    for topic in Self.order {
      let all = try places(topic)
      shares[topic] =
        Topic.ofStretches.contains(topic)
        ? try edges.ranges(of: all, reader).map { (place: $0.0, offsets: $0.1) }
        : try all.map { (place: $0, offsets: try reader.bounds(of: $0)) }
    }
    self.shares = shares
    partitions = shares[.predictions]?.count ?? 0
  }

  func count(of topic: Topic) -> Int {
    (shares[topic] ?? []).reduce(0) { $0 + $1.offsets.count }
  }

  func read(_ topics: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
    let reader = try log.makeReader()
    defer { reader.close() }
    let wanted = Self.order.filter(topics.contains)
    let parts = wanted.flatMap { topic in (shares[topic] ?? []).map { (topic: topic, share: $0) } }
    var merge = TimestampMerge([reader], ranges: parts.map { ($0.share.place, $0.share.offsets) })
    var run: (source: Int, records: [StoredRecord]) = (0, [])
    func hand() throws {
      guard let last = run.records.last else { return }
      let part = parts[run.source]
      try take(RecordRun(part.topic, part.share.place.partition, run.records[...], next: last.offset + 1))
      run.records.removeAll(keepingCapacity: true)
    }
    while let (source, stored) = try merge.next() {
      if source != run.source || run.records.count >= Self.runRecords {
        try hand()
        run.source = source
      }
      run.records.append(stored)
    }
    try hand()
  }
}
