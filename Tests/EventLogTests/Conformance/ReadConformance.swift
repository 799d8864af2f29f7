import EventLog
import Log
import Synchronization
import Foundation
import TestSupport
import Testing

@Suite(.blocking) struct ReadConformance {
  private let spec = TopicSpec(name: "t", partitions: 2)
  private let zero = TopicPartition("t", 0)

  /// Whatever the order of timestamps, reading from the offset of a time misses no record of that time or later, and
  /// the offset is that of the first such record.
  @Test(arguments: LogUnderTest.with(.times)) func fromATime(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let producer = try opened.log.makeProducer(id: nil)
    var random = SplitMix64(seed: 3)
    var times: [Int64] = []
    var counts: [Int] = []
    let earliest = kind.has(.earlyTimes) ? 0 : KafkaLimits.earliestTimestamp
    for _ in 0..<40 {
      let batch = (0..<Int.random(in: 1...9, using: &random)).map { _ in
        Int64.random(in: earliest..<100, using: &random)
      }
      try producer.append([AppendBatch(zero, batch.map { Record($0, "x") })])
      times += batch
      counts.append(batch.count)
    }
    let reader = try opened.log.makeReader()
    let offsets = kind.offsets(counts)
    let end = Int64(times.count) + kind.marks * 40
    for time: Int64 in -1...101 {
      let expected = times.firstIndex { $0 >= time }.map { offsets[$0] } ?? end
      #expect(try reader.offset(in: zero, atOrAfter: time) == expected)
    }
    #expect(try reader.offset(in: TopicPartition("t", 1), atOrAfter: 0) == 0)
  }

  @Test(arguments: LogUnderTest.all) func waitingEndsWithTime(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let reader = try opened.log.makeReader()
    let start = ContinuousClock.now
    #expect(try !reader.wait(for: [zero: 0], milliseconds: 60))
    #expect(try !reader.wait(for: [:], milliseconds: 0))
    #expect(ContinuousClock.now - start >= .milliseconds(59))
    try opened.log.makeProducer(id: nil).append([AppendBatch(zero, [Record(0, "x")])])
    #expect(try reader.wait(for: [zero: 0], milliseconds: 0))
    // Neither the record's successor nor what ends its transaction is a record.
    for next in 1...1 + kind.marks { #expect(try !reader.wait(for: [zero: next], milliseconds: 0)) }
  }

  /// The delay from the append's return to the reader's waking: short, on a machine that is busy with other tests at
  /// least typically.
  @Test(arguments: LogUnderTest.all) func aWaitingReaderWakes(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let rounds = 15
    let woken = Mutex<[ContinuousClock.Instant]>([])
    let log = opened.log
    let partition = zero
    let thread = try BackgroundThread {
      let reader = try log.makeReader()
      var next: Int64 = 0
      for _ in 0..<rounds {
        guard try reader.wait(for: [partition: next], milliseconds: 10_000) else { return }
        woken.withLock { $0.append(.now) }
        next = try reader.read(partition, from: next, limit: ReadLimit()).next
      }
    }
    let producer = try log.makeProducer(id: nil)
    var delays: [Duration] = []
    for round in 0..<rounds {
      Thread.sleep(forTimeInterval: 0.015)
      try producer.append([AppendBatch(zero, [Record(0, "x")])])
      let done = ContinuousClock.now
      while woken.withLock({ $0.count }) <= round, ContinuousClock.now - done < .seconds(10) {
        Thread.sleep(forTimeInterval: 0.001)
      }
      delays.append(woken.withLock { $0.indices.contains(round) ? $0[round] : .now } - done)
    }
    try thread.join()
    #expect(delays.sorted()[rounds / 2] < .milliseconds(kind.waking))
    #expect(delays.count == rounds)
  }
}
