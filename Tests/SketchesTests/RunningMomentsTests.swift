import Bytes
import Sketches
import TestSupport
import Testing

@Suite("Running moments")
struct RunningMomentsTests {
  private static func sample(_ seed: UInt64, _ count: Int) -> [Double] {
    var generator = SplitMix64(seed: seed)
    let scale = [1.0, 1e-9, 1e12][Int(seed % 3)]
    return (0..<count).map { _ in scale * (generator.normal() + 3) }
  }

  private static func byValue(_ values: [Double]) -> RunningMoments {
    var moments = RunningMoments()
    for value in values { moments.update(value) }
    return moments
  }

  /// What the state holds, to the last bit.
  private static func bytes(_ moments: RunningMoments) -> [UInt8] {
    var writer = ByteWriter()
    moments.encode(into: &writer)
    return writer.bytes
  }

  @Test("The state is the same to the last bit, however the values were cut", arguments: 1...24 as ClosedRange<UInt64>)
  func cuts(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let values = Self.sample(seed, 3_500)
    let expected = Self.bytes(Self.byValue(values))
    var moments = RunningMoments()
    var start = 0
    while start < values.count {
      let longest = [1, 9, 40, 1_024, 3_000].randomElement(using: &generator) ?? 1
      let end = min(start + 1 + generator.below(longest), values.count)
      let batch = Array(values[start..<end])
      moments.update(batch.span)
      start = end
    }
    #expect(Self.bytes(moments) == expected)
    #expect(moments.moments == Self.byValue(values).moments)
  }

  @Test("Every length up to a few lanes, from every lane")
  func lanes() {
    let values = Self.sample(7, 40)
    for first in 0...17 {
      for second in 0...20 {
        var moments = RunningMoments()
        let start = Array(values[..<first])
        moments.update(start.span)
        let rest = Array(values[first..<first + second])
        moments.update(rest.span)
        #expect(Self.bytes(moments) == Self.bytes(Self.byValue(Array(values[..<(first + second)]))))
      }
    }
  }

  @Test("Two passes agree", arguments: 1...12 as ClosedRange<UInt64>)
  func twoPasses(seed: UInt64) {
    for count in [1, 2, 1_023, 1_024, 1_025, 5_000] {
      let values = Self.sample(seed, count)
      let mean = values.reduce(0, +) / Double(count)
      let m2 = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let moments = Self.byValue(values).moments
      #expect(moments.count == count && moments.min == values.min() && moments.max == values.max())
      #expect((moments.mean - mean).magnitude <= 1e-13 * mean.magnitude)
      #expect((moments.m2 - m2).magnitude <= 1e-11 * m2)
    }
  }

  @Test("A shift far from all other values costs no more digits than promised")
  func farShift() {
    let rest = Self.sample(3, 1_023)
    let moments = Self.byValue([1e12] + rest).moments
    let mean = (1e12 + rest.reduce(0, +)) / 1_024
    let m2 = rest.reduce((1e12 - mean) * (1e12 - mean)) { $0 + ($1 - mean) * ($1 - mean) }
    #expect((moments.m2 - m2).magnitude <= 1e-12 * m2)
    let offset = Self.byValue((0..<5_000).map { 1e9 + Double($0 % 2 * 2 - 1) }).moments
    #expect((offset.variance - 1).magnitude < 1e-9)
  }

  @Test("The sign of zero does not tell which zero came first")
  func zeros() {
    for values in everyArray(over: [0.0, -0.0], upTo: 4) where !values.isEmpty {
      let moments = Self.byValue(values).moments
      #expect(moments.min.sign == .plus && moments.max.sign == .plus && moments.m2 == 0)
    }
  }

  @Test("Bytes: reading goes on to the last bit; hostile bytes are refused or harmless")
  func coding() throws {
    let values = Self.sample(5, 2_300)
    for cut in [0, 1, 5, 1_024, 1_500, 2_048, 2_300] {
      let bytes = Self.bytes(Self.byValue(Array(values[..<cut])))
      var reader = ByteReader(bytes)
      var moments = try RunningMoments(from: &reader)
      try reader.expectEnd()
      let rest = Array(values[cut...])
      moments.update(rest.span)
      #expect(Self.bytes(moments) == Self.bytes(Self.byValue(values)))
    }
    let bytes = Self.bytes(Self.byValue(Array(values[..<1_100])))
    expectHarmless(bytes) { reader throws(ByteError) in
      try RunningMoments(from: &reader)
    } check: { decoded in
      var goingOn = decoded
      for value in values[..<2_000] { goingOn.update(value) }
      return goingOn.moments.m2 >= 0
    }
  }
}
