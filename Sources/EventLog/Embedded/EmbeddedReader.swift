import Log

/// Reads an embedded log.
final class EmbeddedReader: LogReader {
  private let store: Store
  private let watch: Watch

  init(_ store: Store) {
    self.store = store
    watch = Watch(store)
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    try store.bounds(of: partition)
  }

  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64 {
    try store.offset(in: partition, atOrAfter: time)
  }

  func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) throws(LogError) -> Fetch {
    try store.fetch(partition, from: offset, limit: limit).fetch
  }

  func wait(for positions: [TopicPartition: Int64], milliseconds: Int) throws(LogError) -> Bool {
    try watch.wait(for: positions.map { ($0.key, $0.value) }, milliseconds: milliseconds)
  }

  func committed(group: String) throws(LogError) -> [TopicPartition: Int64] {
    try store.use { () throws(LogError) -> [TopicPartition: Int64] in try store.committed(group: group) }
  }

  func close() { store.close() }
}

/// Waits for records: looks, sleeps until the bell or a short while, and looks again.
final class Watch {
  private let store: Store
  private let listener: BellListener

  init(_ store: Store) {
    self.store = store
    listener = BellListener(store.files)
  }

  func wait(for positions: [(TopicPartition, Int64)], milliseconds: Int) throws(LogError) -> Bool {
    let deadline = SystemCalls.steadyMilliseconds() + Int64(max(0, min(milliseconds, Int(Int32.max))))
    var places: [(Place, Int64)] = []
    for (partition, offset) in positions { places.append((try store.place(of: partition), max(0, offset))) }
    while true {
      listener.clear()
      if try hasAny(places) { return true }
      let left = deadline - SystemCalls.steadyMilliseconds()
      guard left > 0 else { return false }
      listener.nap(milliseconds: Int(left))
    }
  }

  private func hasAny(_ places: [(Place, Int64)]) throws(LogError) -> Bool {
    try store.use { () throws(LogError) -> Bool in
      for (place, offset) in places where try store.hasRow(place, from: offset) { return true }
      return false
    }
  }
}
