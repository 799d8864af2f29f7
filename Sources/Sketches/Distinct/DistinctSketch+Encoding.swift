public import Bytes

/// How registers are laid out in bytes. The sketch is the same whichever is chosen.
public enum RegisterPacking: UInt8, Hashable, Sendable, CaseIterable {
  /// Half a byte each above their minimum, the few larger ones listed behind: smallest.
  case four = 0
  /// Six bits each.
  case six = 1
  /// A byte each: quickest to read and write.
  case eight = 2
}

/// Where things stand in Apache DataSketches' HLL image, version 1.
enum DistinctImage {
  static let version: UInt8 = 1
  static let family: UInt8 = 7
  static let emptyFlag: UInt8 = 4
  static let compactFlag: UInt8 = 8
  static let mergedFlag: UInt8 = 16
  /// The four-bit value whose register is listed apart.
  static let listed: UInt8 = 15
  /// Length of the preamble in four-byte words.
  static let listPreamble: UInt8 = 2
  static let setPreamble: UInt8 = 3
  static let arrayPreamble: UInt8 = 10
  /// Most coupons of a list.
  static let mostListed = 7

  enum Mode: UInt8 {
    case list = 0
    case set = 1
    case array = 2
  }

  /// Binary logarithm of the smallest table for registers that are listed apart.
  static func leastListLogarithm(lgK: Int) -> Int {
    switch lgK {
    case ...6: 2
    case ...9: 3
    case ...11: 4
    case ...13: 5
    default: lgK - 8
    }
  }

  /// Binary logarithm of a hash table for `count` entries that is at most three quarters full.
  static func logarithm(_ count: Int, least: Int) -> Int {
    var logarithm = least
    while count * 4 > 3 << logarithm { logarithm += 1 }
    return logarithm
  }
}

extension DistinctSketch {
  /// The image that Apache DataSketches' libraries read (compact HLL, serial version 1): 8 bytes when empty, 4 a value
  /// up to 3 · 2^(lgK − 5) values, then 40 and the registers.
  ///
  /// Equal sketches give equal bytes. After a merge of sketches that had all seen values, registers are bytes that do
  /// not depend on the order of values or merges.
  public func encode(_ packing: RegisterPacking = .four) -> [UInt8] {
    var writer = ByteWriter(reserving: 40 + (registers.map { $0.values.count } ?? coupons.count * 4))
    if let registers {
      append(registers, packing, to: &writer)
    } else {
      appendCoupons(packing, to: &writer)
    }
    return writer.bytes
  }

  /// The image behind its length.
  public func encode(into writer: inout ByteWriter) { writer.append(encode()) }

  private func appendHeader(
    preamble: UInt8, table: Int, flags: UInt8, count: UInt8, mode: DistinctImage.Mode, _ packing: RegisterPacking,
    to writer: inout ByteWriter
  ) {
    let header = [
      preamble, DistinctImage.version, DistinctImage.family, UInt8(lgK), UInt8(table),
      flags | DistinctImage.compactFlag, count, mode.rawValue | packing.rawValue << 2,
    ]
    writer.append(raw: header)
  }

  private func appendCoupons(_ packing: RegisterPacking, to writer: inout ByteWriter) {
    let count = coupons.count
    if count <= DistinctImage.mostListed {
      appendHeader(
        preamble: DistinctImage.listPreamble, table: 3, flags: isEmpty ? DistinctImage.emptyFlag : 0,
        count: UInt8(count), mode: .list, packing, to: &writer)
    } else {
      let table = DistinctImage.logarithm(count, least: 5)
      appendHeader(
        preamble: DistinctImage.setPreamble, table: table, flags: 0, count: 0, mode: .set, packing, to: &writer)
      writer.append(fixed: UInt32(count))
    }
    for coupon in coupons.sorted { writer.append(fixed: coupon) }
  }

  private func append(_ registers: RegisterArray, _ packing: RegisterPacking, to writer: inout ByteWriter) {
    let counts = registers.histogram
    // Only the packing by four bits moves its origin; the others count zeros.
    let origin = packing == .four ? counts.firstIndex { $0 > 0 } ?? 0 : 0
    let apart = packing == .four ? counts.dropFirst(origin + Int(DistinctImage.listed)).reduce(0, +) : 0
    let least = DistinctImage.leastListLogarithm(lgK: lgK)
    appendHeader(
      preamble: DistinctImage.arrayPreamble,
      table: apart == 0 ? 0 : DistinctImage.logarithm(apart, least: least),
      flags: registers.history == nil ? DistinctImage.mergedFlag : 0,
      count: UInt8(origin), mode: .array, packing, to: &writer)
    let sums = registers.sums
    writer.append(sums.estimate)
    writer.append(sums.low)
    writer.append(sums.high)
    writer.append(fixed: UInt32(counts[origin]))
    writer.append(fixed: UInt32(apart))
    switch packing {
    case .four: registers.appendHalves(origin: UInt8(origin), to: &writer)
    case .six: registers.appendSixes(to: &writer)
    case .eight: writer.append(raw: registers.values)
    }
  }
}

extension RegisterArray {
  /// The history, or where there is none the sums with no estimate.
  fileprivate var sums: History {
    history ?? RegisterArray(values, estimate: 0).history ?? History(estimate: 0, low: 0, high: 0)
  }

  fileprivate func appendHalves(origin: UInt8, to writer: inout ByteWriter) {
    var halves: [UInt8] = []
    halves.reserveCapacity(values.count / 2)
    var apart: [UInt32] = []
    for pair in 0..<values.count / 2 {
      var byte: UInt8 = 0
      for slot in [2 * pair, 2 * pair + 1] {
        let above = values[slot] - origin
        if above >= DistinctImage.listed { apart.append(UInt32(values[slot]) << 26 | UInt32(slot)) }
        byte |= min(above, DistinctImage.listed) << (slot & 1 == 0 ? 0 : 4)
      }
      halves.append(byte)
    }
    writer.append(raw: halves)
    for coupon in apart { writer.append(fixed: coupon) }
  }

  /// Four registers in three bytes, the first in the lowest bits, and one byte more that readers may touch.
  fileprivate func appendSixes(to writer: inout ByteWriter) {
    for first in stride(from: 0, to: values.count, by: 4) {
      var word: UInt32 = 0
      for step in 0..<4 { word |= UInt32(values[first + step]) << UInt32(6 * step) }
      for byte in 0..<3 { writer.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * byte))) }
    }
    writer.append(0 as UInt8)
  }
}
