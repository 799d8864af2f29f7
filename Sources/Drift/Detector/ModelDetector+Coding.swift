public import Bytes

extension ModelDetector {
  private static let format: UInt8 = 1

  /// The state; the reference and the configuration are written elsewhere. About 1 KB a column.
  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(isLatched)
    writer.append(detectors) { $1.encode(into: &$0) }
  }

  /// Goes on from a state that a detector of the same reference wrote; its future is that of the one that wrote it.
  ///
  /// - Throws: `ByteError` for another format or reference, or figures that no detector reaches.
  public init(
    reference: Reference, configuration: DetectorConfiguration = DetectorConfiguration(),
    from reader: inout ByteReader
  ) throws(ByteError) {
    self.init(reference: reference, configuration: configuration)
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a detector of format \(format), where \(Self.format) is known")
    }
    isLatched = try reader.bool()
    let count = try reader.count()
    guard count == detectors.count else {
      throw reader.failure("a detector of \(count) columns, where the reference has \(detectors.count)")
    }
    for index in detectors.indices { try detectors[index].restore(from: &reader) }
  }
}

extension ColumnDetector {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: tables.betCount)
    writer.append(count: binCount)
    writer.append(tables.dependence)
    for bet in 0..<tables.betCount {
      let standing = self[bet]
      writer.append(standing.ratio)
      writer.append(standing.walk)
      writer.append(signed: standing.onset)
    }
    learned.encode(into: &writer)
    writer.append(settling) { $1.encode(into: &$0) }
  }

  mutating func restore(from reader: inout ByteReader) throws(ByteError) {
    guard try reader.index() == tables.betCount, try reader.index() == binCount else {
      throw reader.failure("bets of another reference")
    }
    let dependence = try reader.double()
    guard dependence >= 1, dependence <= ColumnReference.mostDependence else {
      throw reader.failure("a dependence of \(dependence)")
    }
    if dependence != tables.dependence { settle(dependence) }
    for bet in 0..<tables.betCount {
      let standing = (ratio: try reader.double(), walk: try reader.double(), onset: try reader.signed())
      guard standing.ratio >= 0, standing.ratio <= DetectorTuning.mostEvidence, standing.walk.isFinite else {
        throw reader.failure("evidence that no bet reaches")
      }
      self[bet] = standing
    }
    try learned.restore(from: &reader, tables)
    settling = try reader.optional { [binCount] reader throws(ByteError) in
      try Settling(from: &reader, bins: binCount)
    }
    weigh()
  }
}

extension Settling {
  func encode(into writer: inout ByteWriter) {
    writer.append(panes) { writer, pane in
      writer.append(signed: pane.start)
      for count in pane.counts { writer.append(count: count) }
    }
  }

  init(from reader: inout ByteReader, bins: Int) throws(ByteError) {
    self.init()
    for _ in 0..<(try reader.count(ofAtLeast: bins + 1)) {
      let start = try reader.signed()
      var counts: [Int] = []
      for _ in 0..<bins { counts.append(try ColumnReference.count(from: &reader)) }
      hold(counts, start: start)
    }
  }
}
