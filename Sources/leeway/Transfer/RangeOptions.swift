import ArgumentParser
import Events
import Log
import Recording

/// Which records of a topic's partitions are meant.
struct RangeOptions: ParsableArguments {
  @Option(
    help: """
      From here on: start, an offset, or a time such as 2025-11-05T12:00:00Z, which is the first record at it or later \
      (default: start).
      """)
  var from: LogEdge?

  @Option(help: "Up to here and not with it: end, an offset, or a time, in the same way (default: end).")
  var to: LogEdge?

  @Option(help: "Only this partition.")
  var partition: Int?

  func validate() throws {
    try LogEdge.check(from: from, to: to)
    if let partition, partition < 0 { throw ValidationError("--partition \(partition) is negative; they start at 0.") }
  }

  /// The offsets that are meant of each of these partitions.
  ///
  /// - Parameter begun: where an earlier copy stopped, by partition: what lies before is done.
  /// - Throws: `CommandError` where some of it is gone or has not come.
  func ranges(
    of partitions: [TopicPartition], _ reader: any LogReader, begun: [TopicPartition: Int64] = [:]
  ) throws -> [(TopicPartition, Range<Int64>)] {
    try partitions.map { partition in
      let bounds = try reader.bounds(of: partition)
      let start =
        try begun[partition].map { try Self.goingOn(at: $0, partition, bounds) } ?? first(partition, bounds, reader)
      return (partition, start..<max(start, try end(partition, bounds, reader)))
    }
  }

  private static func goingOn(
    at offset: Int64, _ partition: TopicPartition, _ bounds: Range<Int64>
  ) throws(CommandError) -> Int64 {
    guard offset >= bounds.lowerBound else {
      throw CommandError(
        "retention has taken offsets \(offset) to \(bounds.lowerBound - 1), with which the copy would go on",
        at: "\(partition)",
        remedy: "--again copies what is left from its start")
    }
    guard offset <= bounds.upperBound else {
      throw CommandError(
        "ends at offset \(bounds.upperBound), before \(offset), up to which it has been copied", at: "\(partition)",
        remedy: "is this the log that was copied? --again copies it from the start")
    }
    return offset
  }

  private func first(_ partition: TopicPartition, _ bounds: Range<Int64>, _ reader: any LogReader) throws -> Int64 {
    switch from {
    case nil, .start?, .end?: return bounds.lowerBound
    case .offset(let offset)?:
      guard offset >= bounds.lowerBound else {
        throw CommandError(
          "retention has taken offsets \(offset) to \(bounds.lowerBound - 1)", at: "\(partition)",
          remedy: "--from start takes what is left")
      }
      guard offset <= bounds.upperBound else { throw Self.notThere(offset, partition, bounds) }
      return offset
    case .time(let time)?:
      try Self.check(partition, isKeptSince: time, bounds, reader)
      return try Self.first(partition, atOrAfter: time, bounds, reader)?.offset ?? bounds.upperBound
    }
  }

  /// Complains where nothing is left at all.
  /// - Throws: `CommandError` where what is left begins later: then retention may have taken some of what is meant.
  private static func check(
    _ partition: TopicPartition, isKeptSince time: Int64, _ bounds: Range<Int64>, _ reader: any LogReader
  ) throws {
    guard bounds.lowerBound > 0 else { return }
    let oldest: StoredRecord?
    do {
      // The first offset may be a transaction's mark, or a record that was given up: nobody reads those.
      oldest = try first(partition, from: bounds.lowerBound, bounds, reader) { _ in true }
    } catch let error as LogError where error.code == .damaged {
      // Damage is told of where it lies in what is meant.
      return
    }
    guard let oldest else {
      // Nobody can tell any more of what time they were.
      return Terminal.complain(
        "\(partition): nothing is left before offset \(bounds.upperBound), and some of it may have been meant")
    }
    guard oldest.record.timestamp > time else { return }
    throw CommandError(
      "retention has taken the records before \(RFC3339.format(oldest.record.timestamp))", at: "\(partition)",
      remedy: "--from start takes what is left")
  }

  private func end(_ partition: TopicPartition, _ bounds: Range<Int64>, _ reader: any LogReader) throws -> Int64 {
    switch to {
    case nil, .start?, .end?: return bounds.upperBound
    case .offset(let offset)?:
      guard offset <= bounds.upperBound else { throw Self.notThere(offset, partition, bounds) }
      return offset
    case .time(let time)?:
      return try Self.first(partition, atOrAfter: time, bounds, reader)?.offset ?? bounds.upperBound
    }
  }

  private static func notThere(_ offset: Int64, _ partition: TopicPartition, _ bounds: Range<Int64>) -> CommandError {
    CommandError(
      "ends at offset \(bounds.upperBound), before \(offset)", at: "\(partition)",
      remedy: "offsets hold for every partition that is taken: choose one with --partition, or name times")
  }

  /// The first record at a time or later; nil where there is none.
  private static func first(
    _ partition: TopicPartition, atOrAfter time: Int64, _ bounds: Range<Int64>, _ reader: any LogReader
  ) throws -> StoredRecord? {
    let position = max(try reader.offset(in: partition, atOrAfter: time), bounds.lowerBound)
    return try first(partition, from: position, bounds, reader) { $0.timestamp >= time }
  }

  private static func first(
    _ partition: TopicPartition, from offset: Int64, _ bounds: Range<Int64>, _ reader: any LogReader,
    where isMeant: (Record) -> Bool
  ) throws -> StoredRecord? {
    var position = offset
    while position < bounds.upperBound {
      let fetch = try reader.read(partition, from: position, limit: ReadLimit(records: 1_000))
      if let found = fetch.records.first(where: { isMeant($0.record) }) { return found }
      guard fetch.next > position else { return nil }
      position = fetch.next
    }
    return nil
  }
}
