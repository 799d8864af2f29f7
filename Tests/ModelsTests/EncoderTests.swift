import TestSupport
import Testing

@testable import Models

private func base(_ encoder: Encoder, _ row: Row) -> [Int: Float] {
  var encoded = EncodedRow(encoder)
  encoder.encode(row, into: &encoded)
  return entries(encoded, encoded.base)
}

private func hats(_ encoder: Encoder, _ row: Row) -> [Int: Float] {
  var encoded = EncodedRow(encoder)
  encoder.encode(row, into: &encoded)
  return entries(encoded, encoded.hats)
}

private func entries(_ encoded: EncodedRow, _ range: Range<Int>) -> [Int: Float] {
  Dictionary(uniqueKeysWithValues: encoded.entries[range].map { (Int($0.slot), $0.value) })
}

private func learn(_ encoder: inout Encoder, _ row: Row) {
  var encoded = EncodedRow(encoder)
  _ = encoder.admit(row)
  encoder.encode(row, into: &encoded)
  encoder.follow(encoded)
}

private func make(_ kinds: [Column.Kind] = [.numeric, .categorical], limit: Int = 64) throws -> (Schema, Encoder) {
  let schema = try Schema(
    task: .binary, columns: kinds.enumerated().map { Column(name: "c\($0)", kind: $1) })
  var constants = MixtureConstants()
  constants.levelLimit = limit
  return (schema, Encoder(schema: schema, constants: constants, seed: 1))
}

@Suite struct EncoderTests {
  @Test func slotsOfFreshEncoder() throws {
    let (schema, encoder) = try make()
    #expect(encoder.width == 5)
    #expect(base(encoder, schema.row(.number(3), .category("a"))) == [0: 1, 3: 1])
    #expect(base(encoder, schema.row(.missing, .missing)) == [0: 1, 2: 1, 4: 1])
    #expect(base(encoder, schema.row(.number(.nan), .number(.infinity))) == [0: 1, 2: 1, 4: 1])
    #expect(hats(encoder, schema.row(.number(3), .missing)).isEmpty)
  }

  @Test func numbersAreStandardisedAndClipped() throws {
    var (schema, encoder) = try make()
    for x in [1.0, 3, 1, 3] { learn(&encoder, schema.row(.number(x), .missing)) }
    #expect(base(encoder, schema.row(.number(4), .missing))[1] == 2)
    #expect(base(encoder, schema.row(.number(1e300), .missing))[1] == 5)
    #expect(base(encoder, schema.row(.number(-1e300), .missing))[1] == -5)
    #expect(base(encoder, schema.row(.number(2), .missing))[1] == nil)
  }

  @Test func levelsGetSlotsByArrivalUpToTheLimit() throws {
    var (schema, encoder) = try make(limit: 3)
    for level in ["a", "b", "a", "c", "d", "e"] { learn(&encoder, schema.row(.missing, .category(level))) }
    #expect(encoder.width == 8)
    for (level, slot) in [("a", 5), ("b", 6), ("c", 7), ("d", 3), ("e", 3), ("never", 3)] {
      #expect(base(encoder, schema.row(.missing, .category(level))) == [0: 1, 2: 1, slot: 1])
    }
  }

  @Test func equalLevelsOfTwoColumnsAreApart() throws {
    var (schema, encoder) = try make([.categorical, .categorical])
    learn(&encoder, schema.row(.category("x"), .category("x")))
    #expect(base(encoder, schema.row(.category("x"), .category("x"))) == [0: 1, 5: 1, 6: 1])
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
    #expect(base(encoder, schema.row(.missing, .category("997"))) == [0: 1, 2: 1, 5 + 999: 1])
    #expect(base(encoder, schema.row(.missing, .category("998"))) == [0: 1, 2: 1, 3: 1])
  }

  @Test func missingAndInfiniteNeverMoveAStatistic() throws {
    var (schema, encoder) = try make()
    for x in 0..<300 { learn(&encoder, schema.row(.number(Double(x % 50)), .category("a"))) }
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
    _ = base(encoder, schema.row(.number(9), .category("new")))
    #expect(encoder == before)
  }

  @Test func weightsOfOneModelAreBounded() throws {
    let schema = try Schema(
      task: .multiclass(classes: (0..<256).map(String.init)), columns: columns(.categorical, .categorical))
    var constants = MixtureConstants()
    constants.levelLimit = 4_096
    var encoder = Encoder(schema: schema, constants: constants, seed: 1)
    for level in 0..<3_000 { learn(&encoder, schema.row(.category("\(level)"), .category("\(level)"))) }
    #expect(encoder.width == ModelLimits.weights / (16 * 256))
  }

  @Test func hashedLevelsShareAFixedNumberOfSlots() throws {
    var (schema, encoder) = try make([.hashed])
    let width = encoder.width
    var slots: Set<Int> = []
    for level in 0..<20_000 {
      let row = schema.row(.category("level-\(level)"))
      learn(&encoder, row)
      let slot = try #require(base(encoder, row).keys.first { $0 > 0 })
      #expect((2..<width).contains(slot))
      slots.insert(slot)
    }
    #expect(encoder.width == width && slots.count == Encoder.buckets)
    #expect(base(encoder, schema.row(.missing)) == [0: 1, 1: 1])
    #expect(base(encoder, schema.row(.number(7))) == base(encoder, schema.row(.category("7"))))
  }

