import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

struct JointProjectionTests {
  /// Two columns with correlation ρ: the value is x²(1/λ₁ − 1) + y²(1/λ₂ − 1) in the directions of sum and difference,
  /// with λ = 1 ± ρ and x, y their normal scores by bin.
  @Test func ofTwoColumnsIsTheOddsOfIndependence() throws {
    var rows = JointRows(seed: 1)
    let fitted = rows.correlated(8_000, columns: 2, 0.8)
    let sample = sample(fitted)
    let own = try #require(projection(fitted))
    let bins = sample.columns.map(JointBins.init)
    let scores = zip(bins, sample.columns).map { bins, column -> [[Double]] in
      var counts = [Int](repeating: 0, count: JointBins.places)
      for bin in bins.bins(of: column) { counts[bin] += 1 }
      return JointFeatures(bins: bins, rows: counts).tables
    }
    var features: [[Double]] = []
    for row in fitted {
      features.append((0..<2).flatMap { c in scores[c].map { $0[bins[c].bin(of: .number(row[c]))] } })
    }
    // (I + R)⁻¹ of two correlated pairs, (0, 2) and (1, 3).
    func mean(_ i: Int, _ j: Int) -> Double { features.reduce(0) { $0 + $1[i] * $1[j] } / Double(features.count) }
    let (first, second) = (mean(0, 2), mean(1, 3))
    for (row, h) in zip(fitted, features).prefix(500) {
      var expected = 0.0
      for (x, y, r) in [(h[0], h[2], first), (h[1], h[3], second)] {
        expected += (x + y) * (x + y) / 2 * (1 / (1 + r) - 1) + (x - y) * (x - y) / 2 * (1 / (1 - r) - 1)
      }
      let value = own.value(of: row.map(ColumnValue.number))
      #expect((value - expected).magnitude < 1e-4 * max(1, expected.magnitude))
    }
  }

