import Foundation
import Log
import TestSupport
import Testing

@Suite(.blocking) struct MaintenanceConformance {
  private let partition = TopicPartition("t", 0)
  private let day: Int64 = 86_400_000

  private func make(_ kind: LogUnderTest, _ retention: Retention, compacted: Bool = false) throws
    -> LogUnderTest.Opened
  {
    try kind.make(TopicSpec(name: "t", partitions: 1, retention: retention, compacted: compacted))
  }

  @Test(arguments: LogUnderTest.with(.maintenance)) func retentionByAge(kind: LogUnderTest) throws {
    let opened = try make(kind, Retention(milliseconds: 1_000))
    let producer = try opened.log.makeProducer(id: nil)
    for time in stride(from: Int64(0), to: 5_000, by: 10) {
      try producer.append([AppendBatch(partition, [Record(time, "\(time)")])])
    }
    let reader = try opened.log.makeReader()
    let end = 500 * (1 + kind.marks)
    try opened.log.maintain(now: 900)
    #expect(try reader.bounds(of: partition) == 0..<end)
    try opened.log.maintain(now: 3_000)
    let kept = try reader.all(partition)
    // Whole batches go, so some records that might go may stay, but never the other way round.
    #expect(kept.count >= 300 && kept.count <= 320)
    #expect(kept.suffix(300).map(\.record.timestamp) == (200..<500).map { $0 * 10 })
    try opened.log.maintain(now: 1 << 40)
    #expect(try reader.bounds(of: partition) == end..<end)
    #expect(code { _ = try reader.read(partition, from: 0, limit: ReadLimit()) } == .offsetOutOfRange)
    // Offsets are never given out twice.
    #expect(try producer.append([AppendBatch(partition, [Record(0, "next")])]) == [end])
  }

  @Test(arguments: LogUnderTest.with(.maintenance)) func retentionBySize(kind: LogUnderTest) throws {
    let opened = try make(kind, Retention(bytes: 100_000))
    let producer = try opened.log.makeProducer(id: nil)
    let value = String(repeating: "v", count: 10_000)
    for time in 0..<Int64(50) { try producer.append([AppendBatch(partition, [Record(time, value)])]) }
    try opened.log.maintain(now: 0)
    let kept = try opened.log.makeReader().all(partition)
    let bytes = kept.reduce(0) { $0 + ($1.record.value?.count ?? 0) }
    #expect(bytes >= 90_000 && bytes <= 250_000)
    #expect(kept.map(\.offset) == kind.offsets(Array(repeating: 1, count: 50)).suffix(kept.count))
  }

