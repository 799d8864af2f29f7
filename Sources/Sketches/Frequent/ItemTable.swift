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
  /// As many as a power of two, at most half and one in use: runs are short, so that few steps of a search are guessed wrong.
  private var slots: [Slot] = []
  private var long: [UInt8] = []

  /// The count of an item, zero where it is not held.
  func count(of item: RawSpan) -> Int {
    guard !slots.isEmpty else { return 0 }
    let key = ItemKey(item)
    let position = Self.position(of: key, in: slots.span) { item.isEqual(to: long.span.bytes, at: $0) }
    return slots[position].count
  }

  /// Adds to an item's count where the item is held; otherwise says so.
  @inline(__always)
  mutating func increment(_ item: RawSpan, by amount: Int) -> Bool {
    guard !slots.isEmpty else { return false }
    let key = ItemKey(item)
    let position = Self.position(of: key, in: slots.span) { item.isEqual(to: long.span.bytes, at: $0) }
    guard slots[position].count > 0 else { return false }
    slots[position].count += amount
    return true
  }

  /// Counts items once each, up to the first that is not held. Returns how many were counted.
  ///
  /// - Parameters:
  ///   - keys: of the items, and of others from `range.upperBound` on.
  @inline(__always)
  mutating func increment(_ items: Span<String>, _ keys: Span<ItemKey>, _ range: Range<Int>) -> Int {
    slots.isEmpty ? range.lowerBound : Self.increment(items, keys, range, in: &slots, long)
  }

  @inline(__always)
  private static func increment(
    _ items: Span<String>, _ keys: Span<ItemKey>, _ range: Range<Int>, in slots: inout [Slot], _ long: [UInt8]
  ) -> Int {
    var slots = slots.mutableSpan
    for index in range {
      let position = position(of: keys[index], in: slots.span) { start in
        items[index].withUTF8Bytes { $0.bytes.isEqual(to: long.span.bytes, at: start) }
      }
      guard slots[position].count > 0 else { return index }
      slots[position].count &+= 1
    }
    return range.upperBound
  }

  /// Adds to an item's count, which must stay positive.
  mutating func add(_ item: RawSpan, _ amount: Int) {
    if !increment(item, by: amount) { insert(item, amount) }
  }

  /// Takes in an item that is not held.
  mutating func insert(_ item: RawSpan, _ amount: Int) {
    // One item more than half fits, so that a table at its largest size purges before it would grow.
    if count * 2 > slots.count || slots.isEmpty { grow() }
    let key = ItemKey(item)
    var slot = Slot(first: key.first, second: key.second, length: key.length, count: amount)
    if !key.isInline {
      slot.second = UInt64(long.count)
      for offset in 0..<key.length { long.append(item.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
    }
    Self.place(slot, in: &slots)
    count += 1
    byteCount += key.length
  }

  /// The slot that holds an item, or the empty one where it belongs. `isAt` says whether a long item's bytes start at a
  /// place.
  @inline(__always)
  private static func position(of key: ItemKey, in slots: Span<Slot>, isAt: (Int) -> Bool) -> Int {
    let mask = slots.count &- 1
    var position = key.home & mask
    while slots[position].count > 0 {
      let slot = slots[position]
      if slot.first == key.first, slot.length == key.length,
        key.isInline ? slot.second == key.second : isAt(Int(truncatingIfNeeded: slot.second))
      {
        return position
      }
      position = (position &+ 1) & mask
    }
    return position
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: max(Self.fewest, old.count * 2))
    for slot in old where slot.count > 0 { Self.place(slot, in: &slots) }
  }

  /// Into the first empty slot of its run: for items that are known to be different.
  private static func place(_ slot: Slot, in slots: inout [Slot]) {
    var slots = slots.mutableSpan
    let mask = slots.count &- 1
    var position = slot.key.home & mask
    while slots[position].count > 0 { position = (position &+ 1) & mask }
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
    while room * 2 > size { size *= 2 }
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
      Self.place(moved, in: &slots)
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
    if (count - 1) * 2 > slots.count { return "a table of items that is too full" }
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
