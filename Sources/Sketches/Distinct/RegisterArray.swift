/// HyperLogLog's registers, a byte each, and while all values came in one stream the estimate that their history gives.
struct RegisterArray: Hashable, Sendable {
  /// Largest value of a register.
  static let most: UInt8 = 63

  /// The historic inverse probability estimator (Cohen 2015; Ting 2014): each change of a register stands for as many
  /// new values as the chance of a change was small.
  struct History: Hashable, Sendable {
    var estimate: Double
    /// Sum of 2^−value over registers below 32, and over the others: apart, both are exact.
    var low: Double
    var high: Double

    @inline(__always)
    mutating func record(from old: UInt8, to new: UInt8, of registers: Double) {
      estimate += registers / (low + high)
      add(old, -1)
      add(new, 1)
    }

    @inline(__always)
    mutating func add(_ value: UInt8, _ count: Double) {
      let share = count * Double(bitPattern: (1_023 - UInt64(value)) &<< 52)
      if value < 32 { low += share } else { high += share }
    }
  }

  /// 2^lgK of them.
  private(set) var values: [UInt8]
  /// Nil once streams were merged: then the registers alone speak.
  private(set) var history: History?

  /// Nil in `estimate` means that streams were merged.
  init(_ values: [UInt8], estimate: Double?) {
    self.values = values
    history = estimate.map { estimate in
      var history = History(estimate: estimate, low: 0, high: 0)
      for (value, count) in histogram.enumerated() { history.add(UInt8(value), Double(count)) }
      return history
    }
  }

  /// Those that a set of coupons asks for.
  init(_ coupons: CouponTable, lgK: Int) {
    values = [UInt8](repeating: 0, count: 1 << lgK)
    var sums = History(estimate: coupons.estimate, low: Double(values.count), high: 0)
    for coupon in coupons.slots where coupon != 0 {
      let slot = CouponTable.slot(of: coupon, lgK: lgK)
      let value = CouponTable.value(of: coupon)
      guard value > values[slot] else { continue }
      sums.add(values[slot], -1)
      sums.add(value, 1)
      values[slot] = value
    }
    history = sums
  }

  /// Number of registers with each value, 64 figures.
  var histogram: [Int] {
    var counts = [Int](repeating: 0, count: Int(Self.most) + 1)
    for value in values { counts[Int(value)] += 1 }
    return counts
  }

  mutating func update(slot: Int, value: UInt8) {
    let old = values[slot]
    guard value > old else { return }
    values[slot] = value
    history?.record(from: old, to: value, of: Double(values.count))
  }

  /// The values from `start` on, each as its coupon; 0 changes nothing.
  @inline(__always)
  mutating func update<T>(_ items: Span<T>, from start: Int, lgK: Int, coupon: (borrowing T) -> UInt32) {
    let count = Double(values.count)
    var kept = history
    var registers = values.mutableSpan
    for index in start..<items.count {
      let coupon = coupon(items[index])
      let slot = CouponTable.slot(of: coupon, lgK: lgK)
      let value = CouponTable.value(of: coupon)
      let old = registers[slot]
      if value > old {
        registers[slot] = value
        kept?.record(from: old, to: value, of: count)
      }
    }
    history = kept
  }

  /// The larger of each pair of registers. `other` has as many or more.
  mutating func merge(_ other: RegisterArray) {
    let mask = values.count - 1
    for (slot, value) in other.values.enumerated() {
      values[slot & mask] = max(values[slot & mask], value)
    }
    history = nil
  }

  mutating func forgetHistory() { history = nil }

  /// As many registers as 2^lgK, which is fewer. The history goes on: what it has counted stays counted.
  func folded(lgK: Int) -> RegisterArray {
    var folded = RegisterArray([UInt8](repeating: 0, count: 1 << lgK), estimate: nil)
    folded.merge(self)
    return RegisterArray(folded.values, estimate: history?.estimate)
  }

  /// What is inconsistent, or nil.
  func checkInvariants() -> String? {
    let counts = histogram
    if counts[0] == values.count { return "registers that have seen nothing" }
    guard let history else { return nil }
    var expected = History(estimate: history.estimate, low: 0, high: 0)
    for (value, count) in counts.enumerated() { expected.add(UInt8(value), Double(count)) }
    if expected != history { return "sums that do not fit the registers" }
    return history.estimate.isFinite ? nil : "an estimate that is not finite"
  }
}
