import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Reference")
struct ReferenceTests {
  static func sample(rows: Int, seed: UInt64 = 1) -> Reference {
    var generator = SplitMix64(seed: seed)
    var builder = ReferenceBuilder(
      columns: [ColumnSchema(name: "x", kind: .numeric), ColumnSchema(name: "c", kind: .category)],
      prediction: .numeric)
    for row in 0..<rows {
      let x = Double.random(in: 0..<1, using: &generator)
      builder.add(
        [
          row % 10 == 0 ? .missing : .number(x),
          .category("abc".randomElement(using: &generator).map(String.init) ?? "a"),
        ],
        prediction: .number(x / 2))
    }
    return builder.finish(loss: Moments([0.1, 0.3]), error: Moments([0, 1]))
  }

  @Test("Counts are those of the rows")
  func counts() {
    let reference = Self.sample(rows: 1_000)
    #expect(reference.rows == 1_000 && !reference.provisional)
    #expect(reference.columns.map(\.name) == ["x", "c"])
    #expect(reference.columns.map(\.missing) == [100, 0])
    #expect(reference.columns.allSatisfy { $0.rows == 1_000 })
    #expect(reference.columns[0].moments?.count == 900 && reference.columns[1].moments == nil)
    #expect(reference.prediction?.rows == 1_000 && reference.prediction?.binning.binCount == 32)
    #expect(Self.sample(rows: 999).provisional)
    #expect(Self.sample(rows: 0).columns.allSatisfy { $0.rows == 0 })
  }

  @Test("Whoever makes it, it is the same")
  func workers() {
    var chance = SplitMix64(seed: 3)
    var builder = ReferenceBuilder(
      columns: (0..<9).map { ColumnSchema(name: "x\($0)", kind: $0 % 3 == 0 ? .category : .numeric) },
      prediction: .numeric, cycle: 86_400_000)
    for row in 0..<12_000 {
      let values = (0..<9).map { column -> ColumnValue in
        let x = chance.normal() + Double(row % 24)
        return column % 3 == 0 ? .category("\(Int(x) % 7)") : .number(x)
      }
      builder.add(values, prediction: .number(chance.uniform()), time: Int64(row) * 3_600_000)
    }
    let one = builder.finish()
    #expect(one.derived.count == 6)
    #expect(builder.finish(workers: .many) == one)
  }

  @Test("Numbers in a categorical column, text and infinities in a numeric one")
  func mixed() {
    var builder = ReferenceBuilder(
      columns: [ColumnSchema(name: "x", kind: .numeric), ColumnSchema(name: "c", kind: .category)])
    for _ in 0..<3 {
      builder.add([.category("1"), .number(1)])
      builder.add([.number(.infinity), .number(.nan)])
      builder.add([.number(2), .category("1")])
    }
    let reference = builder.finish()
    #expect(reference.columns.map(\.missing) == [6, 3])
    guard case .categories(let binning) = reference.columns[1].binning else {
      Issue.record("not a categorical column")
      return
    }
    #expect(binning.levels == ["1"] && reference.columns[1].counts == [6, 0, 0])
  }

  @Test("Beyond the limit the newest rows count")
  func newest() {
    var builder = ReferenceBuilder(columns: [
      ColumnSchema(name: "x", kind: .numeric), ColumnSchema(name: "id", kind: .category),
    ])
    let rows = ReferenceBuilder.mostRows + 1_000
    for row in 0..<rows { builder.add([.number(Double(row)), .category("\(row)")]) }
    let reference = builder.finish()
    #expect(reference.rows == ReferenceBuilder.mostRows && reference.columns[1].missing == 0)
    let moments = reference.columns[0].moments ?? Moments()
    #expect(moments.min == 1_000 && moments.max == Double(rows - 1))
  }

  @Test("Bytes: round trip and hostile")
  func coding() throws {
    let reference = Self.sample(rows: 40)
    var writer = ByteWriter()
    reference.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try Reference(from: &reader) == reference)
    try reader.expectEnd()
    expectHarmless(writer.bytes) { reader throws(ByteError) in
      try Reference(from: &reader)
    } check: {
      ($0.columns + [$0.prediction].compactMap { $0 }).allSatisfy {
        $0.counts.count == $0.binning.binCount
      }
    }
  }
}