  @Test(arguments: LogUnderTest.with(.maintenance)) func foreverIsForever(kind: LogUnderTest) throws {
    let opened = try make(kind, .forever)
    let producer = try opened.log.makeProducer(id: nil)
    var random = SplitMix64(seed: 4)
    var appended: [Record] = []
    var counts: [Int] = []
    for _ in 0..<300 {
      let batch = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        Record(Int64.random(in: 0...1_000, using: &random), "v")
      }
      try producer.append([AppendBatch(partition, batch)])
      appended += batch
      counts.append(batch.count)
    }
    let reader = try opened.log.makeReader()
    let times = try (0..<1_000 as Range<Int64>).map { try reader.offset(in: partition, atOrAfter: $0) }
    for _ in 0..<3 {
      try opened.log.maintain(now: 1 << 50)
      let read = try reader.all(partition)
      let offsets = kind.offsets(counts)
      #expect(read.map(\.record) == appended && read.map(\.offset) == offsets)
      #expect(try (0..<1_000 as Range<Int64>).map { try reader.offset(in: partition, atOrAfter: $0) } == times)
      let from = try reader.read(partition, from: 137, limit: ReadLimit())
      #expect(from.records.first?.offset == offsets.first { $0 >= 137 })
      try producer.append([AppendBatch(partition, [Record(5_000, "late")])])
      appended.append(Record(5_000, "late"))
      counts.append(1)
    }
  }

  /// Against a model: after cleaning, reading gives the newest record of each key at its own offset, in order.
  @Test(arguments: LogUnderTest.with(.maintenance), 1...6 as ClosedRange<UInt64>)
  func compactionKeepsTheNewestOfEachKey(kind: LogUnderTest, seed: UInt64) throws {
    let opened = try make(kind, .forever, compacted: true)
    let producer = try opened.log.makeProducer(id: nil)
    let reader = try opened.log.makeReader()
    var random = SplitMix64(seed: seed)
    var newest: [String: StoredRecord] = [:]
    var next: Int64 = 0
    for round in 0..<4 {
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        var batch: [Record] = []
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          let key = "\(Int.random(in: 0..<25, using: &random))"
          let value = Int.random(in: 0..<5, using: &random) == 0 ? nil : "\(next)"
          let record = Record(Int64(round) * day, key: key, value)
          newest[key] = StoredRecord(offset: next, record: record)
          batch.append(record)
          next += 1
        }
        try producer.append([AppendBatch(partition, batch)])
        next += kind.marks
      }
      let now = Int64(round) * day + day / 2
      try opened.log.maintain(now: now)
      let expected = newest.values.sorted { $0.offset < $1.offset }
      let read = try reader.all(partition)
      let young = { (stored: StoredRecord) in stored.record.value != nil || stored.record.timestamp >= now - day }
      #expect(read.filter(young) == expected.filter(young))
      #expect(read.allSatisfy { expected.contains($0) })
      #expect(try reader.bounds(of: partition).upperBound == next)
      let middle = next / 2
      #expect(
        try reader.read(partition, from: middle, limit: ReadLimit()).records.first?.offset
          == read.first { $0.offset >= middle }?.offset)
    }
  }

  @Test(arguments: LogUnderTest.with(.maintenance)) func tombstonesGoAfterADay(kind: LogUnderTest) throws {
    let opened = try make(kind, .forever, compacted: true)
    let producer = try opened.log.makeProducer(id: nil)
    let reader = try opened.log.makeReader()
    try producer.append([AppendBatch(partition, [Record(0, key: "k", "v"), Record(1, key: "k", nil)])])
    try opened.log.maintain(now: day / 2)
    #expect(try reader.all(partition).map(\.offset) == [1])
    try opened.log.maintain(now: day * 3)
    #expect(try reader.all(partition).isEmpty)
    let end = 2 + kind.marks
    #expect(try reader.bounds(of: partition).upperBound == end)
    let fetch = try reader.read(partition, from: reader.bounds(of: partition).lowerBound, limit: ReadLimit())
    #expect(fetch.records.isEmpty && fetch.next == end)
    #expect(try !reader.wait(for: [partition: 0], milliseconds: 0))
    #expect(try producer.append([AppendBatch(partition, [Record(2, key: "k", "w")])]) == [end])
    #expect(try reader.all(partition).map(\.record.text) == ["w"])
  }

  /// A reader that goes on reading while maintenance rewrites what it reads sees offsets in order and misses nothing
  /// that is still the newest.
  @Test(arguments: LogUnderTest.with(.maintenance)) func readingGoesOnMeanwhile(kind: LogUnderTest) throws {
    let opened = try make(kind, .forever, compacted: true)
    let log = opened.log
    let partition = partition
    let total: Int64 = 6_000
    let offsets = kind.offsets(Array(repeating: 20, count: 300))
    let writer = try BackgroundThread {
      let producer = try log.makeProducer(id: nil)
      for start in stride(from: Int64(0), to: total, by: 20) {
        try producer.append([
          AppendBatch(partition, (start..<start + 20).map { Record($0, key: "\($0 % 997)", "\($0)") })
        ])
      }
    }
    let cleaner = try BackgroundThread {
      for _ in 0..<15 { try log.maintain(now: 0) }
    }
    let reader = try log.makeReader()
    var seen: [StoredRecord] = []
    var position: Int64 = 0
    while position <= offsets.last ?? 0, try reader.wait(for: [partition: position], milliseconds: 10_000) {
      let fetch = try reader.read(partition, from: position, limit: ReadLimit(records: 300))
      seen += fetch.records
      position = fetch.next
    }
    try writer.join()
    try cleaner.join()
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.offset < $1.offset })
    let numbers = try seen.map { try #require(Int($0.record.text ?? "")) }
    #expect(seen.map(\.offset) == numbers.map { offsets[$0] })
    #expect(Set(Int(total - 997)..<Int(total)).isSubset(of: Set(numbers)))
  }
}
