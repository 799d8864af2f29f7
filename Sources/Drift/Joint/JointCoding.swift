public import Bytes
import Sketches

extension JointProjection {
  private static let format: UInt8 = 1
  /// Largest magnitude of a table's entry: sums of squares stay far from overflow.
  private static let mostWeight: Float = 1e6

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(count: columns.count)
    for component in 0..<Sums.scalarCount { writer.append(signs[component] < 0) }
    for position in columns.indices {
      writer.append(count: columns[position])
      bins[position].encode(into: &writer)
      for place in bins[position].usedPlaces {
        let sums = tables[position * JointBins.places + place]
        for component in 0..<Sums.scalarCount { writer.append(fixed: sums[component].bitPattern) }
      }
    }
  }

  /// - Throws: `ByteError` for another format, or columns and tables that no projection has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a joint projection of format \(format), where \(Self.format) is known")
    }
    let count = try reader.count(ofAtLeast: 32)
    guard count >= 2, count <= JointTuning.projectedColumns else { throw reader.failure("\(count) joint columns") }
    var signs = Sums(repeating: 1)
    for component in 0..<Sums.scalarCount where try reader.bool() { signs[component] = -1 }
    var columns: [Int] = []
    var bins: [JointBins] = []
    var tables: [Sums] = []
    for _ in 0..<count {
      let column = try reader.index()
      guard columns.last.map({ $0 < column }) ?? true else { throw reader.failure("joint columns out of order") }
      columns.append(column)
      let own = try JointBins(from: &reader)
      bins.append(own)
      var table = [Sums](repeating: .zero, count: JointBins.places)
      for place in own.usedPlaces { table[place] = try Self.sums(from: &reader) }
      tables += table
    }
    self.init(columns: columns, bins: bins, tables: tables, signs: signs)
  }

  private static func sums(from reader: inout ByteReader) throws(ByteError) -> Sums {
    var sums = Sums.zero
    for component in 0..<Sums.scalarCount {
      let weight = Float(bitPattern: try reader.fixed(UInt32.self))
      guard weight.magnitude <= mostWeight else { throw reader.failure("a joint weight of \(weight)") }
      sums[component] = weight
    }
    return sums
  }
}

extension JointBins {
  /// The places that a value can have.
  var usedPlaces: [Int] {
    let bins = levels.map { $0.count + 1 } ?? edges.finite.count + 1
    return Array(0..<bins) + [Self.missing]
  }

  func encode(into writer: inout ByteWriter) {
    writer.append(levels != nil)
    if let levels {
      writer.append(levels) { $0.append($1) }
    } else {
      writer.append(edges.finite) { $0.append($1) }
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    if try reader.bool() {
      let levels = try reader.levels(upTo: JointTuning.levels)
      self.init(levels: levels)
      return
    }
    let count = try reader.count(ofAtLeast: 8)
    guard count <= Self.edgeCount else { throw reader.failure("\(count) joint edges") }
    var edges: [Double] = []
    for _ in 0..<count {
      let edge = try reader.double()
      guard edge.isFinite, edges.last.map({ $0 < edge }) ?? true else {
        throw reader.failure("joint edges that do not increase")
      }
      edges.append(edge)
    }
    self.init(edges: edges)
  }
}

extension JointPattern {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(halves) { writer, half in
      writer.append(count: half.column)
      switch half.test {
      case .above(let threshold):
        writer.append(false)
        writer.append(threshold)
      case .among(let levels):
        writer.append(true)
        writer.append(levels) { $0.append($1) }
      }
    }
  }

  /// - Throws: `ByteError` for another format, or halves that no pattern has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a joint pattern of format \(format), where \(Self.format) is known")
    }
    let halves = try reader.array { reader throws(ByteError) in try JointHalf(from: &reader) }
    guard halves.count >= 2, halves.count <= JointTuning.patternColumns,
      zip(halves, halves.dropFirst()).allSatisfy({ $0.column < $1.column })
    else { throw reader.failure("columns that no joint pattern has") }
    self.init(halves: halves)
  }
}

extension JointHalf {
  fileprivate init(from reader: inout ByteReader) throws(ByteError) {
    column = try reader.index()
    if try reader.bool() {
      test = .among(try reader.levels(upTo: JointTuning.halfLevels))
      return
    }
    let threshold = try reader.double()
    guard threshold.isFinite else { throw reader.failure("a threshold of \(threshold)") }
    test = .above(threshold)
  }
}

extension ByteReader {
  /// Different names of levels, each within `SketchLimits.levelBytes`.
  fileprivate mutating func levels(upTo most: Int) throws(ByteError) -> [String] {
    let levels = try array { reader throws(ByteError) in try reader.string() }
    guard levels.count <= most, Set(levels).count == levels.count,
      levels.allSatisfy({ $0.utf8.count <= SketchLimits.levelBytes })
    else { throw failure("levels that no joint statistic names") }
    return levels
  }
}
