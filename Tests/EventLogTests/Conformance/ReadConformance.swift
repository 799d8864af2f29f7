import Log
import Synchronization
import Foundation
import TestSupport
import Testing

struct ReadConformance {
  private let spec = TopicSpec(name: "t", partitions: 2)
  private let zero = TopicPartition("t", 0)

  /// Whatever the order of timestamps, reading from the offset of a time misses no record of that time or later, and
  /// the offset is that of the first such record.
  @Test(arguments: LogUnderTest.all) func fromATime(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let producer = try opened.log.makeProducer(id: nil)
    var random = SplitMix64(seed: 3)
    var times: [Int64] = []
    for _ in 0..<40 {
      let batch = (0..<Int.random(in: 1...9, using: &random)).map { _ in Int64.random(in: 0..<100, using: &random) }
      try producer.append([AppendBatch(zero, batch.map { Record($0, "x") })])
      times += batch
    }
    let reader = try opened.log.makeReader()
    for time: Int64 in -1...101 {
      let expected = times.firstIndex { $0 >= time } ?? times.count
      #expect(try reader.offset(in: zero, atOrAfter: time) == Int64(expected))
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
    #expect(try !reader.wait(for: [zero: 1], milliseconds: 0))
  }

  /// The delay from the append's return to the reader's waking: within 50 ms, on a machine that is busy with other
  /// tests at least typically.
  @Test(arguments: LogUnderTest.all) func aWaitingReaderWakes(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let rounds = 15
    let woken = Mutex<[ContinuousClock.Instant]>([])
    let log = opened.log
    let partition = zero
    let thread = try BackgroundThread {
      let reader = try log.makeReader()
      for round in 0..<rounds {
        guard try reader.wait(for: [partition: Int64(round)], milliseconds: 10_000) else { return }
        woken.withLock { $0.append(.now) }
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
    #expect(delays.sorted()[rounds / 2] < .milliseconds(50))
    #expect(delays.count == rounds)
  }
}

/// A thread that runs one body and keeps its error.
final class BackgroundThread: Sendable {
  private let done = DispatchSemaphore(value: 0)
  private let failure = Mutex<(any Error)?>(nil)

  init(_ body: @escaping @Sendable () throws -> Void) throws {
    Thread.detachNewThread { [self] in
      do { try body() } catch { failure.withLock { $0 = error } }
      done.signal()
    }
  }

  /// Waits for the end and throws what the body threw.
  func join() throws {
    done.wait()
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
