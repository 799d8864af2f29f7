/// Finds the number of a name in an object's text. Most producers keep one order, so the name that came next the last
/// time is tried first, as it stands in the text: `"name":`.
struct NameTable {
  struct Pattern {
    /// The first sixteen bytes of `"name":`, zeros behind a shorter one.
    let first: UInt64
    let firstMask: UInt64
    let second: UInt64
    let secondMask: UInt64
    /// Bytes of `"name":`.
    let length: Int
    /// Where the name's own bytes are in `bytes`.
    let start: Int
    let number: Int
    var name: Range<Int> { start..<start + length - 3 }
  }

  private var patterns: [Pattern] = []
  private var bytes: [UInt8] = []
  /// Open addressing by hash, a quarter full at most; -1 is free.
  private var slots: [Int32] = Array(repeating: -1, count: 16)
  /// What followed each name the last time, shifted by one: the first is what came first.
  private var successors: [Int32] = [0]
  /// The object in which each name was seen last.
  private var stamps: [UInt32] = []
  private var stamp: UInt32 = 0
  private var previous = 0
  /// The names of an earlier object in its order, which the next one is likely to have.
  private(set) var sequence: [Pattern] = []

  var count: Int { patterns.count }

  /// Adds a name. One that JSON cannot write without escapes is found by `find` alone; of two equal ones the first.
  mutating func append(_ name: [UInt8]) {
    let isPlain =
      (1...Limits.nameBytes).contains(name.count)
      && name.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    let text = [UInt8(ascii: "\"")] + name + [UInt8(ascii: "\""), UInt8(ascii: ":")]
    let (first, second) = (Self.word(text.prefix(8)), Self.word(text.dropFirst(8).prefix(8)))
    let number = Int32(patterns.count)
    patterns.append(
      Pattern(
        // A bit outside of its mask matches nothing.
        first: isPlain ? first.value : 1, firstMask: isPlain ? first.mask : 0, second: second.value,
        secondMask: second.mask, length: text.count, start: bytes.count, number: Int(number)))
    bytes += name
    stamps.append(0)
    successors.append(number + 1)
    if 4 * patterns.count > slots.count {
      slots = Array(repeating: -1, count: 2 * slots.count)
      for number in patterns.indices { enter(number) }
    } else {
      enter(Int(number))
    }
  }

  private static func word(_ text: ArraySlice<UInt8>) -> (value: UInt64, mask: UInt64) {
    var (value, mask): (UInt64, UInt64) = (0, 0)
    for byte in text.reversed() { (value, mask) = (value << 8 | UInt64(byte), mask << 8 | 0xff) }
    return (value, mask)
  }

  private mutating func enter(_ number: Int) {
    let name = bytes[patterns[number].name]
    guard name.withUnsafeBytes({ find($0) }) == nil else { return }
    var slot = name.withUnsafeBytes { Self.hash($0) } & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(number)
  }

  /// The number of a name without escapes.
  func find(_ name: UnsafeRawBufferPointer) -> Int? {
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] >= 0 {
      let number = Int(slots[slot])
      if bytes[patterns[number].name].elementsEqual(name) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func hash(_ name: UnsafeRawBufferPointer) -> Int {
    var hash = UInt64(name.count) &* 0x9e37_79b9_7f4a_7c15
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return Int(truncatingIfNeeded: (hash ^ hash &>> 32) & 0x7fff_ffff)
  }
}

extension NameTable {
  /// What the scanner met where a name should come.
  enum Found {
    static let unknown = -1
    /// Not a name and a colon, a name with escapes, an empty or a long one.
    static let unusual = -2
    static let repeated = -3
  }

  /// A new object begins, in which no name has been seen.
  @inline(__always)
  mutating func begin() {
    previous = 0
    stamp &+= 1
    if stamp == 0 {
      stamps = Array(repeating: 0, count: stamps.count)
      stamp = 1
    }
  }

  /// A new object begins, with the first `count` names of `sequence`.
  mutating func begin(after count: Int) {
    begin()
    for pattern in sequence.prefix(count) { _ = note(pattern.number) }
  }

  /// Objects with these names in this order are likely to come.
  mutating func expect(_ numbers: [Int]) {
    sequence = numbers.map { patterns[$0] }
  }

  /// Whether the name of this number has been seen in the object.
  @inline(__always)
  func hasSeen(_ number: Int) -> Bool { stamps[number] == stamp }

  /// Reads a name, its colon and the blanks behind it; `unknown` is told of the place of one that is not here.
  @inline(__always)
  mutating func next(_ cursor: inout ScanCursor, _ unknown: inout Range<Int>) -> Int {
    let expected = Int(successors[previous])
    if expected < patterns.count, matches(patterns[expected], cursor) {
      cursor.next &+= patterns[expected].length
      if cursor.byte <= 0x20 { cursor.skipBlanks() }
      return note(expected)
    }
    let number = search(&cursor, &unknown)
    guard number >= 0 else { return number }
    successors[previous] = Int32(truncatingIfNeeded: number)
    return note(number)
  }

  /// Adds a name that the object at hand has brought.
  mutating func learn(_ name: [UInt8]) -> Int {
    let number = count
    append(name)
    successors[previous] = Int32(number)
    return note(number)
  }

  @inline(__always)
  private mutating func note(_ number: Int) -> Int {
    previous = number &+ 1
    if stamps[number] == stamp { return Found.repeated }
    stamps[number] = stamp
    return number
  }

  /// Whether the name of the pattern comes next, and its colon.
  @inline(__always)
  func matches(_ pattern: Pattern, _ cursor: ScanCursor) -> Bool {
    let first = (cursor.word(at: cursor.next) & pattern.firstMask) ^ pattern.first
    let second = (cursor.word(at: cursor.next &+ 8) & pattern.secondMask) ^ pattern.second
    return first | second == 0 && (pattern.length <= 16 || matchesRest(of: pattern.number, cursor))
  }

  /// The bytes of a long name behind the first sixteen of the pattern, quote and colon. Takes the number, since a
  /// pattern that is handed over would be copied for every name.
  @inline(never)
  private func matchesRest(of number: Int, _ cursor: ScanCursor) -> Bool {
    let pattern = patterns[number]
    var position = cursor.next + 16
    for byte in bytes[pattern.name].dropFirst(15) {
      guard cursor.byte(at: position) == byte else { return false }
      position += 1
    }
    let end = cursor.next + pattern.length
    return (end - 2 < cursor.next + 16 || cursor.byte(at: end - 2) == UInt8(ascii: "\""))
      && cursor.byte(at: end - 1) == UInt8(ascii: ":")
  }

  @inline(never)
  private func search(_ cursor: inout ScanCursor, _ unknown: inout Range<Int>) -> Int {
    guard cursor.text(&unknown), !unknown.isEmpty, unknown.count <= Limits.nameBytes else { return Found.unusual }
    cursor.skipBlanks()
    guard cursor.take(":") else { return Found.unusual }
    cursor.skipBlanks()
    return find(cursor.slice(unknown)) ?? Found.unknown
  }
}
