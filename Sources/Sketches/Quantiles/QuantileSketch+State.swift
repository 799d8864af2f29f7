public import Bytes

/// A sketch's whole state, for snapshots: unlike the library's format it holds the unfinished block and the random
/// choices to come, so that what is read back goes on, bit for bit, as what was written would have.
extension QuantileSketch {
  private static var version: UInt8 { 1 }

  /// At most 8 KB more than `encode()` writes, while a block is being filled.
  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.version)
    writer.append(UInt8(Self.itemSize))
    writer.append(count: k)
    writer.append(count: smallestK)
    for word in [coins.state, coins.tossed, coins.fallen, coins.drawn] { writer.append(fixed: word) }
    writer.append(coins.complement)
    writer.append(habit.way.rawValue)
    writer.append(habit.patience)
    writer.append(habit.stumbled)
    writer.append(pending) { $0.append($1) }
    writer.append(count: settled)
    guard settled > 0 else { return }
    writer.append(low)
    writer.append(high)
    writer.append((0..<levels.count).map(levels.size(of:))) { $0.append(count: $1) }
    levels.appendItems(to: &writer)
  }

  /// - Throws: `ByteError` for bytes of another version or type of value, cut short, or that no sketch makes.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let version = try reader.byte()
    guard version == Self.version, Int(try reader.byte()) == Self.itemSize else {
      throw reader.failure("a quantile sketch of version \(version), or of other values")
    }
    let k = try reader.index()
    guard QuantileCapacity.parameters.contains(k) else { throw reader.failure("a quantile sketch of k = \(k)") }
    self.init(k: k, seed: 0)
    smallestK = try reader.index()
    coins.state = try reader.fixed()
    coins.tossed = try reader.fixed()
    coins.fallen = try reader.fixed()
    coins.drawn = try reader.fixed()
    coins.complement = try reader.bool()
    guard let way = QuantileBlock.Way(rawValue: try reader.byte()) else {
      throw reader.failure("no such way to sort")
    }
    habit.way = way
    habit.patience = try reader.byte()
    habit.stumbled = try reader.bool()
    guard (habit.patience > 0) == (way == .merging), habit.patience <= QuantileBlock.patience else {
      throw reader.failure("a sorting habit that no sketch has")
    }
    let queued = try reader.count(ofAtLeast: Self.itemSize)
    for _ in 0..<queued { pending.append(try reader.item()) }
    try readLevels(&reader)
    if let fault = checkInvariants() { throw reader.failure(fault) }
  }

  private mutating func readLevels(_ reader: inout ByteReader) throws(ByteError) {
    settled = try reader.index()
    guard settled <= SketchLimits.count else { throw reader.failure("a quantile sketch of \(settled) values") }
    guard settled > 0 else { return }
    low = try reader.item()
    high = try reader.item()
    let named = try reader.count()
    guard named <= QuantileCapacity.levels else { throw reader.failure("\(named) levels") }
    var sizes: [Int] = []
    for _ in 0..<named { sizes.append(try reader.count(ofAtLeast: Self.itemSize)) }
    levels = try QuantileLevels(from: &reader, sizes: sizes, sorted: true)
  }
}
