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
  /// Older rows, known to the reference alone.
  public private(set) var past: [TrainingRow] = []
  public private(set) var learned: [TrainingRow] = []
  /// Whether there were more rows of the run's own than it may read, so that the oldest are left out.
  public let isCut: Bool
  /// The newest rows, held out from learning by a program outside; a built-in family learns all.
  public private(set) var heldOut: [TrainingRow] = []

  /// Sorts rows by the time of their prediction, then partition and number; the run learns all that are its own.
  ///
  /// - Throws: `TrainingFailure` where the run has too few rows.
  init(all rows: [TrainingRow], for run: RunStarted, minimumRows: Int, maximumRows: Int) throws {
    let sorted = rows.newest(.max)
    let start = run.rows.from.map { from in sorted.firstIndex { $0.example.time >= from } ?? sorted.endIndex } ?? 0
    past = Array(sorted[..<start])
    learned = Array(sorted[start...].suffix(maximumRows))
    isCut = sorted.count - start > maximumRows
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
    var split = own.count - max(1, Int((Double(own.count) * run.holdout).rounded(.down)))
    let time = own[split].example.time
    split = own.firstIndex { $0.example.time == time } ?? split
    if split == 0 { split = own.firstIndex { $0.example.time > time } ?? 0 }
    guard split > 0 else {
      throw TrainingFailure("all \(own.count) rows have one time: nothing can be held out by time")
    }
    learned = Array(own[..<split])
    heldOut = Array(own[split...])
  }

  /// What was learned of the rows that the run names, before a time.
  func learnedSpan(of run: RunStarted, before: Milliseconds) -> RowSet {
    Self.span(learned, from: (isCut ? nil : run.rows.from) ?? learned.first?.example.time, before: before)
  }

  /// The partitions and numbers that rows span, and their times.
  static func span(_ rows: [TrainingRow], from: Milliseconds?, before: Milliseconds) -> RowSet {
    var spans: [Int: Range<Int64>] = [:]
    for row in rows {
      let seq = row.example.seq
      let known = spans[row.partition] ?? seq..<seq + 1
      spans[row.partition] = min(known.lowerBound, seq)..<max(known.upperBound, seq + 1)
    }
    return RowSet(
      from: from, before: before,
      partitions: spans.sorted { $0.key < $1.key }.map {
        PartitionRows(partition: $0.key, first: $0.value.lowerBound, end: $0.value.upperBound)
      })
  }

  /// Of the learned rows.
  var hash: String { learned.checksum }
}

extension [TrainingRow] {
  /// SHA-256 over the rows' own JSON, one a line, in order.
  var checksum: String {
    var hash = SHA256()
    for row in self {
      hash.update(data: ExampleRecord.example(row.example).encoded())
      hash.update(data: [UInt8(ascii: "\n")])
    }
    return hexadecimal(hash.finalize())
  }

  /// In order of time; only the last `count`.
  func newest(_ count: Int) -> [TrainingRow] {
    Array(sorted { $0.order < $1.order }.suffix(count))
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
