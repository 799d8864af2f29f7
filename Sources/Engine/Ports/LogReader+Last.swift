import Log

extension LogReader {
  /// What `pick` makes of the last record that it takes, found from the end in steps that grow: it costs as much as there is
  /// behind that record. First waits for transactions that hide what is committed.
  func last<T>(in place: TopicPartition, _ pick: (Record) -> T?) throws(LogError) -> T? {
    try settle(place)
    let bounds = try bounds(of: place)
    var upper = bounds.upperBound
    var step: Int64 = 64
    while upper > bounds.lowerBound {
      let lower = max(bounds.lowerBound, upper - step)
      if let found = try last(in: place, lower..<upper, pick) { return found }
      upper = lower
      step *= 4
    }
    return nil
  }

  private func last<T>(
    in place: TopicPartition, _ offsets: Range<Int64>, _ pick: (Record) -> T?
  ) throws(LogError) -> T? {
    var found: T?
    var position = offsets.lowerBound
    while position < offsets.upperBound {
      let fetch = try readOverDamage(place, from: position)
      for stored in fetch.records { found = pick(stored.record) ?? found }
      guard fetch.next > position else { break }
      position = fetch.next
    }
    return found
  }
}
