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
    /// Where the words behind the first two are in `words`.
    let rest: Int
    let number: Int
    var name: Range<Int> { start..<start + length - 3 }
  }

  private var patterns: [Pattern] = []
  private var bytes: [UInt8] = []
  private var words: [UInt64] = []
  /// Open addressing by hash, a quarter full at most; -1 is free.
  private var slots: [Int32] = Array(repeating: -1, count: 16)
  /// What followed each name the last time, shifted by one: the first is what came first.
  private var successors: [Int32] = [0]
  /// Which of the first 64 names the object at hand has had.
  private var seen: UInt64 = 0
  /// The object in which each of the others was seen last.
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
        secondMask: second.mask, length: text.count, start: bytes.count, rest: words.count, number: Int(number)))
    bytes += name
    for place in stride(from: 16, to: text.count, by: 8) { words.append(Self.word(text[place...].prefix(8)).value) }
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
      if bytes.withUnsafeBytes({ $0.part(patterns[number].name).equals(name) }) { return number }
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
    seen = 0
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
  func hasSeen(_ number: Int) -> Bool {
    number < 64 ? seen &>> UInt64(number) & 1 != 0 : stamps[number] == stamp
  }

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
    if hasSeen(number) { return Found.repeated }
    if number < 64 { seen |= 1 &<< UInt64(number) } else { stamps[number] = stamp }
    return number
  }

  /// Whether the name of the pattern comes next, and its colon.
  @inline(__always)
  func matches(_ pattern: Pattern, _ cursor: ScanCursor) -> Bool {
    let first = (cursor.word(at: cursor.next) & pattern.firstMask) ^ pattern.first
    let second = (cursor.word(at: cursor.next &+ 8) & pattern.secondMask) ^ pattern.second
    guard first | second == 0 else { return false }
    return pattern.length <= 16 || Self.matches(words, from: pattern.rest, length: pattern.length, cursor)
  }

  /// The rest of a long name, quote and colon. As every word so far was that of the name, none holds the newline, and
  /// the next may be read. Not a method: that would copy the table for every name.
  @inline(never)
  private static func matches(_ words: [UInt64], from start: Int, length: Int, _ cursor: ScanCursor) -> Bool {
    var word = start
    var position = 16
    while position < length {
      let others = UInt64(max(0, 64 - 8 * (length - position)))
      guard cursor.word(at: cursor.next + position) &<< others == words[word] &<< others else { return false }
      word += 1
      position += 8
    }
    return true
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
