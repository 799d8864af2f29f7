public import Bytes

/// The layout of Apache DataSketches' compact KLL sketch, little-endian:
///
///     0  preamble size in 4 bytes: 2 for an empty sketch or a single value, 5 otherwise
///     1  serial version: 2 for a single value, 1 otherwise        2  family, 15
///     3  flags: 1 empty, 2 level 0 is sorted, 4 single value      4  k, two bytes
///     6  narrowest level, 8                                       7  unused
///     8  values seen, eight bytes     16  smallest k, two bytes     18  levels     19  unused
///     20 start of each level in the item array of its reader, four bytes each
///        minimum, maximum, items from level 0 up
///
/// An empty sketch ends after byte 7; a single value follows there at once.
private enum Layout {
  static let family: UInt8 = 15
  static let short: UInt8 = 2
  static let full: UInt8 = 5
  static let versionOfMany: UInt8 = 1
  static let versionOfOne: UInt8 = 2
  static let empty: UInt8 = 1
  static let sorted: UInt8 = 2
  static let single: UInt8 = 4
}

extension QuantileSketch {
  /// The bytes that Apache DataSketches' Java, C++ and Python libraries read as a KLL sketch of doubles or of floats.
  /// They are those of the sealed sketch, so an unfinished block is thinned in them as `seal()` would.
  /// At most about 4 KB for doubles at k = 200.
  public func encode() -> [UInt8] {
    var sealed = self
    sealed.seal()
    var writer = ByteWriter(reserving: 64 + sealed.retained * Self.itemSize)
    let single = count == 1
    writer.append(isEmpty || single ? Layout.short : Layout.full)
    writer.append(single ? Layout.versionOfOne : Layout.versionOfMany)
    writer.append(Layout.family)
    writer.append(isEmpty ? Layout.empty : single ? Layout.single : Layout.sorted)
    writer.append(fixed: UInt16(k))
    writer.append(UInt8(QuantileCapacity.narrowest))
    writer.append(UInt8(0))
    if !isEmpty {
      if !single { sealed.appendPreamble(to: &writer) }
      sealed.levels.appendItems(to: &writer)
    }
    return writer.bytes
  }

  private func appendPreamble(to writer: inout ByteWriter) {
    // Readers allot the item array by k and the number of levels: name as many levels as the items need.
    var named = levels.count
    while QuantileCapacity.libraryBudget(k: k, levels: named) < levels.retained { named += 1 }
    writer.append(fixed: UInt64(settled))
    writer.append(fixed: UInt16(smallestK))
    writer.append(UInt8(named))
    writer.append(UInt8(0))
    var start = QuantileCapacity.libraryBudget(k: k, levels: named) - levels.retained
    for level in 0..<named {
      writer.append(fixed: UInt32(start))
      start += levels.size(of: level)
    }
    writer.append(low)
    writer.append(high)
  }

  static var itemSize: Int { MemoryLayout<Value>.size }

  /// Reads a compact KLL sketch of serial version 1 or 2, made by Leeway or by any of the libraries, over values of this
  /// type (the format does not say which).
  ///
  /// Its further random choices are seeded by the bytes: the same bytes continue in the same way.
  ///
  /// - Throws: `ByteError` for bytes that are no such sketch: cut short, too long, of another family, version or type,
  ///   with levels out of order, or weights that do not add up. Nothing is allotted that the bytes do not hold.
  public init(decoding bytes: ByteSlice) throws(ByteError) {
    var reader = ByteReader(bytes)
    let preamble = try reader.byte()
    let version = try reader.byte()
    let family = try reader.byte()
    guard family == Layout.family else { throw reader.failure("a sketch of family \(family), not KLL (15)") }
    let flags = try reader.byte()
    let k = Int(try reader.fixed(UInt16.self))
    let narrowest = try reader.byte()
    _ = try reader.byte()
    guard version == Layout.versionOfMany || version == Layout.versionOfOne else {
      throw reader.failure("a KLL sketch of serial version \(version); compact ones, 1 and 2, can be read")
    }
    guard QuantileCapacity.parameters.contains(k), narrowest == UInt8(QuantileCapacity.narrowest) else {
      throw reader.failure("a KLL sketch with k = \(k) and levels of at least \(narrowest)")
    }
    let short = flags & (Layout.empty | Layout.single) != 0
    guard preamble == (short ? Layout.short : Layout.full) else {
      throw reader.failure("a KLL sketch with a preamble of \(preamble)")
    }
    self.init(k: k, seed: Self.seed(of: bytes))
    if flags & Layout.empty == 0 {
      if short { try readSingle(&reader) } else { try readMany(&reader, sorted: flags & Layout.sorted != 0) }
    }
    try reader.expectEnd()
  }

  /// `init(decoding:)` of a whole array.
  public init(decoding bytes: [UInt8]) throws(ByteError) {
    try self.init(decoding: bytes[...])
  }

  /// Fowler, Noll and Vo's 64-bit hash (FNV-1a).
  private static func seed(of bytes: ByteSlice) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private mutating func readSingle(_ reader: inout ByteReader) throws(ByteError) {
    let value = try reader.item(Value.self)
    guard value == value else { throw reader.failure("a value that is not a number") }
    update(value)
    seal()
  }

  private mutating func readMany(_ reader: inout ByteReader, sorted: Bool) throws(ByteError) {
    let count = try reader.fixed(UInt64.self)
    let smallestK = Int(try reader.fixed(UInt16.self))
    let named = Int(try reader.byte())
    _ = try reader.byte()
    guard (1...UInt64(SketchLimits.count)).contains(count), (1...QuantileCapacity.levels).contains(named),
      (QuantileCapacity.parameters.lowerBound...k).contains(smallestK)
    else { throw reader.failure("a KLL sketch of \(count) values in \(named) levels, smallest k \(smallestK)") }
    var starts: [Int] = []
    for _ in 0..<named { starts.append(Int(try reader.fixed(UInt32.self))) }
    starts.append(QuantileCapacity.libraryBudget(k: k, levels: named))
    let sizes = zip(starts.dropFirst(), starts).map { $0 - $1 }
    guard sizes.allSatisfy({ $0 >= 0 }) else { throw reader.failure("levels that overlap") }
    low = try reader.item()
    high = try reader.item()
    let levels = try QuantileLevels<Value>(from: &reader, sizes: sizes, sorted: sorted)
    if let fault = levels.fault(settled: Int(count), low: low, high: high) { throw reader.failure(fault) }
    self.levels = levels
    self.smallestK = smallestK
    settled = Int(count)
  }
}
