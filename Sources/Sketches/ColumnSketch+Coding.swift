public import Bytes

extension ColumnSketch {
  /// Counts only, about two bytes a bin: the binning is written once with the reference, not with every pane.
  public func encode(into writer: inout ByteWriter) {
    writer.append(count: missing)
    writer.append(count: invalid)
    writer.append(bins) { $0.append(count: $1) }
    running.encode(into: &writer)
    writer.append(unseen.sorted { $0.key < $1.key }) { writer, level in
      writer.append(level.key)
      writer.append(count: level.value)
    }
    writer.append(count: unseenOther)
  }

  /// Reads counts over `binning`, which must be the one they were made with; refuses whatever breaks an invariant.
  public init(from reader: inout ByteReader, binning: Binning) throws(ByteError) {
    self.init(binning: binning)
    missing = try Self.count(from: &reader)
    invalid = try Self.count(from: &reader)
    let binCount = try reader.count()
    guard binCount == binning.binCount else {
      throw reader.failure("\(binCount) counts over \(binning.binCount) bins")
    }
    var bins: [Int] = []
    for _ in 0..<binCount { bins.append(try Self.count(from: &reader)) }
    counts = BinCounts(bins)
    count = bins.reduce(0, +)
    running = try RunningMoments(from: &reader)
    for _ in 0..<(try reader.count(ofAtLeast: 2)) {
      let level = try reader.string()
      guard unseen.updateValue(try Self.count(from: &reader), forKey: level) == nil else {
        throw reader.failure("a level named twice")
      }
    }
    unseenOther = try Self.count(from: &reader)
    if let broken = checkInvariants() { throw reader.failure(broken) }
  }

  private static func count(from reader: inout ByteReader) throws(ByteError) -> Int {
    let value = try reader.index()
    guard value <= SketchLimits.count else { throw reader.failure("a count of \(value)") }
    return value
  }
}
