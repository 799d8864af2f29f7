/// Finds the place of an id by its hash: open addressing over places, the entries being kept elsewhere. No order of
/// anything is ever taken from it.
struct IdTable {
  /// Hash in the upper half, place and one in the lower; 0 is free. Never more than half full.
  private var slots = [UInt64](repeating: 0, count: 1_024)
  private(set) var count = 0

  /// - Parameter matches: whether the entry at a place, which has this hash, is the one that is meant.
  @inline(__always)
  func find(_ hash: UInt32, _ matches: (Int) -> Bool) -> Int? {
    var slot = home(hash)
    while slots[slot] != 0 {
      if UInt32(truncatingIfNeeded: slots[slot] >> 32) == hash {
        let place = Int(slots[slot] & 0xffff_ffff) - 1
        if matches(place) { return place }
      }
      slot = after(slot)
    }
    return nil
  }

  /// What the search for an id begins with. Searches are slow because this is seldom in the cache, where ids are many:
  /// asked for many ids in a row, the processor fetches it for several at once.
  @inline(__always)
  func firstSlot(_ hash: UInt32) -> UInt64 { slots[home(hash)] }

  /// - Parameter place: that of an id which is not here yet; below 2^31.
  mutating func insert(_ hash: UInt32, place: Int) {
    if 2 * count >= slots.count {
      let old = slots
      slots = [UInt64](repeating: 0, count: 2 * old.count)
      for entry in old where entry != 0 { put(entry) }
    }
    put(UInt64(hash) << 32 | UInt64(place + 1))
    count += 1
  }

  /// Takes out an id that is here.
  mutating func remove(_ hash: UInt32, place: Int) {
    var gap = home(hash)
    while slots[gap] != UInt64(hash) << 32 | UInt64(place + 1) {
      guard slots[gap] != 0 else { return }
      gap = after(gap)
    }
    count -= 1
    // What follows without a gap moves up, unless it would come to stand before its home.
    var slot = after(gap)
    while slots[slot] != 0 {
      let distance = (slot - home(UInt32(truncatingIfNeeded: slots[slot] >> 32))) & (slots.count - 1)
      if distance >= (slot - gap) & (slots.count - 1) {
        slots[gap] = slots[slot]
        gap = slot
      }
      slot = after(slot)
    }
    slots[gap] = 0
  }

  private mutating func put(_ entry: UInt64) {
    var slot = home(UInt32(truncatingIfNeeded: entry >> 32))
    while slots[slot] != 0 { slot = after(slot) }
    slots[slot] = entry
  }

  @inline(__always)
  private func home(_ hash: UInt32) -> Int { Int(hash) & (slots.count - 1) }

  @inline(__always)
  private func after(_ slot: Int) -> Int { (slot + 1) & (slots.count - 1) }
}
