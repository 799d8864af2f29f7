import Bytes
import Crypto
public import Events

/// A labelled row and the partition whose numbering it has.
public struct TrainingRow: Sendable {
  public let partition: Int
  public let example: Example

  public init(partition: Int, example: Example) {
    self.partition = partition
    self.example = example
  }
}

/// The rows of a run in the order in which they are learned, cut by time into three parts.
public struct TrainingRows: Sendable {
  /// Past, learned and held out.
  let all: [TrainingRow]
  private let own: Int
  private var split: Int
  /// Whether there were more rows of the run's own than it may read, so that the oldest are left out.
  public let isCut: Bool

  /// Older rows, known to the reference alone.
  public var past: ArraySlice<TrainingRow> { all[..<own] }
  public var learned: ArraySlice<TrainingRow> { all[own..<split] }
  /// The newest rows, held out from learning by a program outside; a built-in family learns all.
  public var heldOut: ArraySlice<TrainingRow> { all[split...] }

  /// Sorts rows by the time of their prediction, then partition and number; the run learns all that are its own.
  ///
  /// - Throws: `TrainingFailure` where the run has too few rows.
  init(all rows: [TrainingRow], for run: RunStarted, minimumRows: Int, maximumRows: Int) throws {
    let sorted = rows.newest(.max)
    let start = run.rows.from.map { from in sorted.firstIndex { $0.example.time >= from } ?? sorted.endIndex } ?? 0
    own = start
    isCut = sorted.count - start > maximumRows
    all = isCut ? sorted[..<start] + sorted.suffix(maximumRows) : sorted
    split = all.endIndex
    guard learned.count >= minimumRows else {
      throw TrainingFailure("\(learned.count) new rows, at least \(minimumRows) are needed")
    }
  }

  /// The same, and splits the run's own so that the newest share of `holdout` is held out; rows of one time stay together.
  ///
  /// - Throws: `TrainingFailure` where the run has too few rows to learn and to hold out.
  public init(_ rows: [TrainingRow], for run: RunStarted, minimumRows: Int, maximumRows: Int) throws {
    try self.init(all: rows, for: run, minimumRows: minimumRows, maximumRows: maximumRows)
    let own = learned
    split = own.endIndex - max(1, Int((Double(own.count) * run.holdout).rounded(.down)))
    let time = own[split].example.time
    split = own.firstIndex { $0.example.time == time } ?? split
    if split == own.startIndex { split = own.firstIndex { $0.example.time > time } ?? own.startIndex }
    guard split > own.startIndex else {
      throw TrainingFailure("all \(own.count) rows have one time: nothing can be held out by time")
    }
  }

  /// What was learned of the rows that the run names, before a time.
  func learnedSpan(of run: RunStarted, before: Milliseconds) -> RowSet {
    Self.span(learned, from: (isCut ? nil : run.rows.from) ?? learned.first?.example.time, before: before)
  }

  /// The partitions and numbers that rows span, and their times.
  static func span(_ rows: some Collection<TrainingRow>, from: Milliseconds?, before: Milliseconds) -> RowSet {
    var spans: [PartitionRows] = []
    var last = 0
    for index in rows.indices {
      let (partition, seq) = (rows[index].partition, rows[index].example.seq)
      if !spans.indices.contains(last) || spans[last].partition != partition {
        last = spans.firstIndex { $0.partition == partition } ?? spans.endIndex
        if last == spans.endIndex { spans.append(PartitionRows(partition: partition, first: seq, end: seq + 1)) }
      }
      spans[last].first = min(spans[last].first, seq)
      spans[last].end = max(spans[last].end, seq + 1)
    }
    return RowSet(from: from, before: before, partitions: spans.sorted { $0.partition < $1.partition })
  }

  /// Of the learned rows.
  var hash: String { learned.checksum }
}

extension Collection<TrainingRow> {
  /// SHA-256 over the rows' own JSON, one a line, in order.
  var checksum: String {
    var hash = SHA256()
    var writer = JSONWriter(reserving: 512)
    let end = [UInt8(ascii: "\n")]
    for index in indices {
      writer.removeAll()
      ExampleRecord.example(self[index].example).encode(to: &writer)
      hash.update(data: writer.bytes)
      hash.update(data: end)
    }
    return hexadecimal(hash.finalize())
  }
}

extension [TrainingRow] {
  /// In order of time; only the last `count`.
  func newest(_ count: Int) -> [TrainingRow] {
    let isSorted = indices.dropFirst().allSatisfy { self[$0 - 1].order <= self[$0].order }
    let sorted = isSorted ? self : sorted { $0.order < $1.order }
    return count < sorted.count ? Array(sorted.suffix(count)) : sorted
  }
}

extension TrainingRow {
  fileprivate var order: (Milliseconds, Int, Int64) { (example.time, partition, example.seq) }
}

extension RunStarted {
  /// Whether a row belongs to the run, or to the past that its reference may be made of.
  public func wants(_ example: Example, partition: Int) -> Bool {
    guard example.model == model, example.time < rows.before,
      let range = rows.partitions.first(where: { $0.partition == partition }), example.seq < range.end
    else { return false }
    let start = [referenceFrom, rows.from].compactMap { $0 }.min()
    return start.map { example.time >= $0 } ?? true
  }
}

/// SHA-256 of an artifact or of a record, as records name it.
public func artifactChecksum(_ bytes: [UInt8]) -> String {
  hexadecimal(SHA256.hash(data: bytes))
}
