import Bytes
import Events
import Log
import TestSupport
import Testing

@testable import LeewayClient

/// The pure part of the producer: what fits, what is due, where batches end.
struct SendBufferTests {
  private static let start = ContinuousClock.now

  private static func event(_ bytes: Int) -> PreparedEvent {
    PreparedEvent(
      topic: .predictions, id: "p", partition: TopicPartition("predictions", 0),
      record: Record(timestamp: 0, value: [UInt8](repeating: 1, count: bytes)[...]))
  }

  private static func buffer(
    events: Int, bytes: Int, linger: Duration? = nil, holds: Int = 1_000, heldBytes: Int = 1_000
  ) -> SendBuffer {
    var batch = BatchLimits()
    batch.events = events
    batch.bytes = bytes
    batch.linger = linger
    var limits = BufferLimits()
    limits.events = holds
    limits.bytes = heldBytes
    return SendBuffer(batch: batch, limits: limits)
  }

  /// Batches end by the events and the limits alone, however often the sender looks in between.
  @Test func batchesDoNotDependOnTheSender() {
    for seed in UInt64(0)..<200 {
      var random = SplitMix64(seed: seed)
      let sizes = (0..<Int.random(in: 1...40, using: &random)).map { _ in Int.random(in: 1...20, using: &random) }
      let (events, bytes) = (Int.random(in: 1...6, using: &random), Int.random(in: 1...50, using: &random))
      var eager = Self.buffer(events: events, bytes: bytes)
      var late = eager
      var seen: [SendBatch] = []
      for size in sizes {
        #expect(eager.offer(Self.event(size), now: { Self.start }) != .full)
        #expect(late.offer(Self.event(size), now: { Self.start }) != .full)
        drain(&eager, into: &seen)
      }
      eager.flush()
      late.flush()
      drain(&eager, into: &seen)
      var expected: [SendBatch] = []
      drain(&late, into: &expected)
      #expect(seen.map(\.first) == expected.map(\.first))
      #expect(seen.flatMap { $0.events.map(\.bytes) } == sizes)
      #expect(seen.allSatisfy { $0.events.count <= events && ($0.bytes <= bytes || $0.events.count == 1) })
      #expect(eager.settled == Int64(sizes.count))
    }
  }

  private func drain(_ buffer: inout SendBuffer, into batches: inout [SendBatch]) {
    while case .send(let batch) = buffer.next(hurried: false, now: { Self.start }) {
      batches.append(batch)
      buffer.settle(batch)
    }
  }

  @Test func lingerEndsABatch() {
    var buffer = Self.buffer(events: 10, bytes: 100, linger: .milliseconds(5))
    #expect(buffer.offer(Self.event(1), now: { Self.start }) == .acceptedWakingSender)
    #expect(buffer.offer(Self.event(1), now: { Self.start + .milliseconds(4) }) == .accepted)
    guard case .wait(let rest?) = buffer.next(hurried: false, now: { Self.start + .milliseconds(2) }) else {
      Issue.record("nothing is due after 2 of 5 ms")
      return
    }
    #expect(rest == .milliseconds(3))
    guard case .send(let batch) = buffer.next(hurried: false, now: { Self.start + .milliseconds(5) }) else {
      Issue.record("the batch is due after 5 ms")
      return
    }
    #expect(batch.events.count == 2)
  }

  @Test func withoutLingerNothingGoesByItself() {
    var buffer = Self.buffer(events: 3, bytes: 100)
    #expect(buffer.offer(Self.event(1), now: { Self.start }) == .accepted)
    guard case .wait(nil) = buffer.next(hurried: false, now: { Self.start + .seconds(3_600) }) else {
      Issue.record("only a full batch or a flush sends")
      return
    }
    guard case .send = buffer.next(hurried: true, now: { Self.start }) else {
      Issue.record("a hurried sender takes what there is")
      return
    }
  }

  /// Events on their way to the log count until they are settled.
  @Test func boundsHoldUntilSettled() {
    var buffer = Self.buffer(events: 2, bytes: 100, holds: 4, heldBytes: 100)
    for _ in 0..<4 { #expect(buffer.offer(Self.event(10), now: { Self.start }) != .full) }
    #expect(buffer.offer(Self.event(1), now: { Self.start }) == .full)
    guard case .send(let batch) = buffer.next(hurried: false, now: { Self.start }) else {
      Issue.record("a full batch is due")
      return
    }
    #expect(buffer.offer(Self.event(1), now: { Self.start }) == .full)
    buffer.settle(batch)
    #expect(buffer.offer(Self.event(81), now: { Self.start }) == .full)
    #expect(buffer.offer(Self.event(80), now: { Self.start }) != .full)
  }
}
