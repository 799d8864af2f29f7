/// Counts by item, items being UTF-8: open addressing with short items in the table and long ones in one run of bytes
/// behind it, so that no string is made or retained while counting.
///
/// The order of its slots depends on the history of insertions. What leaves the target is sorted.
struct ItemTable: Sendable {
  private struct Slot {
    var first: UInt64 = 0
    /// Of a long item: where its bytes start.
    var second: UInt64 = 0
    var length = 0
    /// Zero in an empty slot.
    var count = 0

    var isInline: Bool { length <= ItemKey.mostInline }
    var key: ItemKey { ItemKey(first: first, second: isInline ? second : 0, length: length) }
    /// Of a long item: where its bytes lie.
    var range: Range<Int> { Int(second)..<Int(second) + length }
  }

  private static let fewest = 8

  private(set) var count = 0
  /// UTF-8 bytes of all items together.
  private(set) var byteCount = 0
  /// As many as a power of two, at most three quarters and one in use.
  private var slots: [Slot] = []
  private var long: [UInt8] = []

  /// The count of an item, zero where it is not held.
  func count(of item: RawSpan) -> Int {
    guard !slots.isEmpty else { return 0 }
    return slots[position(of: ItemKey(item), item)].count
  }

  /// Adds to an item's count where the item is held; otherwise says so.
  @inline(__always)
  mutating func increment(_ item: RawSpan, by amount: Int) -> Bool {
    guard !slots.isEmpty else { return false }
    let position = position(of: ItemKey(item), item)
    guard slots[position].count > 0 else { return false }
    slots[position].count += amount
    return true
  }

  /// Adds to an item's count, which must stay positive.
  mutating func add(_ item: RawSpan, _ amount: Int) {
    if increment(item, by: amount) { return }
    // One item more than three quarters fits, so that a table at its largest size purges before it would grow.
    if count * 4 > slots.count * 3 || slots.isEmpty { grow() }
    let key = ItemKey(item)
    var slot = Slot(first: key.first, second: key.second, length: key.length, count: amount)
    if !key.isInline {
      slot.second = UInt64(long.count)
      for offset in 0..<key.length { long.append(item.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
    }
    slots[position(of: key, item)] = slot
    count += 1
    byteCount += key.length
  }

  /// The slot that holds the item, or the empty one where it belongs.
  @inline(__always)
  private func position(of key: ItemKey, _ item: RawSpan) -> Int {
    let mask = slots.count - 1
    var position = key.home & mask
    while slots[position].count > 0 {
      let slot = slots[position]
      if slot.first == key.first, slot.length == key.length,
        key.isInline ? slot.second == key.second : holds(item, at: Int(slot.second))
      {
        return position
      }
      position = (position + 1) & mask
    }
    return position
  }

  /// Whether the long item stands at `start`.
  @inline(__always)
  private func holds(_ item: RawSpan, at start: Int) -> Bool {
    item.isEqual(to: long.span.bytes, at: start)
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: max(Self.fewest, old.count * 2))
    for slot in old where slot.count > 0 { place(slot) }
  }

  /// Into the first empty slot of its run: for items that are known to be different.
  private mutating func place(_ slot: Slot) {
    let mask = slots.count - 1
    var position = slot.key.home & mask
    while slots[position].count > 0 { position = (position + 1) & mask }
    slots[position] = slot
  }

  // MARK: - Whole tables

  /// All counts, in no order.
  var counts: [Int] { slots.compactMap { $0.count > 0 ? $0.count : nil } }

  /// Takes `amount` from every count and drops the items that are left with nothing. The table then has room for
  /// `room` items, which must be as many as are left or more.
  mutating func subtract(_ amount: Int, room: Int) {
    let old = self
    var size = Self.fewest
    while room * 4 > size * 3 { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
    long = []
    count = 0
    byteCount = 0
    for slot in old.slots where slot.count > amount {
      var moved = slot
      moved.count -= amount
      if !slot.isInline {
        moved.second = UInt64(long.count)
        long += old.long[slot.range]
      }
      place(moved)
      count += 1
      byteCount += slot.length
    }
  }

  /// Adds the counts of another table.
  mutating func merge(_ other: ItemTable) {
    for slot in other.slots where slot.count > 0 {
      let bytes = other.bytes(of: slot)
      add(bytes.span.bytes, slot.count)
    }
  }

  private func bytes(of slot: Slot) -> [UInt8] {
    if !slot.isInline { return Array(long[slot.range]) }
    return (0..<slot.length).map { offset in
      let word = offset < 8 ? slot.first : slot.second
      return UInt8(truncatingIfNeeded: word >> UInt64(8 * (offset % 8)))
    }
  }

  /// Items and counts by the items' bytes, ascending.
  var sorted: [(item: [UInt8], count: Int)] {
    slots.filter { $0.count > 0 }.map { (bytes(of: $0), $0.count) }
      .sorted { $0.0.lexicographicallyPrecedes($1.0) }
  }

  /// What is inconsistent, or nil.
  func checkInvariants() -> String? {
    let held = slots.filter { $0.count != 0 }
    if held.count != count { return "\(held.count) items where \(count) are counted" }
    if held.contains(where: { $0.count < 0 }) { return "a negative count" }
    if (count - 1) * 4 > slots.count * 3 { return "a table of items that is too full" }
    if held.reduce(0, { $0 + $1.length }) != byteCount { return "items of another length than counted" }
    let misplaced = held.contains { slot in
      self.count(of: bytes(of: slot).span.bytes) != slot.count
    }
    return misplaced ? "an item out of place" : nil
  }
}

extension ItemTable: Equatable {
  static func == (left: Self, right: Self) -> Bool {
    left.count == right.count
      && left.sorted.elementsEqual(right.sorted) { $0.item == $1.item && $0.count == $1.count }
  }
}
