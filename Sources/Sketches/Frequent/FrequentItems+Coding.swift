public import Bytes

/// Where things stand in Apache DataSketches' frequent-items image, version 1.
private enum FrequentImage {
  static let version: UInt8 = 1
  static let family: UInt8 = 10
  /// Either bit says that nothing follows: the library's languages disagreed once, and both are written since.
  static let emptyFlags: UInt8 = 0b101
  static let emptyPreamble: UInt8 = 1
  static let preamble: UInt8 = 4
}

extension FrequentItems {
  /// The image that DataSketches' `frequent_strings_sketch` reads (serial version 1): 8 bytes when empty, else 32, and
  /// for each item 12 and its UTF-8. Equal sketches give equal bytes.
  public func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: 32 + 12 * table.count + table.byteCount)
    let header = [
      isEmpty ? FrequentImage.emptyPreamble : FrequentImage.preamble, FrequentImage.version,
      FrequentImage.family, UInt8(lgMaxSize), UInt8(lgSize), isEmpty ? FrequentImage.emptyFlags : 0, 0, 0,
    ]
    writer.append(raw: header)
    guard !isEmpty else { return writer.bytes }
    writer.append(fixed: UInt64(table.count))
    writer.append(fixed: total)
    writer.append(fixed: maximumError)
    let items = table.sorted
    for item in items { writer.append(fixed: item.count) }
    for item in items {
      writer.append(fixed: UInt32(item.item.count))
      writer.append(raw: item.item)
    }
    return writer.bytes
  }

  /// The image behind its length.
  public func encode(into writer: inout ByteWriter) { writer.append(encode()) }

  /// Binary logarithm of the smallest table that holds the items without a purge.
  private var lgSize: Int {
    var logarithm = Self.sizes.lowerBound
    while table.count > 3 << (logarithm - 2) { logarithm += 1 }
    return logarithm
  }

  /// The image behind its length, as `encode(into:)` leaves it.
  public init(from reader: inout ByteReader) throws(ByteError) {
    try self.init(decoding: try reader.slice())
  }

  /// Reads an image of DataSketches' `frequent_strings_sketch`.
  ///
  /// Refused are other families and versions, images cut short or too long, more items than the table holds, an item
  /// named twice or not in UTF-8, counts that are not positive, add up to more than the total or, where they are exact,
  /// to less, and totals beyond `SketchLimits.count`.
  public init(decoding image: ByteSlice) throws(ByteError) {
    var reader = ByteReader(image)
    let preamble = try reader.byte()
    guard try reader.byte() == FrequentImage.version else {
      throw reader.failure("an unknown version of frequent items")
    }
    guard try reader.byte() == FrequentImage.family else { throw reader.failure("not an image of frequent items") }
    let lgMaxSize = Int(try reader.byte())
    guard Self.sizes.contains(lgMaxSize), try reader.byte() <= lgMaxSize else {
      throw reader.failure("a table of 2^\(lgMaxSize) items")
    }
    let empty = try reader.byte() & FrequentImage.emptyFlags != 0
    _ = try reader.raw(2)
    guard preamble == (empty ? FrequentImage.emptyPreamble : FrequentImage.preamble) else {
      throw reader.failure("a preamble of \(preamble) words")
    }
    if empty {
      self.init(lgMaxSize: lgMaxSize)
    } else {
      self = try Self.counted(lgMaxSize: lgMaxSize, from: &reader)
    }
    try reader.expectEnd()
  }

  /// `init(decoding:)` of a whole array.
  public init(decoding image: [UInt8]) throws(ByteError) {
    try self.init(decoding: image[...])
  }

  private static func counted(lgMaxSize: Int, from reader: inout ByteReader) throws(ByteError) -> FrequentItems {
    let count = Int(try reader.fixed(UInt32.self))
    _ = try reader.raw(4)
    let total = try amount(in: 1...SketchLimits.count, from: &reader)
    let error = try amount(in: 0...total, from: &reader)
    guard count <= 3 << (lgMaxSize - 2), count <= reader.remaining / 12 else {
      throw reader.failure("\(count) items in a table of 2^\(lgMaxSize) and \(reader.remaining) bytes")
    }
    var counts: [Int] = []
    for _ in 0..<count { counts.append(try amount(in: 1...total, from: &reader)) }
    let counted = counts.reduce(0, +)
    guard counted == total || (counted < total && error > 0) else {
      throw reader.failure("counts of \(counted) in a total of \(total)")
    }
    var table = ItemTable()
    for count in counts {
      let bytes = try reader.raw(Int(try reader.fixed(UInt32.self)))
      guard let item = String(validating: bytes, as: UTF8.self) else { throw reader.failure("text that is not UTF-8") }
      let held = table.count
      item.withUTF8Bytes { table.add($0.bytes, count) }
      guard table.count > held else { throw reader.failure("an item named twice") }
    }
    return FrequentItems(lgMaxSize: lgMaxSize, total: total, maximumError: error, table: table)
  }

  private static func amount(in range: ClosedRange<Int>, from reader: inout ByteReader) throws(ByteError) -> Int {
    let value = try reader.fixed(Int.self)
    guard range.contains(value) else { throw reader.failure("a count of \(value)") }
    return value
  }
}