  @Test(arguments: [
    (0.0, 0, 3), (1_762_345_678_901, 12, 2), (-1, 23, 2), (951_782_399_999, 23, 0), (951_782_400_000, 0, 1),
    (1e300, 0, 0), (-1e300, 0, 0),
  ])
  func timesAreHoursAndWeekdays(time: Double, hour: Int, weekday: Int) throws {
    let (schema, encoder) = try make([.time])
    let parts = TimeParts(milliseconds: time)
    if abs(time) < 1e20 { #expect((parts.hour, parts.weekday) == (hour, weekday)) }
    #expect((0..<24).contains(parts.hour) && (0..<7).contains(parts.weekday))
    #expect(base(encoder, schema.row(.number(time))) == [0: 1, 2 + parts.hour: 1, 26 + parts.weekday: 1])
    #expect(base(encoder, schema.row(.missing)) == [0: 1, 1: 1])
  }

  @Test func onlyTheFirstLevelsHaveANetworkInputOfTheirOwn() throws {
    var (schema, encoder) = try make([.categorical, .hashed], limit: 1_000)
    let before = encoder.inputs.count
    for level in 0..<500 { learn(&encoder, schema.row(.category("\(level)"), .category("\(level)"))) }
    #expect(encoder.width > 500 && encoder.inputs.of.count == encoder.width)
    #expect(encoder.inputs.count == before + NetworkInputs.levels)
    let unknown = encoder.inputs.of[1]
    let slot = try #require(base(encoder, schema.row(.category("400"), .missing)).keys.max())
    #expect(encoder.inputs.of[slot] == unknown)
    let names = (0..<encoder.inputs.count).map { encoder.name(ofInput: $0) }
    #expect(Set(names.map { "\($0.column) \($0.part)" }).count == names.count)
  }
}

@Suite struct HatTests {
  private func trained(_ values: some Sequence<Double>) throws -> (Schema, Encoder) {
    var (schema, encoder) = try make([.numeric])
    for value in values { learn(&encoder, schema.row(.number(value))) }
    return (schema, encoder)
  }

  /// Between the outer knots the shares and what they stand on give the value back: they are linear splines.
  @Test func sharesAddUpToOneAndInterpolate() throws {
    var random = SplitMix64(seed: 5)
    let (schema, encoder) = try trained((0..<1_000).map { _ in random.normal() })
    let knots = Array(encoder.hats?.knots(of: 0) ?? [])
    #expect(knots.count == Hats.knots)
    for step in -40...40 {
      let x = Double(step) / 10
      let shares = hats(encoder, schema.row(.number(x)))
      #expect(shares.count <= 2 && abs(shares.values.reduce(0, +) - 1) < 1e-6)
      let back = shares.reduce(0.0) { $0 + knots[$1.key] * Double($1.value) }
      #expect(abs(back - min(max(x, knots[0]), knots[7])) < 1e-5)
    }
  }

  @Test func knotsAreQuantiles() throws {
    let (_, encoder) = try trained((0..<800).map { Double(($0 * 397) % 800) })
    let knots = Array(encoder.hats?.knots(of: 0) ?? [])
    for (knot, wanted) in zip(knots, [16, 150, 250, 350, 450, 550, 650, 783.0]) { #expect(abs(knot - wanted) <= 1) }
  }

  @Test(arguments: [[7.0], [0, 1], [.infinity, .nan]])
  func fewerThanThreeValuesHaveNoHats(values: [Double]) throws {
    let (schema, encoder) = try trained((0..<400).map { values[$0 % values.count] })
    #expect(hats(encoder, schema.row(.number(0.5))).isEmpty)
  }

  @Test func fewDifferentValuesHaveAsManyKnots() throws {
    let (schema, encoder) = try trained((0..<400).map { Double($0 % 3) })
    #expect(encoder.hats?.knots(of: 0) == [0, 1, 2][...])
    #expect(hats(encoder, schema.row(.number(1))).filter { $0.value > 0 } == [1: 1])
  }

  @Test func extremesKeepHatsFinite() throws {
    let extremes = [1e308, -1e308]
    let values: [Double] = (0..<400).map { index in index % 4 < 2 ? extremes[index % 4] : Double(index) }
    let (schema, encoder) = try trained(values)
    for x in [1e308, -1e308, 0, 200, 1e100, .leastNonzeroMagnitude] {
      let shares = hats(encoder, schema.row(.number(x)))
      #expect(shares.values.allSatisfy { (0...1).contains($0) })
    }
  }

  /// A stream that moves takes its knots along, though nine tenths of its values were elsewhere.
  @Test func knotsFollowTheStream() throws {
    var random = SplitMix64(seed: 6)
    let (_, encoder) = try trained((0..<90_000).map { random.normal() + ($0 < 50_000 ? 0 : 100) })
    #expect(encoder.hats?.knots(of: 0)[4] ?? 0 > 90)
  }
}
