import Sketches

/// The sum of a queue of summaries that merge but do not subtract.
///
/// The older part of the queue holds, for each element, the sum of it and all later ones of that part; the newer part
/// holds its elements and their sum. What leaves is dropped from the older part; when that is used up, the newer part
/// becomes the older one. Over any run, adding and removing cost at most two merges for each element added, however
/// long the queue is; the sum of all costs one more when it is asked for. (Tangwongsan, Hirzel and Schneider 2017.)
///
/// Sums of the older part replace its elements, so the queue holds one summary per element and one more.
struct TwoStacks<Element: Mergeable> {
  /// Sums from an element to the end of the older part, the oldest element's last.
  private(set) var older: [Element] = []
  private(set) var newer: [Element] = []
  /// Of `newer`; nil when that is empty.
  private(set) var newerTotal: Element?

  init() {}

  /// A queue whose `olderCount` oldest elements form the older part. Sums depend on these alone.
  init(_ elements: [Element], older olderCount: Int) {
    older = Self.sums(elements[..<olderCount])
    newer = Array(elements[olderCount...])
    newerTotal = newer.first
    for element in newer.dropFirst() { newerTotal?.merge(element) }
  }

  /// A queue that goes on from another one's parts; `newerTotal` is that of `newer`.
  init(older: [Element], newer: [Element], newerTotal: Element?) {
    self.older = older
    self.newer = newer
    self.newerTotal = newerTotal
  }

  var count: Int { older.count + newer.count }

  /// The sum of all elements; nil when there are none. At most one merge.
  var total: Element? {
    guard var total = older.last else { return newerTotal }
    if let newerTotal { total.merge(newerTotal) }
    return total
  }

  /// At most one merge.
  mutating func append(_ element: Element) {
    newer.append(element)
    if newerTotal == nil { newerTotal = element } else { newerTotal?.merge(element) }
  }

  /// Removes the oldest elements. A merge for every element that then moves to the older part; each moves once.
  mutating func removeFirst(_ count: Int) {
    let dropped = min(count, older.count)
    older.removeLast(dropped)
    guard count > dropped else { return }
    newer.removeFirst(count - dropped)
    newerTotal = newer.last
    guard newer.count > 1, let newest = newer.last else { return }
    // The newest stays, since other partitions may still add to it; in an array without spare room.
    older = Self.sums(newer.dropLast())
    newer = [newest]
  }

  /// Adds to the element at a position, 0 the oldest: two merges in the newer part, one for it and each older element
  /// in the older part.
  mutating func merge(_ element: Element, at position: Int) {
    guard position >= older.count else {
      for index in (older.count - 1 - position)..<older.count { older[index].merge(element) }
      return
    }
    newer[position - older.count].merge(element)
    newerTotal?.merge(element)
  }

  /// Puts an element before the one at a position: one merge in the newer part, one for it and each older element in
  /// the older part.
  mutating func insert(_ element: Element, at position: Int) {
    guard position < older.count else {
      newer.insert(element, at: position - older.count)
      if newerTotal == nil { newerTotal = element } else { newerTotal?.merge(element) }
      return
    }
    let place = older.count - position
    for index in place..<older.count { older[index].merge(element) }
    var sum = older[place - 1]
    sum.merge(element)
    older.insert(sum, at: place)
  }

  private static func sums(_ elements: ArraySlice<Element>) -> [Element] {
    var sums: [Element] = []
    sums.reserveCapacity(elements.count)
    for element in elements.reversed() {
      guard var sum = sums.last else {
        sums.append(element)
        continue
      }
      sum.merge(element)
      sum.trim()
      sums.append(sum)
    }
    return sums
  }
}

extension TwoStacks: Sendable where Element: Sendable {}
extension TwoStacks: Equatable where Element: Equatable {}
