import Bytes
import Control
import Events
import TestSupport
import Testing

struct RunAllowanceTests {
  private static let day = RunAllowance.day

  /// Times that keep to a few instants of three days, forwards and back, as triggers of several rules may come.
  private static func times(seed: UInt64) -> [Milliseconds] {
    var random = SplitMix64(seed: seed)
    var time: Milliseconds = 0
    return (0..<60).map { _ in
      time += .random(in: -2...8, using: &random) * day / 24
      return time
    }
  }

  @Test(arguments: 1...4, 0..<20 as Range<UInt64>) func noDayHasMore(limit: Int, seed: UInt64) throws {
    var allowance = RunAllowance()
    var granted: [Milliseconds] = []
    for time in Self.times(seed: seed) {
      let before = allowance
      let next = allowance.take(at: time, limit: limit)
      let counting = granted.filter { $0 > time - Self.day }
      #expect((next == nil) == (counting.count < limit))
      guard let next else {
        granted.append(time)
        continue
      }
      #expect(allowance == before, "a refusal changes nothing")
      var (early, due) = (before, before)
      #expect(early.take(at: next - 1, limit: limit) != nil && due.take(at: next, limit: limit) == nil)
    }
    for time in granted {
      #expect(granted.count { (time - Self.day + 1...time).contains($0) } <= limit)
    }
  }

  @Test func atTheEndsOfTime() {
    var allowance = RunAllowance()
    #expect(allowance.take(at: .min, limit: 1) == nil)
    #expect(allowance.take(at: .min + 1, limit: 1) == .min + Self.day)
    #expect(allowance.take(at: .max, limit: 1) == nil)
    #expect(allowance.take(at: .max, limit: 1) == .max)
  }

  @Test func comesBackFromItsBytesAndFromNoOthers() throws {
    var allowance = RunAllowance()
    for time in Self.times(seed: 1) { _ = allowance.take(at: time, limit: 3) }
    var writer = ByteWriter()
    allowance.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try RunAllowance(from: &reader) == allowance)
    expectHarmless(writer.bytes) { (reader: inout ByteReader) throws(ByteError) in
      try RunAllowance(from: &reader)
    } check: { read in
      var read = read
      return read.take(at: .max, limit: 1) != .min
    }
  }
}
