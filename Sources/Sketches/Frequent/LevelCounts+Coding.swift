public import Bytes

extension LevelCounts {
  private static let version: UInt8 = 1

  /// A version, the limits, how many names were too long, and the counts: exact ones as varints behind their names in
  /// ascending order of bytes, frequent items as the image that DataSketches reads. Equal counts give equal bytes.
  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.version)
    writer.append(count: limits.levels)
    writer.append(count: limits.bytes)
    writer.append(count: limits.lgMaxSize)
    writer.append(count: unnamed)
    writer.append(frequent) { $1.encode(into: &$0) }
    guard frequent == nil else { return }
    writer.append(exact.sorted) { writer, entry in
      writer.append(entry.item)
      writer.append(count: entry.count)
    }
  }

  /// - Throws: `ByteError` for another version, limits that no column has, names that are too long, not UTF-8 or not in
  ///   ascending order, more of them than the limits allow, and counts that are not positive or beyond
  ///   `SketchLimits.count`.
  public init(from reader: inout ByteReader) throws(ByteError) {
    guard try reader.byte() == Self.version else { throw reader.failure("an unknown version of level counts") }
    let limits = try Self.limits(from: &reader)
    let unnamed = try reader.index()
    guard unnamed <= SketchLimits.count else { throw reader.failure("a count of \(unnamed)") }
    let frequent = try reader.optional { reader throws(ByteError) in try FrequentItems(from: &reader) }
    if let frequent, frequent.lgMaxSize > limits.lgMaxSize {
      throw reader.failure("more frequent items than the limits allow")
    }
    let exact = frequent == nil ? try Self.exact(limits, from: &reader) : ItemTable()
    self.init(limits: limits, unnamed: unnamed, exact: exact, frequent: frequent)
  }

  private static func limits(from reader: inout ByteReader) throws(ByteError) -> Limits {
    let levels = try reader.index()
    let bytes = try reader.index()
    let lgMaxSize = try reader.index()
    guard levels > 0, bytes > 0, FrequentItems.sizes.contains(lgMaxSize) else {
      throw reader.failure("limits that no column has")
    }
    return Limits(levels: levels, bytes: bytes, lgMaxSize: lgMaxSize)
  }

  private static func exact(_ limits: Limits, from reader: inout ByteReader) throws(ByteError) -> ItemTable {
    let levels = try reader.count(ofAtLeast: 2)
    guard levels <= limits.levels else { throw reader.failure("\(levels) levels where \(limits.levels) are allowed") }
    var table = ItemTable()
    var last: String?
    var total = 0
    for _ in 0..<levels {
      let level = try reader.string()
      let count = try reader.index()
      guard level.utf8.count <= SketchLimits.levelBytes else { throw reader.failure("a level's name is too long") }
      if let last, !last.utf8.lexicographicallyPrecedes(level.utf8) { throw reader.failure("levels out of order") }
      guard count > 0, count <= SketchLimits.count - total else { throw reader.failure("a count of \(count)") }
      total += count
      level.withUTF8Bytes { table.add($0.bytes, count) }
      last = level
    }
    guard table.byteCount <= limits.bytes else { throw reader.failure("more names than the limits allow") }
    return table
  }
}
