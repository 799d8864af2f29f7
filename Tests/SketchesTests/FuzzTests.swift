import Bytes
import TestSupport
import Testing

@testable import Sketches

/// What decodes keeps its invariants, and can be asked, merged and written without a trap.
@Suite("Hostile bytes in place of sketches")
struct FuzzTests {
  private func fuzz<T>(
    _ name: String, _ corpus: [T], encode: (T, inout ByteWriter) -> Void,
    decode: (inout ByteReader) throws -> T, fault: (inout T) -> String?
  ) {
    let bytes = corpus.map { value in
      var writer = ByteWriter()
      encode(value, &writer)
      return writer.bytes
    }
    Fuzz.run("sketches \(name)", bytes) { bytes in
      var reader = ByteReader(bytes)
      var value = try decode(&reader)
      let found = fault(&value)
      #expect(found == nil, "\(bytes)")
      var writer = ByteWriter()
      encode(value, &writer)
    }
  }

  private func quantiles<V: QuantileValue>(_ type: V.Type) -> [QuantileSketch<V>] {
    [0, 1, 2, 40, 300, 3_000].map { count in
      sketch(of: QuantileStream.normal.values(count, seed: 1).map { V(nearest: $0) }, k: 16)
    }
  }

  private func use<V: QuantileValue>(_ sketch: inout QuantileSketch<V>, with other: QuantileSketch<V>) -> String? {
    _ = (sketch.quantiles([0, 0.5, 1]), sketch.rank(of: 0), sketch.cdf([-1, 1]), sketch.quantileUpperBound(0.9))
    if sketch.count < SketchLimits.count / 2 { sketch.merge(other) }
    for value in 0..<40 { sketch.update(V(value)) }
    return sketch.checkInvariants()
  }

  @Test func quantileImages() {
    fuzz(
      "quantiles of doubles", quantiles(Double.self), encode: { $1.append(raw: $0.encode()) },
      decode: { try QuantileSketch<Double>(decoding: try $0.raw($0.remaining)) }
    ) { use(&$0, with: quantiles(Double.self)[4]) }
    fuzz(
      "quantiles of floats", quantiles(Float.self), encode: { $1.append(raw: $0.encode()) },
      decode: { try QuantileSketch<Float>(decoding: try $0.raw($0.remaining)) }
    ) { use(&$0, with: quantiles(Float.self)[4]) }
  }

  @Test func quantileStates() {
    fuzz(
      "quantiles' states", quantiles(Double.self), encode: { $0.encode(into: &$1) },
      decode: { try QuantileSketch<Double>(from: &$0) }
    ) { use(&$0, with: quantiles(Double.self)[3]) }
  }

  @Test func distinct() {
    let samples = [(4, 0), (4, 5), (4, 100), (12, 7), (10, 30), (8, 40), (5, 20_000)].map { lgK, count in
      DistinctSketchTests.sketch(0..<count, lgK: lgK)
    }
    for packing in RegisterPacking.allCases {
      fuzz(
        "distinct \(packing)", samples, encode: { $1.append(raw: $0.encode(packing)) },
        decode: { try DistinctSketch(decoding: try $0.raw($0.remaining)) }
      ) { sketch in
        _ = (sketch.estimate, sketch.lowerBound(), sketch.upperBound(.three))
        sketch.merge(samples[5])
        for value in 0..<40 as Range<Int64> { sketch.update(value) }
        return sketch.checkInvariants()
      }
    }
  }

  @Test func frequent() {
    let samples = [0, 1, 5, 40, 900].map { count in
      FrequentItemsTests.sketch(FrequentItemsTests.stream(count, levels: 60, seed: 5), lgMaxSize: 4)
    }
    fuzz(
      "frequent items", samples, encode: { $1.append(raw: $0.encode()) },
      decode: { try FrequentItems(decoding: try $0.raw($0.remaining)) }
    ) { sketch in
      _ = (sketch.frequentItems(.noFalsePositives), sketch.upperBound(of: "a"))
      sketch.merge(samples[4])
      sketch.update("new", count: 3)
      return sketch.checkInvariants()
    }
    let counts = samples.indices.map { index in
      var counts = LevelCounts(limits: LevelCounts.Limits(levels: 4, bytes: 40, lgMaxSize: 4))
      for level in FrequentItemsTests.stream(index * 20, levels: 9, seed: 6) { counts.update(level) }
      return counts
    }
    fuzz(
      "level counts", counts, encode: { $0.encode(into: &$1) }, decode: { try LevelCounts(from: &$0) }
    ) { sketch in
      sketch.merge(counts[3])
      sketch.update("new")
      _ = (sketch.levels(), sketch.frequentItems)
      return sketch.checkInvariants()
    }
  }

  @Test func columns() throws {
    let numeric = Binning.numeric(NumericBinning(edges: [-1, 0, 0.5, 2]))
    let categories = Binning.categories(CategoryBinning.build(counts: ["a": 10, "b": 7, "rare": 1]))
    for binning in [numeric, categories] {
      var full = ColumnSketch(binning: binning)
      for value in -20..<60 {
        full.add(binning == numeric ? .number(Double(value) / 7) : .category(["a", "b", "c\(value)"][abs(value) % 3]))
        if value % 9 == 0 { full.addMissing() }
      }
      fuzz(
        "columns \(binning.kind)", [ColumnSketch(binning: binning), full], encode: { $0.encode(into: &$1) },
        decode: { try ColumnSketch(from: &$0, binning: binning) }
      ) { sketch in
        let layout = TableLayout([binning])
        var table = TableSketch(layout, [sketch])
        table.merge(TableSketch(layout, [full]))
        table.subtract(TableSketch(layout, [full]))
        return table.column(0).bins == sketch.bins ? nil : "what was added and taken away again left a trace"
      }
    }
    fuzz("binnings", [numeric, categories], encode: { $0.encode(into: &$1) }, decode: { try Binning(from: &$0) }) {
      for value in [ColumnValue.number(0.3), .number(.nan), .category("a"), .missing] {
        if let bin = $0.bin(of: value), !(0..<$0.binCount).contains(bin) { return "a bin that is none" }
      }
      return nil
    }
    var moments = RunningMoments()
    for value in 0..<30 { moments.update(Double(value) * 1e3) }
    fuzz(
      "moments", [RunningMoments(), moments], encode: { $0.encode(into: &$1) },
      decode: { try RunningMoments(from: &$0) }
    ) { sketch in
      guard sketch.moments.count < SketchLimits.count else { return nil }
      for value in 0..<40 { sketch.update(Double(value)) }
      return sketch.moments.isValid || sketch.moments.count > SketchLimits.count ? nil : "moments that no values have"
    }
  }
}
