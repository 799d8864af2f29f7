extension JSONScanner {
  /// Reads an object whose names are data, such as features: keeps the order, refuses an empty name and one that stands
  /// twice. `name` gives the name of an element that was read.
  @inline(__always)
  mutating func map<T>(
    atMost limit: Int, name: (T) -> String, _ member: (inout JSONScanner, String) throws(EventError) -> T
  ) throws(EventError) -> [T] {
    try open(UInt8(ascii: "{"), "an object")
    var elements: [T] = []
    var seen = SeenNames()
    var first = true
    while try more(&first, until: UInt8(ascii: "}")) {
      let start = next
      let token = try self.name()
      let text = try string(token, atMost: Limits.nameBytes, at: start)
      if token.range.isEmpty { throw EventError(.emptyName, at: start, "must have a name") }
      guard elements.count < limit else { throw EventError(.tooLarge, at: start, "more than \(limit) names") }
      if seen.isSuspect(token, self), seen.isRepeated(text, after: elements, name: name) {
        throw EventError(.duplicateField, at: start, "stands twice")
      }
      if elements.isEmpty { elements.reserveCapacity(24) }
      elements.append(try member(&self, text))
    }
    return elements
  }

  /// Up to eight bytes, little-endian, with zeros behind a shorter range.
  @inline(__always)
  func head(_ range: Range<Int>) -> UInt64 {
    let length = min(range.count, 8)
    if length == 0 { return 0 }
    if range.lowerBound + 8 <= end { return word(at: range.lowerBound) & (.max >> UInt64(64 - 8 * length)) }
    return (0..<length).reduce(0) { $0 | UInt64(self[range.lowerBound + $1]) << UInt64(8 * $1) }
  }
}

/// Which names an object has had. A small Bloom filter answers for nearly all; only a suspect is compared, with the
/// names before it while they are few, with a set of them after that.
private struct SeenNames {
  private static let pairwise = 64

  private var bits = SIMD4<UInt64>()
  /// A name with escapes or beyond ASCII has other spellings, so from there on every name is compared.
  private var hasSpellings = false
  private var names: Set<String> = []

  /// Notes a name; true where it may have been there before.
  @inline(__always)
  mutating func isSuspect(_ token: TextToken, _ scanner: JSONScanner) -> Bool {
    if !token.isASCII || token.isEscaped { hasSpellings = true }
    let tail = max(token.range.lowerBound, token.range.upperBound - 8)
    let words = scanner.head(token.range) &* 3 &+ scanner.head(tail..<token.range.upperBound)
    let hash = ((words &+ UInt64(token.range.count)) &* 0x9e37_79b9_7f4a_7c15) >> 56
    let bit = UInt64(1) << (hash & 63)
    let word = Int(hash >> 6)
    defer { bits[word] |= bit }
    return hasSpellings || bits[word] & bit != 0
  }

  @inline(never)
  mutating func isRepeated<T>(_ name: String, after elements: [T], name nameOf: (T) -> String) -> Bool {
    if elements.count <= Self.pairwise { return elements.contains { nameOf($0) == name } }
    for element in elements[names.count...] { names.insert(nameOf(element)) }
    return names.contains(name)
  }
}