  @Test func independentColumnsHaveNone() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var rows = JointRows(seed: seed)
      #expect(projection(rows.correlated(1_000, columns: 4, 0)) == nil)
    }
  }

  @Test func readsOnlyWhatDepends() throws {
    var rows = JointRows(seed: 3)
    let own = try #require(projection(rows.correlated(2_000, columns: 6, 0.7)))
    #expect(own.columns == [0, 1])
  }

  /// An increasing change of a column's scale moves its bins along.
  @Test func increasingMapsChangeNothing() throws {
    var rows = JointRows(seed: 4)
    let fitted = rows.correlated(2_000, columns: 4, -0.6)
    func mapped(_ row: [Double]) -> [Double] { [row[0] * 1e6 - 5, row[1] * row[1] * row[1], row[2], row[3]] }
    let (own, other) = (try #require(projection(fitted)), try #require(projection(fitted.map(mapped))))
    for row in fitted.prefix(300) {
      #expect(own.value(of: row.map(ColumnValue.number)) == other.value(of: mapped(row).map(ColumnValue.number)))
    }
  }

  @Test func orderOfColumnsChangesNothing() throws {
    var rows = JointRows(seed: 5)
    let fitted = rows.correlated(2_000, columns: 3, 0.8)
    let (own, other) = (
      try #require(projection(fitted)), try #require(projection(fitted.map { [$0[2], $0[1], $0[0]] }))
    )
    for row in fitted.prefix(300) {
      let (a, b) = (
        own.value(of: row.map(ColumnValue.number)), other.value(of: row.reversed().map(ColumnValue.number))
      )
      #expect((a - b).magnitude < 1e-3 * max(1, a.magnitude))
    }
  }

  @Test func batchesGiveTheSameBits() throws {
    var rows = JointRows(seed: 6)
    var fitted = rows.correlated(1_500, columns: 3, 0.9)
    for row in stride(from: 0, to: fitted.count, by: 7) { fitted[row][row % 3] = .nan }
    let own = try #require(projection(fitted))
    var sums = [JointProjection.Sums](repeating: .zero, count: fitted.count)
    for (position, column) in own.columns.enumerated() {
      let values = fitted.map { $0[column] }
      own.add(values.span, position: position, to: &sums)
    }
    for (row, sum) in zip(fitted, sums) { #expect(own.value(of: sum) == own.value(of: row.map(ColumnValue.number))) }
  }

  @Test func categoriesAndMissingValuesTakePart() throws {
    var rows = JointRows(seed: 7)
    let kinds: [ColumnKind] = [.category, .numeric, .numeric]
    let reference = reference(rows.mixed(3_000, related: true), kinds: kinds)
    let derived = try #require(reference.derived.first)
    guard case .joint(let own) = derived.derivation else {
      Issue.record("no projection")
      return
    }
    #expect(own.columns == [0, 1])
    let mean = { (rows: [[ColumnValue]]) in rows.reduce(0) { $0 + own.value(of: $1) } / Double(rows.count) }
    #expect(mean(rows.mixed(2_000, related: false)) > mean(rows.mixed(2_000, related: true)) + 1)
    // A level as a number, an unknown level, a row cut short: values all the same.
    for row: [ColumnValue] in [[.number(1), .number(0), .missing], [.category("?"), .category("?")], []] {
      #expect(own.value(of: row).isFinite)
    }
  }

  @Test(arguments: ["constant", "missing", "equal", "sum", "lonely", "sparse"])
  func degenerateColumnsAreHarmless(_ kind: String) {
    var rows = JointRows(seed: 8)
    var values = rows.correlated(1_000, columns: 4, 0.5)
    for row in values.indices {
      switch kind {
      case "constant": values[row][0] = 3
      case "missing": values[row] = [.nan, .nan, .nan, .nan]
      case "equal": values[row] = [Double](repeating: values[row][0], count: 4)
      case "sum": values[row][3] = values[row][0] + values[row][1] + values[row][2]
      case "lonely": values[row] = [values[row][0]]
      default: values[row][2] = row == 500 ? 1e139 : 0
      }
    }
    let reference = reference(numbers(values), kinds: [ColumnKind](repeating: .numeric, count: values[0].count))
    #expect(reference.derived.allSatisfy { $0.column.rows > 0 })
    for derived in reference.derived {
      for row in values.prefix(100) {
        guard case .number(let value) = derived.derivation.value(row: row.map(ColumnValue.number), time: 0, hash: 0)
        else {
          Issue.record("no number")
          continue
        }
        #expect(value.isFinite)
      }
    }
    switch kind {
    case "missing", "lonely": #expect(reference.derived.isEmpty)
    default: #expect(!reference.derived.isEmpty)
    }
  }

  @Test func wideReferencesAreCut() throws {
    var rows = JointRows(seed: 9)
    var values = rows.correlated(640, columns: 200, 0.95)
    for row in values.indices { values[row][199] = values[row][100] }
    let own = try #require(projection(values))
    #expect(own.columns.count <= JointTuning.projectedColumns)
    #expect(Set(own.columns).isSuperset(of: [0, 1, 100, 199]))
  }

  @Test func bytesComeBack() throws {
    var rows = JointRows(seed: 10)
    let reference = reference(rows.mixed(1_000, related: true), kinds: [.category, .numeric, .numeric])
    for derived in reference.derived {
      var writer = ByteWriter()
      derived.derivation.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try Derivation(from: &reader) == derived.derivation)
      try reader.expectEnd()
    }
    var writer = ByteWriter()
    reference.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try Reference(from: &reader) == reference)
  }

  @Test func hostileBytesAreHarmless() throws {
    var rows = JointRows(seed: 11)
    let strange: [[ColumnValue]] = [[.missing, .number(.nan), .number(1)], [.category(""), .number(-1e300)], []]
    let reference = reference(rows.mixed(600, related: true), kinds: [.category, .numeric, .numeric])
    #expect(reference.derived.count == 2)
    for derived in reference.derived {
      var writer = ByteWriter()
      derived.derivation.encode(into: &writer)
      expectHarmless(writer.bytes, decode: Derivation.init(from:)) { derivation in
        strange.allSatisfy { row in
          guard case .number(let value) = derivation.value(row: row, time: 0, hash: 0) else { return false }
          return value.isFinite
        }
      }
    }
  }

  /// Format 1 of a projection of two columns, written by hand.
  @Test func goldenBytes() throws {
    var writer = ByteWriter()
    var tables: [JointProjection.Sums] = []
    for column in 0..<2 {
      for place in 0..<JointBins.places {
        let used = place < 2 || place == 16
        tables.append(used ? JointProjection.Sums(repeating: Float(place + column)) : .zero)
      }
    }
    var signs = JointProjection.Sums(repeating: 1)
    signs[1] = -1
    let own = JointProjection(
      columns: [3, 9], bins: [JointBins(edges: [1.5]), JointBins(levels: ["a"])], tables: tables, signs: signs)
    own.encode(into: &writer)
    var golden: [UInt8] = [1, 2, 0, 1, 0, 0, 0, 0, 0, 0]
    golden += [3, 0, 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]
    for weight: Float in [0, 1, 16] { golden += (0..<8).flatMap { _ in Self.bytes(weight) } }
    golden += [9, 1, 1, 1, 0x61]
    for weight: Float in [1, 2, 17] { golden += (0..<8).flatMap { _ in Self.bytes(weight) } }
    #expect(writer.bytes == golden)
    var reader = ByteReader(golden)
    #expect(try JointProjection(from: &reader) == own)
  }

  private static func bytes(_ weight: Float) -> [UInt8] {
    withUnsafeBytes(of: weight.bitPattern.littleEndian) { Array($0) }
  }
}
