import Backtest
import Events
import Foundation
import Log
import Synchronization
import TestSupport
import Testing

@testable import leeway

/// What a thread reads ahead is what was recorded, in its order, up to the end or to what went wrong.
struct AheadRecordingTests {
  private struct Fault: Error, Equatable {}

  /// Runs of a few records to a few thousand; then an error, where there is one.
  private struct Runs: TopicRecording {
    let sizes: [Int]
    let error: Fault?
    /// Runs that have been asked for.
    let read = Count()
    /// Readings that have ended.
    let ended = Count()

    let partitions = 1
    func count(of topic: Topic) -> Int { sizes.reduce(0, +) }

    func read(_ topics: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
      // Late enough for who does not wait.
      defer {
        Thread.sleep(forTimeInterval: 0.005)
        ended.value.withLock { $0 += 1 }
      }
      var offset: Int64 = 0
      for size in sizes {
        read.value.withLock { $0 += 1 }
        let records = (0..<Int64(size)).map {
          StoredRecord(offset: offset + $0, record: Record(timestamp: 0, value: nil))
        }
        offset += Int64(size)
        try take(RecordRun(.predictions, 0, records[...], next: offset))
      }
      if let error { throw error }
    }
  }

  private final class Count: Sendable {
    let value = Mutex(0)
  }

  private static func sizes(_ random: inout SplitMix64) -> [Int] {
    (0..<Int.random(in: 0...60, using: &random)).map { _ in
      Int.random(in: 1...(Bool.random(using: &random) ? 5 : 3_000), using: &random)
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func handsOverWhatWasRecorded(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let base = Runs(sizes: Self.sizes(&random), error: seed % 3 == 0 ? Fault() : nil)
    var next: [Int64] = []
    let result = Result { try AheadRecording(base: base).read([.predictions]) { next.append($0.next) } }
    var expected: [Int64] = []
    for size in base.sizes { expected.append((expected.last ?? 0) + Int64(size)) }
    #expect(next == expected)
    guard let error = base.error else { return try result.get() }
    #expect(throws: error) { try result.get() }
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func nothingIsReadOnceNobodyTakes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let base = Runs(sizes: [1] + Self.sizes(&random) + Array(repeating: 4_000, count: 500), error: nil)
    var left = Int.random(in: 0..<base.sizes.count - 500, using: &random)
    #expect(throws: Fault()) {
      try AheadRecording(base: base).read([.predictions]) { _ in
        guard left > 0 else { throw Fault() }
        left -= 1
      }
    }
    #expect(base.ended.value.withLock(\.self) == 1)
    #expect(base.read.value.withLock(\.self) < base.sizes.count)
  }
}
