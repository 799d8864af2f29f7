import Bytes
import Sketches
import TestSupport
import Testing

@Suite("Table sketch")
struct TableSketchTests {
  private static let binnings: [Binning] = [
    .numeric(NumericBinning.build(sortedReference: (0..<100).map(Double.init))),
    .categories(CategoryBinning.build(counts: ["a": 5, "b": 3, "3": 2, "z": 1])),
    .numeric(NumericBinning.build(sortedReference: [0, 1])),
  ]
  private static let layout = TableLayout(binnings)

  private static func add(_ rows: Int, to columns: inout [ColumnSketch], _ generator: inout SplitMix64) {
    for _ in 0..<rows {
      for column in columns.indices {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: columns[column].addMissing()
        case 1: columns[column].add(number: .nan)
        case 2...5: columns[column].add(number: Double(Int.random(in: -5...110, using: &generator)))
        default:
          let level = ["a", "b", "q", "z", "u\(Int.random(in: 0...90, using: &generator))"]
          columns[column].add(category: level.randomElement(using: &generator) ?? "a")
        }
      }
    }
  }

  private static func columns(_ seed: UInt64, rows: Int) -> [ColumnSketch] {
    var generator = SplitMix64(seed: seed)
    var columns = binnings.map(ColumnSketch.init(binning:))
    add(rows, to: &columns, &generator)
    return columns
  }

  private static func figures(_ table: TableSketch) -> [[Int]] {
    table.columns.map { $0.bins + [$0.count, $0.missing, $0.invalid, $0.unseenOther] }
  }

  private static func encoded(_ table: TableSketch) -> [UInt8] {
    var writer = ByteWriter()
    for column in table.columns { column.encode(into: &writer) }
    return writer.bytes
  }

  @Test("Holds what its columns hold", arguments: 1...10 as ClosedRange<UInt64>)
  func columns(seed: UInt64) {
    let columns = Self.columns(seed, rows: 300)
    let table = TableSketch(Self.layout, columns)
    #expect(table.columns == columns)
    for (column, sketch) in columns.enumerated() {
      var counts = [7]
      table.putCountsWithMissing(of: column, into: &counts)
      #expect(counts == sketch.bins + [sketch.missing + sketch.invalid])
    }
    var taken = TableSketch(Self.layout)
    for (column, sketch) in columns.enumerated() {
      let isTaken = taken.add(
        validating: column, count: sketch.count, missing: sketch.missing, invalid: sketch.invalid,
        moments: sketch.moments, bins: sketch.bins, unseen: sketch.unseen, unseenOther: sketch.unseenOther)
      #expect(isTaken)
    }
    #expect(taken == table)
  }

  @Test("Merge commutes, and subtraction undoes it exactly", arguments: 1...30 as ClosedRange<UInt64>)
  func algebra(seed: UInt64) {
    let first = Self.columns(seed, rows: 200)
    let second = Self.columns(seed + 1_000, rows: 150)
    let (one, other) = (TableSketch(Self.layout, first), TableSketch(Self.layout, second))
    var left = one
    left.merge(other)
    var right = other
    right.merge(one)
    #expect(Self.figures(left) == Self.figures(right) && left.columns.map(\.unseen) == right.columns.map(\.unseen))
    #expect(left.columns.allSatisfy { $0.rows == 350 && $0.checkInvariants() == nil })
    for (column, sketch) in left.columns.enumerated() {
      #expect(zip(first[column].bins, second[column].bins).map(+) == sketch.bins)
      #expect(first[column].moments.count + second[column].moments.count == sketch.moments.count)
    }
    left.subtract(one)
    #expect(Self.figures(left) == Self.figures(other) && left.columns.map(\.unseen) == second.map(\.unseen))
    left.inexact = other.inexact
    #expect(left == other && left.columns.allSatisfy { $0.checkInvariants() == nil })
  }

  @Test("Merge equals one pass over all rows", arguments: 1...30 as ClosedRange<UInt64>)
  func onePass(seed: UInt64) {
    // So few rows that every unseen level is named in one pass too.
    let lengths = [Int(seed), 50]
    var whole = Self.binnings.map(ColumnSketch.init(binning:))
    var merged = TableSketch(Self.layout)
    var (one, other) = (SplitMix64(seed: seed), SplitMix64(seed: seed))
    for rows in lengths {
      Self.add(rows, to: &whole, &one)
      var part = Self.binnings.map(ColumnSketch.init(binning:))
      Self.add(rows, to: &part, &other)
      merged.merge(TableSketch(Self.layout, part))
    }
    #expect(Self.figures(merged) == Self.figures(TableSketch(Self.layout, whole)))
    for (sketch, expected) in zip(merged.columns, whole) {
      #expect(expected.unseenOther == 0 && sketch.unseen == expected.unseen)
      let (moments, all) = (sketch.moments, expected.moments)
      #expect(moments.count == all.count && moments.min == all.min && moments.max == all.max)
      #expect((moments.mean - all.mean).magnitude <= 1e-9 * max(1, all.mean.magnitude))
      #expect((moments.m2 - all.m2).magnitude <= 1e-9 * max(1, all.m2))
    }
  }

  @Test("Figures that do not fit the bins or each other are refused and change nothing")
  func refused() throws {
    let whole = TableSketch(Self.layout, Self.columns(5, rows: 100))
    func isRefused(_ column: Int, _ change: (inout Figures) -> Void) -> Bool {
      var figures = Figures(whole.column(column))
      change(&figures)
      var table = whole
      return !figures.add(to: &table, column) && table == whole
    }
    for column in 0..<3 {
      #expect(!isRefused(column) { _ in })
      #expect(isRefused(column) { $0.bins.append(0) })
      #expect(isRefused(column) { $0.bins.removeLast() })
      #expect(isRefused(column) { $0.bins[0] += 1 })
      #expect(isRefused(column) { $0.count += 1 })
      #expect(
        isRefused(column) {
          $0.bins[0] -= 1_000; $0.bins[1] += 1_000
        })
      #expect(isRefused(column) { $0.missing = -1 })
      #expect(isRefused(column) { $0.invalid = SketchLimits.count + 1 })
      #expect(isRefused(column) { $0.unseenOther += 1 })
      #expect(isRefused(column) { $0.unseen["new"] = 0 })
      #expect(isRefused(column) { $0.moments = Moments([1, 2]) })
      #expect(isRefused(column) { $0.moments = Moments(count: $0.count, mean: .nan, m2: 0, min: 0, max: 0) })
    }
  }

  private struct Figures {
    var count: Int
    var missing: Int
    var invalid: Int
    var moments: Moments
    var bins: [Int]
    var unseen: [String: Int]
    var unseenOther: Int

    init(_ sketch: ColumnSketch) {
      (count, missing, invalid, moments) = (sketch.count, sketch.missing, sketch.invalid, sketch.moments)
      (bins, unseen, unseenOther) = (sketch.bins, sketch.unseen, sketch.unseenOther)
    }

    func add(to table: inout TableSketch, _ column: Int) -> Bool {
      table.add(
        validating: column, count: count, missing: missing, invalid: invalid, moments: moments, bins: bins,
        unseen: unseen, unseenOther: unseenOther)
    }
  }

  @Test("A merged sketch holds the names of all its parts; the same rows give the same bytes, whatever the hash seed")
  func unseen() {
    let (first, second) = (1_000..<1_060, 500..<550)
    func table(_ levels: Range<Int>) -> TableSketch {
      var columns = Self.binnings.map(ColumnSketch.init(binning:))
      for level in levels { columns[1].add(category: "new\(level)") }
      return TableSketch(Self.layout, columns)
    }
    var merged = table(first)
    merged.merge(table(second))
    #expect(merged.column(1).unseen.count == 110 && merged.column(1).checkInvariants() == nil)
    var other = table(second)
    other.merge(table(first))
    #expect(Self.encoded(merged) == Self.encoded(other))
    merged.subtract(table(first))
    #expect(merged == table(second))
  }

  @Test("Counts beyond 32 bits carry, borrow and compare as integers do")
  func wideCounts() throws {
    let layout = TableLayout([.numeric(try #require(NumericBinning(validating: [0, 1])))])
    func table(_ bins: [Int]) -> TableSketch {
      var table = TableSketch(layout)
      let count = bins.reduce(0, +)
      let isTaken = table.add(
        validating: 0, count: count, missing: 0, invalid: 0,
        moments: Moments(count: count, mean: 0, m2: 0, min: 0, max: 0), bins: bins, unseen: [:], unseenOther: 0)
      #expect(isTaken)
      return table
    }
    let most = Int(UInt32.max)
    let domain = [0, 1, most - 1, most, most + 1, 3 * most + 2, 1 << 38]
    for first in domain {
      for second in domain {
        let (left, right) = (table([first, 7, second]), table([second, 0, first]))
        var sum = left
        sum.merge(right)
        #expect(sum.column(0).bins == [first + second, 7, first + second])
        sum.subtract(right)
        #expect(sum.column(0).bins == [first, 7, second] && sum == left && sum.hashValue == left.hashValue)
      }
    }
    var full = table([most, 0, 0]).column(0)
    full.add(number: -1)
    #expect(full.bins == [most + 1, 0, 0])
  }
}
