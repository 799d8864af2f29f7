public import Events
public import Log

// Watermarks by the shell's clock.

extension Worker where S == JoinStage {
  /// The newest event time that any partition has read; nil before the first.
  public var newestTime: Milliseconds? {
    slots.values.map { $0.stage.newestTime }.max().flatMap { $0 == .min ? nil : $0 }
  }

  /// The topics of events that have been read to the end that the log has now, with that offset. One in which records wait
  /// for the end of a transaction is not: when it ends, they come.
  public func readToEnd() throws -> [TopicPartition: Int64] {
    var reads: [TopicPartition: Int64] = [:]
    for (partition, slot) in slots {
      for (topic, offset) in slot.stage.reads { reads[TopicPartition(configuration.names[topic], partition)] = offset }
    }
    let ends = try reader.ends(of: reads.keys.sorted())
    return reads.filter { ends[$0.key]?.last == $0.value }
  }

  /// Says in `watermarks` of each silent topic that it has passed `time` at the place where it has been read to. The
  /// records are committed at once and read back before anything else: a later worker reads them first, too.
  ///
  /// - Parameter silent: those of which nothing is to be expected before `time`; nil for all that have been read to the end.
  /// - Returns: whether there was anything to say.
  public func promise(passed time: Milliseconds, by silent: Set<TopicPartition>? = nil) throws -> Bool {
    try failing { try write(passed: time, by: silent ?? Set(readToEnd().keys)) }
  }

  private func write(passed time: Milliseconds, by silent: Set<TopicPartition>) throws -> Bool {
    var watermarks: [AppendBatch] = []
    for (partition, slot) in slots.sorted(by: { $0.key < $1.key }) {
      let topics = slot.stage.inputs.filter { topic in
        silent.contains(TopicPartition(configuration.names[topic], partition))
      }
      guard let watermark = slot.stage.watermark(at: time, silent: Set(topics)) else { continue }
      let event = CloudEvent(id: "\(partition)-\(time)", source: "leeway/clock", kind: "watermark", time: time)
      let place = TopicPartition(configuration.names[.watermarks], partition)
      let value = watermark.encoded()
      watermarks.append(AppendBatch(place, [event.record(value, key: nil)]))
      awaited[partition] = value
    }
    guard !watermarks.isEmpty else { return false }
    try consumer.send(watermarks)
    sent += watermarks.count
    try commit()
    return true
  }
}
