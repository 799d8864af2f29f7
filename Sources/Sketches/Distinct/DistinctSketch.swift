/// How many different values a stream holds: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, 2007) that is exact
/// while few values were seen.
///
/// Values are hashed, and bytes are laid out, as Apache DataSketches' HLL sketch does it: the union of a sketch made
/// here and one made by its Java, C++ or Python library counts each value once. The relative standard error is
/// 0.83 / √2^lgK for one stream and 1.04 / √2^lgK after merges (1.3 % and 1.6 % at lgK = 12); up to 3 · 2^(lgK − 5)
/// values are counted exactly, but for collisions of 32-bit coupons. At most 2^lgK bytes.
public struct DistinctSketch: Sendable {
  /// Sizes that the format allows.
  public static let sizes = 4...21
  /// The seed of every hash.
  static let seed: UInt64 = 9_001

  /// Binary logarithm of the number of registers.
  public private(set) var lgK: Int
  /// In use while `registers` is nil.
  private(set) var coupons = CouponTable()
  private(set) var registers: RegisterArray?

  /// An empty sketch. An `lgK` outside `sizes` is moved to the nearest.
  public init(lgK: Int = 12) {
    self.lgK = min(max(lgK, Self.sizes.lowerBound), Self.sizes.upperBound)
  }

  public var isEmpty: Bool { registers == nil && coupons.count == 0 }

  /// Whether every different value is still held, so that the estimate is the count but for hash collisions.
  public var isExact: Bool { registers == nil }

  /// Most coupons that are held before registers take over.
  static func mostCoupons(lgK: Int) -> Int { lgK < 8 ? 7 : 3 << (lgK - 5) }

  // MARK: - Values

  /// Counts an integer, 5 ns.
  public mutating func update(_ value: Int64) { update(Self.hash(UInt64(bitPattern: value))) }

  /// Counts an integer; one that fits `Int64` is the same value as there.
  public mutating func update(_ value: UInt64) { update(Self.hash(value)) }

  /// Counts a number. Both zeros are one value, and so are all NaN.
  public mutating func update(_ value: Double) { update(Self.hash(Self.word(value))) }

  /// Counts a text by its UTF-8. The empty text is not counted, as in the library.
  public mutating func update(_ value: String) {
    value.withUTF8Bytes { update(utf8: $0) }
  }

  /// Counts a text, or any bytes; none where there are no bytes.
  public mutating func update(utf8 bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    update(Murmur3(bytes.bytes, seed: Self.seed))
  }

  /// Counts numbers, 3 ns each.
  public mutating func update(_ values: Span<Double>) {
    update(values) { CouponTable.coupon(Self.hash(Self.word($0))) }
  }

  /// Counts integers, 3 ns each.
  public mutating func update(_ values: Span<Int64>) {
    update(values) { CouponTable.coupon(Self.hash(UInt64(bitPattern: $0))) }
  }

  /// Counts texts.
  public mutating func update(_ values: Span<String>) {
    update(values) { text in
      text.withUTF8Bytes { $0.isEmpty ? 0 : CouponTable.coupon(Murmur3($0.bytes, seed: Self.seed)) }
    }
  }

  @inline(__always)
  private static func hash(_ word: UInt64) -> Murmur3 { Murmur3(word: word, seed: seed) }

  @inline(__always)
  private static func word(_ value: Double) -> UInt64 {
    if value == 0 { return 0 }
    return value == value ? value.bitPattern : 0x7ff8_0000_0000_0000
  }

  private mutating func update(_ hash: Murmur3) { update(coupon: CouponTable.coupon(hash)) }

  /// `coupon` gives 0 for what is not counted.
  @inline(__always)
  private mutating func update<T>(_ values: Span<T>, coupon: (borrowing T) -> UInt32) {
    var next = 0
    while registers == nil, next < values.count {
      let coupon = coupon(values[next])
      if coupon != 0 { update(coupon: coupon) }
      next += 1
    }
    registers?.update(values, from: next, lgK: lgK, coupon: coupon)
  }

  mutating func update(coupon: UInt32) {
    if registers == nil {
      guard coupons.insert(coupon) else { return }
      promoteIfFull()
    } else {
      registers?.update(
        slot: CouponTable.slot(of: coupon, lgK: lgK), value: CouponTable.value(of: coupon))
    }
  }

  private mutating func promoteIfFull() {
    guard coupons.count > Self.mostCoupons(lgK: lgK) else { return }
    registers = RegisterArray(coupons, lgK: lgK)
    coupons = CouponTable()
  }
}

extension DistinctSketch: Mergeable {
  /// Counts what `other` has seen too, each value once.
  ///
  /// The result has as many registers as the smaller of the two, unless `other` is empty. Registers and coupons do not
  /// depend on the order of merges; where both have seen values and the result has registers, nothing does.
  public mutating func merge(_ other: DistinctSketch) {
    guard !other.isEmpty else { return }
    let alone = isEmpty
    lower(to: other.lgK)
    if let theirs = other.registers {
      merge(theirs, lgK: other.lgK)
    } else {
      for coupon in other.coupons.slots where coupon != 0 { update(coupon: coupon) }
    }
    if !alone { registers?.forgetHistory() }
  }

  private mutating func merge(_ theirs: RegisterArray, lgK theirLgK: Int) {
    if registers != nil {
      registers?.merge(theirs)
    } else {
      registers = theirLgK > lgK ? theirs.folded(lgK: lgK) : theirs
      let mine = coupons.slots
      coupons = CouponTable()
      for coupon in mine where coupon != 0 { update(coupon: coupon) }
    }
  }

  private mutating func lower(to size: Int) {
    guard size < lgK else { return }
    lgK = size
    if let registers { self.registers = registers.folded(lgK: size) }
    promoteIfFull()
  }

  init(lgK: Int, registers: RegisterArray) {
    self.init(lgK: lgK)
    self.registers = registers
  }
}

extension DistinctSketch: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.lgK == right.lgK && left.registers == right.registers
      && left.coupons.count == right.coupons.count && left.coupons.sorted == right.coupons.sorted
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(lgK)
    hasher.combine(registers)
    hasher.combine(coupons.sorted)
  }
}

extension DistinctSketch {
  /// What is inconsistent, or nil.
  public func checkInvariants() -> String? {
    guard let registers else {
      if coupons.count > Self.mostCoupons(lgK: lgK) { return "more coupons than registers should leave" }
      return coupons.checkInvariants()
    }
    if coupons.count != 0 { return "coupons beside registers" }
    if registers.values.count != 1 << lgK { return "\(registers.values.count) registers of 2^\(lgK)" }
    return registers.checkInvariants()
  }
}
