import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

struct JointPatternTests {
  private static func half(_ column: Int) -> JointHalf {
    JointHalf(column: column, .numbers([-1, 0, 1, 2])) ?? JointHalf(column: column, test: .above(0))
  }

  /// Every pair of up to 22 columns is in a block; of more, no column waits for a second turn of another.
  @Test(arguments: Array(2...30) + [50, 160, 500]) func coversPairs(columns: Int) {
    let patterns = JointPattern.cover((0..<columns).map(Self.half))
    var met = Set<[Int]>()
    for pattern in patterns {
      let own = pattern.halves.map(\.column)
      #expect(own == own.sorted() && Set(own).count == min(columns, JointTuning.patternColumns))
      for i in own { for j in own where i < j { met.insert([i, j]) } }
    }
    #expect(patterns.count <= JointTuning.mostPatterns)
    if columns <= 22 { #expect(met.count == columns * (columns - 1) / 2) }
    let used = Set(patterns.flatMap { $0.halves.map(\.column) })
    #expect(used.count == min(columns, JointTuning.mostPatterns * JointTuning.patternColumns))
  }

  @Test func noPatternOfFewerThanTwo() {
    #expect(JointPattern.cover([]).isEmpty)
    #expect(JointPattern.cover([Self.half(0)]).isEmpty)
  }

  @Test func everyCombinationHasItsOwnNumber() {
    let pattern = JointPattern(halves: (0..<5).map { JointHalf(column: $0, test: .above(0)) })
    var seen = Set<Double>()
    for code in 0..<32 {
      let row = (0..<5).map { ColumnValue.number(code >> $0 & 1 == 1 ? 1 : -1) }
      #expect(pattern.value(of: row) == Double(code))
      seen.insert(pattern.value(of: row))
      var patterns: [UInt8] = [0]
      for (bit, value) in row.enumerated() {
        guard case .number(let number) = value else { continue }
        let numbers = [number]
        pattern.add(numbers.span, bit: bit, to: &patterns)
      }
      #expect(patterns == [UInt8(code)])
    }
    #expect(seen.count == pattern.patternCount)
    #expect(NumericBinning(validating: pattern.edges)?.binCount == 32)
    #expect(pattern.value(of: [.missing, .number(.nan), .number(.infinity), .category("x")]) == 0)
  }

  /// No division of the values is more even than the one chosen.
  @Test func halvesAreAsEvenAsTheValuesAllow() throws {
    for values in everyArray(over: [0.0, 1, 2], upTo: 6) where Set(values).count > 1 {
      let half = try #require(JointHalf(column: 0, .numbers(values)))
      let above = values.count { half.contains(.number($0)) }
      #expect(above > 0 && above < values.count)
      let best = [0.0, 1].map { edge in (2 * values.count { $0 > edge } - values.count).magnitude }.min() ?? 0
      #expect((2 * above - values.count).magnitude == best, "\(values)")
    }
    #expect(JointHalf(column: 0, .numbers([1, 1, .nan])) == nil)
    #expect(JointHalf(column: 0, .codes([-1, -1], levels: [])) == nil)
    let colours = try #require(JointHalf(column: 0, .codes([0, 0, 1, 2, -1], levels: ["a", "b", "c"])))
    #expect(colours.contains(.category("a")) && colours.contains(.category("b")) && !colours.contains(.category("c")))
    #expect(!colours.contains(.missing) && !colours.contains(.category("d")))
  }

  @Test func goldenBytes() throws {
    let pattern = JointPattern(halves: [
      JointHalf(column: 1, test: .above(1.5)), JointHalf(column: 130, test: .among(["a", "bc"])),
    ])
    var writer = ByteWriter()
    pattern.encode(into: &writer)
    let golden: [UInt8] = [
      1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x82, 1, 1, 2, 1, 0x61, 2, 0x62, 0x63,
    ]
    #expect(writer.bytes == golden)
    var reader = ByteReader(golden)
    #expect(try JointPattern(from: &reader) == pattern)
  }
}

/// Streams in which no column alone shows anything.
struct JointDriftTests {
  private static let numeric = [ColumnKind](repeating: .numeric, count: 5)

  @Test func dependenceThatGoesIsFoundByTheProjection() throws {
    var rows = JointRows(seed: 21)
    let reference = reference(numbers(rows.correlated(4_000, columns: 5, 0.8)), kinds: Self.numeric)
    let quiet = numbers(rows.correlated(4_000, columns: 5, 0.8))
    let changed = numbers(rows.correlated(1_600, columns: 5, 0))
    #expect(reference.firstAlarm(quiet) == nil)
    #expect(reference.alone.firstAlarm(quiet + changed) == nil)
    let alarm = try #require(reference.firstAlarm(quiet + changed))
    #expect(alarm.row > 4_000 && alarm.row <= 4_160)
    #expect(alarm.column == "joint dependence")
  }

  @Test func dependenceThatAppearsIsFoundByAPattern() throws {
    var rows = JointRows(seed: 22)
    let reference = reference(numbers(rows.correlated(4_000, columns: 5, 0)), kinds: Self.numeric)
    let quiet = numbers(rows.correlated(4_000, columns: 5, 0))
    let changed = numbers(rows.correlated(1_600, columns: 5, 0.8))
    #expect(reference.alone.firstAlarm(quiet + changed) == nil)
    let alarm = try #require(reference.firstAlarm(quiet + changed))
    #expect(alarm.row > 4_000 && alarm.row <= 4_640)
    #expect(alarm.column == "joint: c0, c1, c2, c3, c4")
  }

  @Test func anExclusiveOrIsFound() throws {
    var rows = JointRows(seed: 23)
    let reference = reference(numbers(rows.exclusiveOr(4_000, related: false)), kinds: Self.numeric)
    let changed = numbers(rows.exclusiveOr(1_600, related: true))
    #expect(reference.alone.firstAlarm(changed) == nil)
    #expect(try #require(reference.firstAlarm(changed)).row <= 400)
  }

  @Test func fewRowsHaveNoJointColumns() {
    var rows = JointRows(seed: 24)
    let few = numbers(rows.correlated(JointTuning.leastRows - 1, columns: 5, 0.8))
    #expect(reference(few, kinds: Self.numeric).derived.isEmpty)
  }
}
