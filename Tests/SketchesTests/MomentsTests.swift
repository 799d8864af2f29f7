import Bytes
import Sketches
import TestSupport
import Testing

@Suite("Moments")
struct MomentsTests {
  /// Two passes, in the order of the values.
  private static func twoPass(_ values: [Double]) -> (mean: Double, m2: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
  }

  private static func sample(_ seed: UInt64, _ count: Int) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Double.random(in: -3...5, using: &generator) }
  }

  private static func close(_ left: Double, _ right: Double, _ tolerance: Double = 1e-10) -> Bool {
    (left - right).magnitude <= tolerance * max(1, left.magnitude, right.magnitude)
  }

  @Test(
    "Any order of updates and merges gives the two-pass figures",
    arguments: 1...20 as ClosedRange<UInt64>)
  func matchesTwoPasses(seed: UInt64) {
    let values = Self.sample(seed, 50 + Int(seed) * 7)
    let expected = Self.twoPass(values)
    let cut = values.count / 3
    var merged = Moments(values[..<cut])
    merged.merge(Moments())
    merged.merge(Moments(values[cut...]))
    for moments in [Moments(values), merged] {
      #expect(moments.count == values.count)
      #expect(Self.close(moments.mean, expected.mean))
      #expect(Self.close(moments.m2, expected.m2))
      #expect(moments.min == values.min() && moments.max == values.max())
    }
  }

  @Test(
    "Subtraction undoes a merge; range stays as a bound", arguments: 1...20 as ClosedRange<UInt64>)
  func subtracts(seed: UInt64) {
    let first = Self.sample(seed, 40)
    let second = Self.sample(seed + 100, 60)
    var moments = Moments(first)
    moments.merge(Moments(second))
    moments.subtract(Moments(first))
    let expected = Self.twoPass(second)
    #expect(moments.count == 60)
    #expect(Self.close(moments.mean, expected.mean))
    #expect(Self.close(moments.m2, expected.m2, 1e-9))
    #expect(moments.min <= (second.min() ?? 0) && moments.max >= (second.max() ?? 0))
    moments.subtract(moments)
    #expect(moments == Moments())
  }

  @Test("Digits survive a large mean")
  func largeMean() {
    let values = (0..<1_000).map { 1e9 + Double($0 % 2 * 2 - 1) }
    let moments = Moments(values)
    #expect(Self.close(moments.variance, 1, 1e-8) && Self.close(moments.standardDeviation, 1, 1e-8))
    #expect(moments.sampleVariance > moments.variance)
  }

  @Test("A dwarfing part leaves rubbish behind, which is why all of it is called inexact")
  func inexact() {
    let small = Moments([1, 2, 3])
    var moments = small
    moments.merge(Moments([1e12]))
    moments.subtract(Moments([1e12]))
    #expect(!Self.close(moments.m2, small.m2, 1e-3))
    moments.inexact = small
    #expect(moments == small)
  }

  @Test("Empty")
  func empty() {
    let moments = Moments()
    #expect(
      moments.variance == 0 && moments.sampleVariance == 0 && moments.mean == 0 && moments.isEmpty)
    #expect(moments.min > moments.max)
    #expect(Moments(count: 0, mean: 3, m2: 1, min: 0, max: 9) == moments)
    #expect(Moments(count: 2, mean: 3, m2: -1e-20, min: 3, max: 3).m2 == 0)
  }

  @Test("Bytes: round trip, golden, hostile")
  func coding() throws {
    for moments in [Moments(), Moments([1]), Moments(Self.sample(9, 33))] {
      var writer = ByteWriter()
      moments.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try Moments(from: &reader) == moments)
      try reader.expectEnd()
      expectHarmless(writer.bytes) { reader throws(ByteError) in
        try Moments(from: &reader)
      } check: {
        $0.m2 >= 0 && $0.mean.isFinite && $0.count <= SketchLimits.count
      }
    }
    var writer = ByteWriter()
    Moments([1, 3]).encode(into: &writer)
    #expect(
      writer.bytes == [2] + [0, 0, 0, 0, 0, 0, 0, 0x40] + [0, 0, 0, 0, 0, 0, 0, 0x40]
        + [0, 0, 0, 0, 0, 0, 0xf0, 0x3f] + [0, 0, 0, 0, 0, 0, 0x08, 0x40])
  }

  @Test("Refuses figures that no stream has")
  func hostile() {
    func decode(_ count: Int, _ figures: [Double]) throws(ByteError) -> Moments {
      var writer = ByteWriter()
      writer.append(count: count)
      for figure in figures { writer.append(figure) }
      var reader = ByteReader(writer.bytes)
      return try Moments(from: &reader)
    }
    #expect(throws: ByteError.self) { try decode(SketchLimits.count + 1, [0, 0, 0, 0]) }
    #expect(throws: ByteError.self) { try decode(1, [.nan, 0, 0, 0]) }
    #expect(throws: ByteError.self) { try decode(1, [0, .infinity, 0, 0]) }
    #expect(throws: ByteError.self) { try decode(1, [0, -1, 0, 0]) }
    #expect(throws: ByteError.self) { try decode(1, [0, 0, 1, 0]) }
  }
}
