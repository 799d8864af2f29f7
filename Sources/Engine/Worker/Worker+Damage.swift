import Events
import Log

extension Worker {
  /// A batch that cannot be read is a dead letter, and the stream goes on behind it.
  ///
  /// - Throws: `error` where it is not about an input of a partition at work here.
  func skip(_ error: LogError) throws {
    guard let offsets = error.offsets, let place = error.partition,
      let topic = configuration.names.topic(named: place.topic), inputs.contains(topic),
      let slot = slots[place.partition]
    else { throw error }
    // What lies below the commit was read before the damage was done.
    let committed = committedPositions[place] ?? 0
    let first = offsets.contains(committed) ? committed : offsets.lowerBound
    if offsets.upperBound >= slot.replayEnds[topic] ?? .max { slot.replaying.remove(topic) }
    try lose(
      first..<offsets.upperBound, of: topic, place.partition, slot, code: "damaged", reason: error.message)
    try consumer.seek(place, to: offsets.upperBound)
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
