public import Bytes

/// Frozen bins of a numeric column: bin b holds the values above edge b − 1 and up to edge b, edge included.
///
/// Built once from a reference (`build(sortedReference:)`), then never moved, so counts of any two streams over the
/// same bins compare and subtract exactly.
public struct NumericBinning: Sendable {
  /// Strictly increasing, finite.
  public let edges: [Double]
  let index: EdgeIndex

  /// `edges` must be strictly increasing, finite and fewer than `SketchLimits.numericBins`.
  init(edges: [Double]) {
    self.edges = edges
    index = EdgeIndex(edges)
  }

  public var binCount: Int { edges.count + 1 }

  /// Number of edges strictly below `x`, 3 ns. Infinities fall into the outer bins; NaN has no bin and gives 0.
  public func bin(of x: Double) -> Int { index.bin(of: x) }

  /// Values per bin, 1 to 2 ns a value. Infinities fall into the outer bins; NaN, which has no bin, into any.
  public func counts(of values: Span<Double>) -> [Int] {
    var counts = BinCounts(bins: binCount)
    index.count(values, into: &counts)
    return counts.array
  }

  /// The bin's interval, such as `(1.0, 2.5]`.
  public func label(of bin: Int) -> String {
    guard let first = edges.first, let last = edges.last else { return "any" }
    if bin == 0 { return "<= \(first)" }
    if bin >= edges.count { return "> \(last)" }
    return "(\(edges[bin - 1]), \(edges[bin])]"
  }
}

extension NumericBinning: Hashable {
  public static func == (left: Self, right: Self) -> Bool { left.edges == right.edges }
  public func hash(into hasher: inout Hasher) { hasher.combine(edges) }
}

extension NumericBinning {
  public func encode(into writer: inout ByteWriter) {
    writer.append(edges) { $0.append($1) }
  }

  /// Refuses edges that are not finite and strictly increasing, or too many.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let count = try reader.count(ofAtLeast: 8)
    guard count < SketchLimits.numericBins else { throw reader.failure("\(count) bin edges") }
    var edges: [Double] = []
    for _ in 0..<count {
      let edge = try reader.double()
      guard edge.isFinite, edges.last.map({ $0 < edge }) ?? true else {
        throw reader.failure("bin edges that do not increase")
      }
      edges.append(edge)
    }
    self.init(edges: edges)
  }
}
