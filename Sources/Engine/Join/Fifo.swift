/// First in, first out, in an array whose front is used anew where it would have to grow: O(1) amortised at either end.
struct Fifo<Element> {
  private var elements: [Element]
  private var head = 0

  init(_ elements: [Element] = []) { self.elements = elements }

  var isEmpty: Bool { head == elements.count }
  var count: Int { elements.count - head }
  var first: Element? { isEmpty ? nil : elements[head] }
  var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

  /// - Parameter place: counted from the first.
  subscript(place: Int) -> Element { elements[head + place] }

  @inline(__always)
  func prefix(_ count: Int) -> ArraySlice<Element> { elements[head..<head + count] }

  /// The first elements where they stand; no reference to them is counted, as that costs more than reading them.
  @inline(__always)
  func withPrefix<Result>(_ count: Int, _ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
    elements.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[head..<head + count])) }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    makeRoom(1)
    elements.append(element)
  }

  @inline(__always)
  mutating func append(contentsOf more: UnsafeBufferPointer<Element>) {
    makeRoom(more.count)
    elements.append(contentsOf: more)
  }

  /// What has gone is given back where it is at least as much as what is left, which has to move for it.
  @inline(__always)
  private mutating func makeRoom(_ more: Int) {
    if elements.count + more > elements.capacity, head >= count { giveBack() }
  }

  @inline(never)
  private mutating func giveBack() {
    elements.removeFirst(head)
    head = 0
  }

  mutating func insert(_ element: Element, at place: Int) { elements.insert(element, at: head + place) }

  mutating func remove(at place: Int) { elements.remove(at: head + place) }

  @inline(__always)
  mutating func removeFirst(_ count: Int = 1) {
    head += count
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    }
  }

  mutating func popFirst() -> Element? {
    guard let element = first else { return nil }
    removeFirst()
    return element
  }
}
