public import Bytes

extension DistinctSketch {
  /// The image behind its length, as `encode(into:)` leaves it.
  public init(from reader: inout ByteReader) throws(ByteError) {
    try self.init(decoding: try reader.slice())
  }

  /// Reads an HLL image of Apache DataSketches, compact or updatable, with registers of four, six or eight bits.
  ///
  /// What follows from the registers is computed anew rather than believed. Refused are other families and versions,
  /// images cut short or, where compact, too long, counts that do not fit, registers above 63, and estimates that no
  /// stream has.
  public init(decoding image: ByteSlice) throws(ByteError) {
    var reader = ByteReader(image)
    let header = try Header(from: &reader)
    self.init(lgK: header.lgK)
    switch header.mode {
    case .list: try readCoupons(Int(header.count), of: header.compact ? Int(header.count) : 8, from: &reader)
    case .set:
      let count = Int(try reader.fixed(UInt32.self))
      guard header.compact || header.table < 31 else { throw reader.failure("a table of 2^\(header.table) coupons") }
      try readCoupons(count, of: header.compact ? count : 1 << header.table, from: &reader)
    case .array: try readRegisters(header, from: &reader)
    }
    if header.compact { try reader.expectEnd() }
  }

  /// `init(decoding:)` of a whole array.
  public init(decoding image: [UInt8]) throws(ByteError) {
    try self.init(decoding: image[...])
  }

  private struct Header {
    let lgK: Int
    /// Binary logarithm of the hash table's length, where there is one.
    let table: Int
    let compact: Bool
    let merged: Bool
    /// Coupons of a list; of an array the value that four bits count from.
    let count: UInt8
    let mode: DistinctImage.Mode
    let packing: RegisterPacking

    init(from reader: inout ByteReader) throws(ByteError) {
      let preamble = try reader.byte()
      guard try reader.byte() == DistinctImage.version else { throw reader.failure("an unknown version of HLL image") }
      guard try reader.byte() == DistinctImage.family else { throw reader.failure("not an HLL image") }
      lgK = Int(try reader.byte())
      guard DistinctSketch.sizes.contains(lgK) else { throw reader.failure("2^\(lgK) registers") }
      table = Int(try reader.byte())
      let flags = try reader.byte()
      compact = flags & DistinctImage.compactFlag != 0
      merged = flags & DistinctImage.mergedFlag != 0
      count = try reader.byte()
      let modes = try reader.byte()
      guard let mode = DistinctImage.Mode(rawValue: modes & 3) else { throw reader.failure("an unknown mode") }
      guard let packing = RegisterPacking(rawValue: modes >> 2 & 3) else { throw reader.failure("an unknown packing") }
      self.mode = mode
      self.packing = packing
      let expected =
        switch mode {
        case .list: DistinctImage.listPreamble
        case .set: DistinctImage.setPreamble
        case .array: DistinctImage.arrayPreamble
        }
      guard preamble == expected else { throw reader.failure("a preamble of \(preamble) words") }
    }
  }

  /// `length` coupons of which `count` are not empty.
  private mutating func readCoupons(
    _ count: Int, of length: Int, from reader: inout ByteReader
  ) throws(ByteError) {
    guard count <= length, length <= reader.remaining / 4, count <= 1 << 18 else {
      throw reader.failure("\(count) of \(length) coupons in \(reader.remaining) bytes")
    }
    var held = 0
    for _ in 0..<length {
      let coupon = try reader.fixed(UInt32.self)
      guard coupon != 0 else { continue }
      guard coupon >> 26 > 0 else { throw reader.failure("a coupon without a register value") }
      held += 1
      update(coupon: coupon)
    }
    guard held == count, registers != nil || coupons.count == count else {
      throw reader.failure("coupons that are not \(count) different ones")
    }
  }

  private mutating func readRegisters(_ header: Header, from reader: inout ByteReader) throws(ByteError) {
    let estimate = try reader.double()
    // Sums and the number of registers at the origin follow from the registers.
    _ = try reader.raw(20)
    let apart = Int(try reader.fixed(UInt32.self))
    var values: [UInt8]
    switch header.packing {
    case .four:
      values = Self.halves(try reader.raw(1 << (lgK - 1)), origin: header.count)
      try Self.readListed(apart, header, into: &values, from: &reader)
    case .six: values = Self.sixes(try reader.raw(3 << (lgK - 2) + 1))
    case .eight: values = Array(try reader.raw(1 << lgK))
    }
    guard values.allSatisfy({ $0 <= RegisterArray.most }) else { throw reader.failure("a register above 63") }
    let hit = values.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
    guard hit > 0 else { return }
    // Each register that was hit stood for one value at least.
    let possible = Double(hit) * (1 - 1e-9)...RegisterArray.mostValues
    guard header.merged || possible.contains(estimate) else { throw reader.failure("an estimate that no stream has") }
    self = DistinctSketch(lgK: lgK, registers: RegisterArray(values, estimate: header.merged ? nil : estimate))
  }

  private static let listedMark: UInt8 = 0xff

  private static func halves(_ bytes: ByteSlice, origin: UInt8) -> [UInt8] {
    func value(_ half: UInt8) -> UInt8 {
      half == DistinctImage.listed ? listedMark : min(origin, RegisterArray.most + 1) + half
    }
    var values: [UInt8] = []
    values.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      values.append(value(byte & 15))
      values.append(value(byte >> 4))
    }
    return values
  }

  /// The registers that are listed apart take the place of their marks.
  private static func readListed(
    _ count: Int, _ header: Header, into values: inout [UInt8], from reader: inout ByteReader
  ) throws(ByteError) {
    guard header.compact || header.table < 31 else { throw reader.failure("a table of 2^\(header.table) registers") }
    let length = header.compact || count == 0 ? count : 1 << header.table
    guard count <= length, length <= reader.remaining / 4 else {
      throw reader.failure("\(count) of \(length) registers in \(reader.remaining) bytes")
    }
    var held = 0
    for _ in 0..<length {
      let coupon = try reader.fixed(UInt32.self)
      guard coupon != 0 else { continue }
      let slot = CouponTable.slot(of: coupon, lgK: header.lgK)
      guard values[slot] == listedMark else { throw reader.failure("a register listed without its mark") }
      values[slot] = CouponTable.value(of: coupon)
      held += 1
    }
    guard held == count else { throw reader.failure("\(held) registers listed where \(count) were announced") }
  }

  private static func sixes(_ bytes: ByteSlice) -> [UInt8] {
    let start = bytes.startIndex
    var values: [UInt8] = []
    values.reserveCapacity(bytes.count / 3 * 4)
    for first in stride(from: start, to: start + bytes.count - 1, by: 3) {
      var word: UInt32 = 0
      for byte in 0..<3 { word |= UInt32(bytes[first + byte]) << UInt32(8 * byte) }
      for step in 0..<4 { values.append(UInt8(word >> UInt32(6 * step) & 63)) }
    }
    return values
  }
}
