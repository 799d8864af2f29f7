import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Seasons")
struct SeasonTests {
  private static let cycle: Int64 = 86_400_000
  private static let step: Int64 = 43_200

  /// 2,000 events a day around a wave of one unit.
  private static func value(_ event: Int, _ chance: inout SplitMix64) -> Double {
    // A triangle, which needs no sine.
    let phase = Double(event % 2_000) / 2_000
    return 4 * (phase < 0.5 ? phase : 1 - phase) - 1 + 0.7 * chance.normal()
  }

  private static func reference(rows: Int, cycle: Int64?, from: Int = 0, _ chance: inout SplitMix64) -> Reference {
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "load", kind: .numeric)], cycle: cycle)
    for event in from..<from + rows {
      builder.add([.number(value(event, &chance))], time: Int64(event) * step)
    }
    return builder.finish()
  }

  @Test("A season with its clock known is ranked away; too short a reference, or none, is left as it is")
  func derived() {
    var chance = SplitMix64(seed: 1)
    let reference = Self.reference(rows: 12_000, cycle: Self.cycle, &chance)
    let found = reference.derived.first
    #expect(reference.derived.count == 1 && found?.column.name == "load (season)")
    #expect(reference.columns[0].dependence > 50 && (found?.column.dependence ?? 99) < 2)
    let counts = found?.column.counts ?? []
    #expect(counts.count == 32 && counts.allSatisfy { (300...450).contains($0) }, "\(counts)")
    #expect(ModelDetector(reference: reference).watched == [.derived(0)])
    #expect(Self.reference(rows: 5_000, cycle: Self.cycle, &chance).derived.isEmpty)
    #expect(Self.reference(rows: 12_000, cycle: nil, &chance).derived.isEmpty)
    #expect(Self.reference(rows: 12_000, cycle: Self.cycle * 20, &chance).derived.isEmpty)
    var builder = ReferenceBuilder(columns: [ColumnSchema(name: "x", kind: .numeric)], cycle: Self.cycle)
    for event in 0..<12_000 { builder.add([.number(chance.normal())], time: Int64(event) * Self.step) }
    #expect(builder.finish().derived.isEmpty)
  }

  @Test("Quiet over further days, and a shift shows at once", arguments: [-30_000, 0])
  func detection(from: Int) {
    var chance = SplitMix64(seed: 2)
    let reference = Self.reference(rows: 12_000, cycle: Self.cycle, from: from, &chance)
    guard let season = reference.derived.first else {
      Issue.record("no season was found")
      return
    }
    var detector = ModelDetector(reference: reference)
    var alarm: Int?
    for event in 0..<12_000 {
      let number = from + 12_000 + event
      let value = Self.value(number, &chance) + (event >= 10_000 ? 1 : 0)
      var sketch = ColumnSketch(binning: season.column.binning)
      sketch.add(
        season.derivation.value(
          row: [.number(value)], time: Int64(number) * Self.step, hash: RowHash.mix(UInt64(event))))
      let empty = reference.columns[0].countsWithMissing.map { _ in 0 }
      detector.observe(PaneCounts(columns: [empty], derived: [sketch.detectorCounts]), start: Int64(event))
      if detector.tick().raised { alarm = alarm ?? event }
    }
    #expect((10_000..<10_150).contains(alarm ?? 0), "\(alarm ?? 0)")
  }

  @Test("Values that many rows share are spread over the bins that they span")
  func ties() {
    // Zero on nine rows of ten.
    let part = (0..<1_000).map { $0 < 900 ? 0.0 : Double($0) }
    let ranks = SeasonRanks(cycle: 24, sorted: Array(repeating: part, count: 24))
    var counts = [Int](repeating: 0, count: 32)
    for row in 0..<32_000 {
      let value = part[row % 1_000]
      counts[ranks.bin(of: value, time: Int64(row), chance: RowHash.unit(RowHash.mix(UInt64(row)), salt: 0))] += 1
    }
    #expect(counts.allSatisfy { (880...1_120).contains($0) }, "\(counts)")
    #expect(ranks.bin(of: -1, time: 0, chance: 0.5) == 0 && ranks.bin(of: 1e9, time: 0, chance: 0.5) == 31)
    #expect(ranks.bin(of: 950, time: -1, chance: 0.5) == ranks.bin(of: 950, time: 23, chance: 0.5))
  }

  @Test("Missing values stay missing, and bytes are read back or refused")
  func coding() throws {
    var chance = SplitMix64(seed: 3)
    let reference = Self.reference(rows: 12_000, cycle: Self.cycle, &chance)
    let derivation = try #require(reference.derived.first).derivation
    for value in [ColumnValue.missing, .number(.nan), .number(.infinity), .category("a")] {
      #expect(derivation.value(row: [value], time: 0, hash: 1) == .missing)
    }
    #expect(derivation.value(row: [], time: 0, hash: 1) == .missing)
    var writer = ByteWriter()
    reference.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try Reference(from: &reader) == reference)
    try reader.expectEnd()
    for position in stride(from: 0, to: writer.bytes.count, by: 11) {
      var damaged = writer.bytes
      damaged[position] ^= 0xff
      var reader = ByteReader(damaged)
      guard let read = try? Reference(from: &reader), let season = read.derived.first else { continue }
      for time in [Int64.min, -1, 0, .max] {
        let value = season.derivation.value(row: [.number(0.3)], time: time, hash: 7)
        var sketch = ColumnSketch(binning: season.column.binning)
        sketch.add(value)
        #expect(sketch.rows == 1)
      }
    }
  }
}
