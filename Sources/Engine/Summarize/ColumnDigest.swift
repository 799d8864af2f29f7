import Bytes
import Events
import Sketches

/// What people and other tools get of a column: the quantiles of its numbers, or how many levels it has and which are
/// frequent. Nothing is decided by it.
struct ColumnDigest: Mergeable {
  /// Of numbers.
  private(set) var quantiles: QuantileSketch<Double>?
  /// Of levels.
  private(set) var levels: Levels?

  struct Levels {
    var distinct = DistinctSketch()
    var counts = LevelCounts()
  }

  /// - Parameter seed: of the quantiles' random choices.
  init(_ binning: Binning, seed: UInt64) {
    switch binning {
    case .numeric: quantiles = QuantileSketch(seed: seed)
    case .categories: levels = Levels()
    }
  }

  /// NaN is passed over.
  mutating func add(_ numbers: Span<Double>, using scratch: inout QuantileScratch<Double>) {
    quantiles?.update(numbers, using: &scratch)
  }

  mutating func add(level: String, count: Int = 1) {
    levels?.distinct.update(level)
    levels?.counts.update(level, count: count)
  }

  /// Makes it small and quick to merge, once nothing more will be added.
  mutating func seal() { quantiles?.seal() }

  mutating func merge(_ other: ColumnDigest) {
    if let other = other.quantiles { quantiles?.merge(other) }
    if let other = other.levels {
      levels?.distinct.merge(other.distinct)
      levels?.counts.merge(other.counts)
    }
  }
}

extension ColumnDigest {
  typealias Image = (kind: SketchRecord.Kind, rows: Int, bytes: [UInt8])

  /// The sketches as other libraries read them; none of one that has taken nothing.
  var images: [Image] {
    var images: [Image] = []
    if let quantiles { images.append((.kll, quantiles.count, quantiles.encode())) }
    if let levels {
      images.append((.hyperloglog, levels.counts.total, levels.distinct.encode()))
      let frequent = levels.counts.frequentItems
      images.append((.frequentItems, frequent.total, frequent.encode()))
    }
    return images.filter { $0.rows > 0 }
  }

  func encode(into writer: inout ByteWriter) {
    writer.append(quantiles) { $1.encode(into: &$0) }
    writer.append(levels) { writer, levels in
      levels.distinct.encode(into: &writer)
      levels.counts.encode(into: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    quantiles = try reader.optional { reader throws(ByteError) in try QuantileSketch(from: &reader) }
    levels = try reader.optional { reader throws(ByteError) in
      Levels(distinct: try DistinctSketch(from: &reader), counts: try LevelCounts(from: &reader))
    }
  }
}
