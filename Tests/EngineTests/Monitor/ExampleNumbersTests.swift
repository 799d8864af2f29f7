import Bytes
import Events
import TestSupport
import Testing

@testable import Engine

@Suite("Example numbers")
struct ExampleNumbersTests {
  /// Keeps what every tick found.
  private struct Plain {
    var resolved: [Milliseconds]
    var current: [Int64]
    var marks: [(tick: Milliseconds, next: [Int64])] = []

    var settled: [Int64] {
      let bound = resolved.min() ?? .min
      return marks.last { $0.tick <= bound }?.next ?? current.map { _ in 0 }
    }

    mutating func note(_ progress: Progress) {
      resolved[progress.partition] = max(resolved[progress.partition], progress.resolved)
      current[progress.partition] = max(current[progress.partition], progress.nextSeq)
    }
  }

  @Test("Are those of the last tick resolved everywhere, over a restart too", arguments: 0..<60 as Range<UInt64>)
  func plainRule(seed: UInt64) throws {
    var chance = SplitMix64(seed: seed)
    let sources = 1 + chance.below(4)
    var numbers = ExampleNumbers(sources: sources)
    var plain = Plain(resolved: Array(repeating: .min, count: sources), current: Array(repeating: 0, count: sources))
    var tick: Milliseconds = 0
    var settledEver = Set<[Int64]>()
    for round in 0..<80 {
      tick += 10 * Milliseconds(1 + chance.below(3))
      // Some bring nothing, stand still, lag far behind or fall back.
      for source in 0..<sources where round == 79 || chance.below(4) > 0 {
        let next = (plain.current[source] - 2) + Int64(chance.below(6))
        let progress = Progress(
          partition: source, tick: tick, resolved: round == 79 ? tick : tick - Milliseconds(chance.below(120)),
          nextSeq: next, counts: [])
        numbers.note(progress)
        plain.note(progress)
      }
      numbers.close(tick)
      plain.marks.append((tick, plain.current))
      if round % 20 == Int(seed % 20) {
        var writer = ByteWriter()
        numbers.encode(into: &writer)
        var reader = ByteReader(writer.bytes)
        numbers = ExampleNumbers(sources: sources)
        try numbers.restore(from: &reader)
        try reader.expectEnd()
      }
      #expect(numbers.settled == plain.settled && numbers.current == plain.current)
      #expect(numbers.resolved == plain.resolved.min())
      settledEver.insert(numbers.settled)
    }
    #expect(settledEver.count > 5 && numbers.settled == numbers.current)
  }

  @Test("Bytes of another number of source partitions are refused")
  func otherSources() {
    var writer = ByteWriter()
    var numbers = ExampleNumbers(sources: 2)
    numbers.close(10)
    numbers.encode(into: &writer)
    for sources in [1, 3] {
      var reader = ByteReader(writer.bytes)
      var other = ExampleNumbers(sources: sources)
      #expect(throws: ByteError.self) { try other.restore(from: &reader) }
    }
  }
}
