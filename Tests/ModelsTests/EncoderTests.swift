import TestSupport
import Testing

@testable import Models

@Suite struct MomentsTests {
  @Test func agreesWithTwoPasses() {
    var random = SplitMix64(seed: 4)
    let values = (0..<1_000).map { _ in 1e6 + 3 * random.normal() }
    var moments = Moments()
    for value in values { moments.add(value) }
    let mean = values.reduce(0, +) / 1_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1_000
    #expect(abs(moments.mean - mean) < 1e-8)
    #expect(abs(moments.deviation - variance.squareRoot()) < 1e-8)
    #expect(abs(moments.standardized(mean + moments.deviation) - 1) < 1e-8)
  }

  @Test func constantColumnSaysZero() {
    var moments = Moments()
    for _ in 0..<100 { moments.add(7) }
    #expect(moments.standardized(7) == 0)
    #expect(moments.standardized(1e300) == 0)
  }

  @Test func oneOutlierDoesNotBlindTheColumn() {
    for outlier in [1e6, 1e30, 1e300, -1e300, .greatestFiniteMagnitude] {
      var random = SplitMix64(seed: 5)
      var moments = Moments()
      for _ in 0..<200 { moments.add(random.normal()) }
      moments.add(outlier)
      for _ in 0..<200 { moments.add(random.normal()) }
      #expect(moments.deviation < 2)
      #expect(abs(moments.mean) < 1)
    }
  }

  @Test func trueChangeOfScaleGetsThrough() {
    var random = SplitMix64(seed: 6)
    var moments = Moments()
    for _ in 0..<1_000 { moments.add(random.normal()) }
    for _ in 0..<1_000 { moments.add(1_000 * random.normal()) }
    #expect(moments.deviation > 100)
  }

  @Test func earlyExtremesStayFinite() {
    var moments = Moments()
    for value in [1e308, -1e308, 0, 1e308, 5] {
      moments.add(value)
      #expect(moments.mean.isFinite && moments.deviation.isFinite && moments.standardized(-1e308).isFinite)
    }
  }
}

@Suite struct EncoderTests {
  private func encoded(_ encoder: Encoder, _ row: Row) -> [Int: Double] {
    var sparse = SparseRow(reserving: 0)
    encoder.encode(row, into: &sparse)
    return Dictionary(uniqueKeysWithValues: zip(sparse.slots.map(Int.init), sparse.values))
  }

  private func learn(_ encoder: inout Encoder, _ row: Row) {
    var sparse = SparseRow(reserving: 0)
    encoder.learn(row, into: &sparse)
  }

  private func make(limit: Int = 64) throws -> (Schema, Encoder) {
    let schema = try Schema(task: .binary, columns: columns(.numeric, .categorical))
    return (schema, Encoder(schema: schema, family: try Family(processNoises: [0], levelLimit: limit)))
  }

  @Test func slotsOfFreshEncoder() throws {
    let (schema, encoder) = try make()
    #expect(encoder.width == 5)
    #expect(encoded(encoder, schema.row(.number(3), .category("a"))) == [0: 1, 3: 1])
    #expect(encoded(encoder, schema.row(.missing, .missing)) == [0: 1, 2: 1, 4: 1])
    #expect(encoded(encoder, schema.row(.number(.nan), .number(.infinity))) == [0: 1, 2: 1, 4: 1])
  }

  @Test func numbersAreStandardisedAndClipped() throws {
    var (schema, encoder) = try make()
    for x in [1.0, 3, 1, 3] { learn(&encoder, schema.row(.number(x), .missing)) }
    #expect(encoded(encoder, schema.row(.number(4), .missing))[1] == 2)
    #expect(encoded(encoder, schema.row(.number(1e300), .missing))[1] == 5)
    #expect(encoded(encoder, schema.row(.number(-1e300), .missing))[1] == -5)
    #expect(encoded(encoder, schema.row(.number(2), .missing))[1] == nil)
  }

  @Test func levelsGetSlotsByArrivalUpToTheLimit() throws {
    var (schema, encoder) = try make(limit: 3)
    for level in ["a", "b", "a", "c", "d", "e"] { learn(&encoder, schema.row(.missing, .category(level))) }
    #expect(encoder.width == 8)
    for (level, slot) in [("a", 5), ("b", 6), ("c", 7), ("d", 3), ("e", 3), ("never", 3)] {
      #expect(encoded(encoder, schema.row(.missing, .category(level))) == [0: 1, 2: 1, slot: 1])
    }
  }

  @Test func equalLevelsOfTwoColumnsAreApart() throws {
    let schema = try Schema(task: .binary, columns: columns(.categorical, .categorical))
    var encoder = Encoder(schema: schema, family: .standard)
    learn(&encoder, schema.row(.category("x"), .category("x")))
    #expect(encoded(encoder, schema.row(.category("x"), .category("x"))) == [0: 1, 5: 1, 6: 1])
  }

  @Test func levelsAreBytesAndLongOnesGetNoSlot() throws {
    var (schema, encoder) = try make(limit: 1_000)
    learn(&encoder, schema.row(.missing, .category("\u{e9}")))
    learn(&encoder, schema.row(.missing, .category("e\u{301}")))
    #expect(encoder.width == 7)
    learn(&encoder, schema.row(.missing, .category(String(repeating: "x", count: 257))))
    #expect(encoder.width == 7)
    for level in 0..<2_000 { learn(&encoder, schema.row(.missing, .category("\(level)"))) }
    #expect(encoder.width == 5 + 1_000)
    #expect(encoded(encoder, schema.row(.missing, .category("997"))) == [0: 1, 2: 1, 5 + 999: 1])
    #expect(encoded(encoder, schema.row(.missing, .category("998"))) == [0: 1, 2: 1, 3: 1])
  }

  @Test func missingAndInfiniteNeverMoveAStatistic() throws {
    var (schema, encoder) = try make()
    for x in [1.0, 3] { learn(&encoder, schema.row(.number(x), .category("a"))) }
    let before = encoder
    for value in [Value.missing, .number(.nan), .number(.infinity), .number(-.infinity)] {
      learn(&encoder, Row(values: [value, .missing]))
    }
    #expect(encoder == before)
  }

  @Test func encodingMovesNothing() throws {
    var (schema, encoder) = try make()
    learn(&encoder, schema.row(.number(1), .category("a")))
    let before = encoder
    _ = encoded(encoder, schema.row(.number(9), .category("new")))
    #expect(encoder == before)
  }

  @Test func weightsOfOneModelAreBounded() throws {
    let schema = try Schema(
      task: .multiclass(classes: (0..<256).map(String.init)), columns: columns(.categorical, .categorical))
    let family = try Family(processNoises: [Double](repeating: 0, count: 16), levelLimit: 4_096)
    var encoder = Encoder(schema: schema, family: family)
    for level in 0..<3_000 { learn(&encoder, schema.row(.category("\(level)"), .category("\(level)"))) }
    #expect(encoder.width == ModelLimits.weights / (16 * 256))
  }
}
