/// Elements in order, in blocks of equal length: growing moves nothing and leaves less than a block unused, and a block is
/// given back once its last element has gone from the front.
struct Blocks<Element> {
  private static var length: Int { 1 << 12 }

  private var blocks: [[Element]] = []
  /// How many have gone from the first block.
  private var head = 0
  private(set) var count = 0

  var first: Element? { count == 0 ? nil : self[0] }
  var last: Element? { count == 0 ? nil : self[count - 1] }

  /// - Parameter place: counted from the first. Stays the same until one goes from the front.
  @inline(__always)
  subscript(place: Int) -> Element {
    _read { yield blocks[(head + place) / Self.length][(head + place) % Self.length] }
    _modify { yield &blocks[(head + place) / Self.length][(head + place) % Self.length] }
  }

  @inline(__always)
  mutating func append(_ element: consuming Element) {
    if (head + count) % Self.length == 0 { beginBlock() }
    blocks[blocks.count - 1].append(element)
    count += 1
  }

  @inline(never)
  private mutating func beginBlock() {
    blocks.append([])
    blocks[blocks.count - 1].reserveCapacity(Self.length)
  }

  /// There must be one.
  @inline(__always)
  mutating func removeFirst() {
    head += 1
    count -= 1
    guard head == Self.length else { return }
    blocks.removeFirst()
    head = 0
  }
}
