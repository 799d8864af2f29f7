import Log

extension LogReader {
  /// Hands out the records of a partition in order, from `offset` (or its first) up to the end that it has by then.
  /// - Returns: the offset behind the last one.
  @discardableResult
  func each(of place: TopicPartition, from offset: Int64? = nil, _ body: (StoredRecord) throws -> Void) throws -> Int64
  {
    var position = if let offset { offset } else { try bounds(of: place).lowerBound }
    while true {
      let fetch = try read(place, from: position, limit: ReadLimit())
      for stored in fetch.records { try body(stored) }
      position = fetch.next
      if position >= fetch.end { return position }
    }
  }

  /// The same of every partition of a topic, one after the other. None where the log has no such topic.
  func each(in topic: String, of log: any Log, _ body: (TopicPartition, StoredRecord) throws -> Void) throws {
    for partition in 0..<(try log.spec(of: topic)?.partitions ?? 0) {
      let place = TopicPartition(topic, partition)
      try each(of: place) { try body(place, $0) }
    }
  }
}
