import Bytes
import Log

/// One partition as a broker keeps it: offsets that markers and aborted records use up, and a last stable offset that
/// open transactions hold back.
struct SimulatedPartition {
  struct Entry {
    let stored: StoredRecord
    /// The open transaction that it belongs to; nil once it counts.
    var transaction: Int?
  }

  /// What is kept, in order of offset. Records of aborted transactions leave holes.
  private(set) var entries: [Entry] = []
  private(set) var start: Int64 = 0
  /// The offset that the next record gets.
  private(set) var end: Int64 = 0
  /// Of each open transaction, its first offset here.
  private var open: [Int: Int64] = [:]
  /// Every record that ever counted, whatever retention and compaction have done since.
  private(set) var history: [StoredRecord] = []

  /// Behind this nothing is certain yet.
  var lastStable: Int64 { open.values.min() ?? end }

  mutating func append(_ records: [Record], transaction: Int?) -> Int64 {
    let first = end
    if let transaction, open[transaction] == nil { open[transaction] = first }
    for record in records {
      let stored = StoredRecord(offset: end, record: record)
      entries.append(Entry(stored: stored, transaction: transaction))
      if transaction == nil { history.append(stored) }
      end += 1
    }
    return first
  }

  /// Appends at offsets that are given, all beyond the end.
  mutating func place(_ records: [StoredRecord]) {
    for stored in records where stored.offset >= end {
      entries.append(Entry(stored: stored, transaction: nil))
      history.append(stored)
      end = stored.offset + 1
    }
  }

  /// Takes up offsets that nobody is shown, up to `offset`.
  mutating func extend(to offset: Int64) { end = max(end, offset) }

  /// A control record, which nobody is shown.
  mutating func mark() { end += 1 }

  /// - Returns: the transaction's records, which count from now on.
  mutating func settle(_ transaction: Int) -> [StoredRecord] {
    guard let first = open.removeValue(forKey: transaction) else { return [] }
    var settled: [StoredRecord] = []
    for index in entries.indices.reversed() {
      guard entries[index].stored.offset >= first else { break }
      guard entries[index].transaction == transaction else { continue }
      entries[index].transaction = nil
      settled.append(entries[index].stored)
    }
    settled.reverse()
    history += settled
    return settled
  }

  mutating func abort(_ transaction: Int) {
    guard open.removeValue(forKey: transaction) != nil else { return }
    entries.removeAll { $0.transaction == transaction }
  }

  /// Whether there is a record that can be read at `offset` or behind it.
  func hasRecord(from offset: Int64, until bound: Int64) -> Bool {
    let index = index(of: offset)
    return index < entries.count && entries[index].stored.offset < bound
  }

  /// - Parameter bound: nothing from there on is shown.
  func read(from offset: Int64, until bound: Int64, limit: ReadLimit) -> [StoredRecord] {
    var records: [StoredRecord] = []
    var bytes = 0
    var index = index(of: offset)
    while index < entries.count, records.count < max(limit.records, 1) {
      let stored = entries[index].stored
      guard stored.offset < bound else { break }
      bytes += stored.record.size
      guard records.isEmpty || bytes <= limit.bytes else { break }
      records.append(stored)
      index += 1
    }
    return records
  }

  func offset(atOrAfter time: Int64) -> Int64 {
    let bound = lastStable
    return entries.first { $0.stored.offset < bound && $0.stored.record.timestamp >= time }?.stored.offset ?? bound
  }

  /// The first entry at or behind an offset.
  private func index(of offset: Int64) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].stored.offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// Retention and compaction.

extension SimulatedPartition {
  /// Drops records from the front by age and by size.
  mutating func retain(_ retention: Retention, now: Int64) {
    let bound = lastStable
    var size = entries.reduce(0) { $0 + $1.stored.record.size }
    var count = 0
    for entry in entries {
      guard entry.stored.offset < bound else { break }
      let isOld = retention.milliseconds.map { entry.stored.record.timestamp < now.subtractingSaturating($0) } ?? false
      let isTooMuch = retention.bytes.map { size > $0 } ?? false
      guard isOld || isTooMuch else { break }
      size -= entry.stored.record.size
      count += 1
    }
    guard count > 0 else { return }
    entries.removeFirst(count)
    start = entries.first?.stored.offset ?? bound
  }

  /// Keeps the newest record of each key; deletions go once they are a day old.
  mutating func compact(now: Int64) {
    let bound = lastStable
    var newest: [ByteSlice: Int64] = [:]
    for entry in entries where entry.stored.offset < bound {
      if let key = entry.stored.record.key { newest[key] = entry.stored.offset }
    }
    let day: Int64 = 86_400_000
    entries.removeAll { entry in
      let stored = entry.stored
      guard stored.offset < bound, let key = stored.record.key else { return false }
      return newest[key] != stored.offset
        || (stored.record.value == nil && stored.record.timestamp < now.subtractingSaturating(day))
    }
  }
}

extension Record {
  var size: Int { (key?.count ?? 0) + (value?.count ?? 0) + 16 }
}

extension Int64 {
  func subtractingSaturating(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other > 0 ? .min : .max) : difference
  }
}
