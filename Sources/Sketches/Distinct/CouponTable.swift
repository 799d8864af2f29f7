/// A set of coupons: the exact start of a distinct count, before registers pay.
///
/// A coupon is 26 bits of a value's hash and, in the six bits above them, the register value that the hash asks for;
/// none is zero.
struct CouponTable: Sendable {
  private static let keyMask: UInt32 = (1 << 26) - 1
  private static let fewest = 16

  private(set) var count = 0
  /// Open addressing, at most three quarters full; zero is empty.
  private(set) var slots: [UInt32] = []

  /// The coupon of a hash.
  @inline(__always)
  static func coupon(_ hash: Murmur3) -> UInt32 {
    UInt32(truncatingIfNeeded: hash.first) & keyMask | UInt32(value(hash)) &<< 26
  }

  /// What the hash asks of its register: leading zeros of the second word, and one.
  @inline(__always)
  static func value(_ hash: Murmur3) -> UInt8 {
    UInt8(truncatingIfNeeded: min(hash.second.leadingZeroBitCount, 62) + 1)
  }

  static func slot(of coupon: UInt32, lgK: Int) -> Int { Int(coupon & (1 << UInt32(lgK) - 1)) }
  static func value(of coupon: UInt32) -> UInt8 { UInt8(coupon >> 26) }

  /// Ascending.
  var sorted: [UInt32] { slots.filter { $0 != 0 }.sorted() }

  func contains(_ coupon: UInt32) -> Bool {
    !slots.isEmpty && slots[position(of: coupon)] == coupon
  }

  /// False where it was there already.
  @discardableResult
  mutating func insert(_ coupon: UInt32) -> Bool {
    if slots.isEmpty { slots = [UInt32](repeating: 0, count: Self.fewest) }
    let position = position(of: coupon)
    guard slots[position] == 0 else { return false }
    slots[position] = coupon
    count += 1
    if count * 4 > slots.count * 3 { grow() }
    return true
  }

  /// Where the coupon is or belongs.
  private func position(of coupon: UInt32) -> Int {
    let mask = slots.count - 1
    var position = Int(coupon) & mask
    while slots[position] != 0, slots[position] != coupon { position = (position + 1) & mask }
    return position
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt32](repeating: 0, count: old.count * 2)
    for coupon in old where coupon != 0 { slots[position(of: coupon)] = coupon }
  }

  /// How many values, to within 0.005 %, have left so many coupons: two values share one of 2^26 keys and its
  /// register value now and then.
  ///
  /// Cubic interpolation between the figures that Apache DataSketches uses, so that the estimate with which registers
  /// start is the same to the bit.
  var estimate: Double {
    let table = Self.estimates
    let x = Double(count)
    var first = 0
    while first + 4 < table.count, x >= table[first + 2].coupons { first += 1 }
    let points = table[first..<first + 4]
    var sum = 0.0
    for point in points {
      var numerator = 1.0
      var denominator = 1.0
      for other in points where other.coupons != point.coupons {
        numerator *= x - other.coupons
        denominator *= point.coupons - other.coupons
      }
      sum += point.values * numerator / denominator
    }
    return max(sum, x)
  }

  private static let estimates: [(coupons: Double, values: Double)] = [
    (0, 0), (1, 1), (20, 20.0000009437402611), (400, 400.0003963713384110),
    (8_000, 8_000.1589294602090376), (160_000, 160_063.6067763759638183),
    (300_000, 300_223.7071597663452849), (600_000, 600_895.5933856170158833),
  ]

  /// What is inconsistent, or nil.
  func checkInvariants() -> String? {
    let held = slots.filter { $0 != 0 }
    if held.count != count { return "\(held.count) coupons where \(count) are counted" }
    if count * 4 > slots.count * 3 { return "a table of coupons that is too full" }
    if Set(held).count != count { return "a coupon held twice" }
    if held.contains(where: { !contains($0) }) { return "a coupon out of place" }
    return held.allSatisfy { $0 >> 26 > 0 } ? nil : "a coupon without a register value"
  }
}
