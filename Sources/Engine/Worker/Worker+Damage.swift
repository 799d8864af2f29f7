import Events
import Log

extension Worker {
  /// Records that cannot be read, or that retention has taken before they were, are a dead letter, and the stream goes on
  /// behind them.
  ///
  /// - Throws: `error` where it is not about an input of a partition at work here; `historyLost` where the state cannot do
  ///   without what was deleted.
  func skip(_ error: LogError) throws {
    guard let offsets = error.offsets, let place = error.partition,
      let topic = configuration.names.topic(named: place.topic), inputs.contains(topic),
      let slot = slots[place.partition]
    else { throw error }
    // What lies below the commit was read before the damage was done.
    let committed = committedPositions[place] ?? 0
    let isDeleted = error.code == .offsetOutOfRange
    if isDeleted, offsets.lowerBound < committed {
      throw Self.lost(.historyLost, place, from: offsets.lowerBound, committed: committed, start: offsets.upperBound)
    }
    let first = offsets.contains(committed) ? committed : offsets.lowerBound
    if offsets.upperBound >= slot.replayEnds[topic] ?? .max { slot.replaying.remove(topic) }
    try lose(
      first..<offsets.upperBound, of: topic, place.partition, slot, code: isDeleted ? Self.deleted : "damaged",
      reason: isDeleted ? Self.deletion(of: offsets) : error.message)
    try consumer.seek(place, to: offsets.upperBound)
  }

  static var deleted: String { "deleted" }

  static func deletion(of offsets: Range<Int64>) -> String {
    "offsets \(offsets.lowerBound) to \(offsets.upperBound - 1) were deleted before they were read: keep the records of this "
      + "topic longer than the engine may be down or behind"
  }

  /// A dead letter in the place of records that nobody can read; the stage goes on behind them.
  func lose(
    _ offsets: Range<Int64>, of topic: Topic, _ partition: Int, _ slot: Slot, code: String, reason: String
  ) throws {
    let letter = DeadLetter(
      topic: topic.rawValue, partition: partition, offset: offsets.lowerBound, code: code, reason: reason, time: 0,
      sample: "")
    try slot.stage.damaged(letter, of: topic, next: offsets.upperBound, into: &slot.outputs)
  }
}
