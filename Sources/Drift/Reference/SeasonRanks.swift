public import Bytes
import Sketches

/// The quantiles of a column in each of the 24 parts of a cycle, which turn a value into its rank among the values of
/// its own part: a series from which the season is gone.
///
/// Of a rank only its bin is kept, one of 32. A value that several reference rows share is put into one of the bins
/// that those rows span, by chance and in proportion.
public struct SeasonRanks: Hashable, Sendable {
  /// Parts of a cycle: the hours of a day.
  public static let strata = 24
  public static let bins = 32

  /// One part's quantiles.
  struct Stratum: Hashable, Sendable {
    /// 31 values of the reference in ascending order, equal ones where one value fills several bins.
    let edges: [Double]
    /// Of each edge's value, the reference rows below it and those up to it.
    let below: [Int]
    let upTo: [Int]
    /// Reference rows of this part, at least 1.
    let rows: Int
  }

  /// Length of a cycle in milliseconds, at least 24.
  public let cycle: Int64
  let parts: [Stratum]

  static let cycles: ClosedRange<Int64> = 24...(1 << 50)

  /// Which part of which cycle a time lies in.
  static func place(of time: Int64, cycle: Int64) -> (cycle: Int64, stratum: Int) {
    var (number, rest) = time.quotientAndRemainder(dividingBy: cycle)
    if rest < 0 {
      rest += cycle
      number -= 1
    }
    return (number, Int(rest * Int64(strata) / cycle))
  }

  /// - Parameter values: of each stratum, in ascending order and not empty.
  init(cycle: Int64, sorted values: [[Double]]) {
    self.cycle = cycle
    parts = values.map(Stratum.init)
  }

  /// The bin of `value` at `time`, 0 to 31. `chance` in [0, 1) decides between the bins of a shared value.
  public func bin(of value: Double, time: Int64, chance: Double) -> Int {
    parts[Self.place(of: time, cycle: cycle).stratum].bin(of: value, chance: chance)
  }
}

extension SeasonRanks.Stratum {
  init(_ sorted: [Double]) {
    rows = sorted.count
    let edges = (1..<SeasonRanks.bins).map { sorted[sorted.count * $0 / SeasonRanks.bins] }
    self.edges = edges
    below = edges.map { edge in sorted.partitioningIndex { $0 >= edge } }
    upTo = edges.map { edge in sorted.partitioningIndex { $0 > edge } }
  }

  func bin(of value: Double, chance: Double) -> Int {
    let low = edges.partitioningIndex { $0 >= value }
    guard low < edges.count, edges[low] == value else { return low }
    let rank = Double(below[low]) + Double(upTo[low] - below[low]) * chance
    return min(Int(rank * Double(SeasonRanks.bins) / Double(rows)), SeasonRanks.bins - 1)
  }
}

extension SeasonRanks {
  public func encode(into writer: inout ByteWriter) {
    writer.append(signed: cycle)
    for part in parts {
      writer.append(count: part.rows)
      for edge in part.edges.indices {
        writer.append(part.edges[edge])
        writer.append(count: part.below[edge])
        writer.append(count: part.upTo[edge] - part.below[edge])
      }
    }
  }

  /// - Throws: `ByteError` for a cycle or quantiles that no reference has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    cycle = try reader.signed()
    guard Self.cycles.contains(cycle) else { throw reader.failure("a cycle of \(cycle) ms") }
    var parts: [Stratum] = []
    for _ in 0..<Self.strata { parts.append(try Stratum(from: &reader)) }
    self.parts = parts
  }
}

extension SeasonRanks.Stratum {
  init(from reader: inout ByteReader) throws(ByteError) {
    rows = try ColumnReference.count(from: &reader)
    guard rows > 0 else { throw reader.failure("a part of a cycle without rows") }
    var edges: [Double] = []
    var below: [Int] = []
    var upTo: [Int] = []
    for _ in 1..<SeasonRanks.bins {
      let edge = try reader.double()
      let under = try ColumnReference.count(from: &reader)
      let own = try ColumnReference.count(from: &reader)
      guard edge.isFinite, edges.last.map({ $0 <= edge }) ?? true, under + own <= rows else {
        throw reader.failure("quantiles that no column has")
      }
      edges.append(edge)
      below.append(under)
      upTo.append(under + own)
    }
    self.edges = edges
    self.below = below
    self.upTo = upTo
  }
}
