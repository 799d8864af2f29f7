extension RandomAccessCollection where Index == Int {
  /// Index of the first element that `holds`, in a collection where it holds for a tail; `endIndex` where it holds for
  /// none. As many calls as the count has binary digits.
  @inlinable
  package func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
