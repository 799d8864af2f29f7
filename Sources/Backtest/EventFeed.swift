import Engine
import Events
import Log

/// Hands the events of recorded topics to an engine, and tells it what time tells. What comes of them never depends on how
/// many are handed over together: they are cut at panes, and every few rows.
struct EventFeed {
  /// Rows that are handed over together at most: the row of what they lead to is the first of them.
  private static let mostRows = 64
  /// By how much the slowest topic of a live run lies behind the newest event, beside what a pane needs to close.
  private static let usualLag: Milliseconds = 60_000

  private let engine: VirtualEngine
  private var clock: PaneClock
  /// What the owners of silent partitions would have said, where the recording has no watermarks.
  private var silence: Silence?
  /// Records of each topic of events that have been handed over.
  private var taken: [TopicPartition: Int64] = [:]
  /// Predictions among them.
  private(set) var rows = 0

  /// - Parameter isTold: whether watermarks are recorded.
  init(_ engine: VirtualEngine, isTold: Bool) {
    self.engine = engine
    clock = PaneClock(pane: engine.configuration.intake.pane)
    if !isTold { silence = Silence(idle: engine.configuration.intake.pane) }
    for (_, place) in places { taken[place] = 0 }
  }

  private var places: [(topic: Topic, place: TopicPartition)] {
    engine.configuration.intake.topics.flatMap { topic in
      (0..<engine.configuration.inputPartitions).map {
        (topic, TopicPartition(engine.configuration.names[topic], $0))
      }
    }
  }

  /// - Parameters:
  ///   - cut: told the row of what comes of the next events.
  ///   - note: told predictions before they are handed over, and the row of the first.
  mutating func hand(
    _ run: RecordRun, cut: (Int) -> Void, note: (ArraySlice<StoredRecord>, Int) -> Void
  ) throws {
    let isPrediction = run.topic == .predictions
    let place = TopicPartition(engine.configuration.names[run.topic], run.partition)
    var rest = run.records
    while let first = rest.first {
      let isFirst = clock.enters(first.record.timestamp)
      if isFirst { try enterPane(at: first.record.timestamp) }
      if isFirst || isPrediction && rows % Self.mostRows == 0 { cut(isPrediction ? rows : max(rows - 1, 0)) }
      let most = isPrediction ? Self.mostRows - rows % Self.mostRows : rest.count
      // The first of a pane on its own, as panes close with it.
      let piece = isFirst ? rest.prefix(1) : rest.prefix(most).prefix { $0.record.timestamp < clock.end }
      if isPrediction {
        note(piece, rows)
        rows += piece.count
      }
      let next = piece.endIndex < rest.endIndex ? rest[piece.endIndex].offset : run.next
      try engine.take(piece, of: run.topic, partition: run.partition, next: next)
      taken[place]? += Int64(piece.count)
      rest = rest[piece.endIndex...]
    }
  }

  /// Ends runs that are due, and tells of silent topics how far they have come, where the recording does not. Of one that was
  /// not written live nobody can tell which topic would have come first: there the others wait for all of it.
  private mutating func enterPane(at time: Milliseconds) throws {
    let now = max(min(max(time, Limits.earliestTime), Limits.latestTime), engine.now)
    try engine.advance(to: now)
    guard let newest = engine.newestTime,
      let told = silence?.look(at: taken, newest: newest, now: now, wall: now), told.isLive
    else { return }
    try engine.promise(passed: told.passed, by: told.silent)
  }

  /// Nothing comes any more: what watermarks say of places behind the last records holds, or, without any, everything
  /// closes.
  ///
  /// - Returns: what kept events from being judged.
  func end() throws -> PolicyOutcome.HeldUp? {
    if silence != nil {
      guard let latest = engine.latestTime, latest > .min else { return nil }
      try engine.promise(passed: PaneClock.closing(latest, engine.configuration.intake))
      return nil
    }
    for (topic, place) in places { try engine.take([], of: topic, partition: place.partition, next: .max) }
    return slowest
  }

  /// The topic that is furthest behind, where that is further than in a live run.
  private var slowest: PolicyOutcome.HeldUp? {
    guard let newest = engine.newestTime, let (place, time) = engine.slowest,
      PaneClock.closing(time.saturatingAdd(Self.usualLag), engine.configuration.intake) < newest
    else { return nil }
    return PolicyOutcome.HeldUp(topic: place.topic, partition: place.partition, since: time == .min ? nil : time)
  }
}
