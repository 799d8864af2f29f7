import Bytes
import Drift
import Events
import Log
import Models
import TestSupport
import Testing

@testable import Engine

/// Monitor over made-up summaries: when it acts, what it says, and that it says the same however they lie in the topic.
struct MonitorStageTests {
  /// A quiet policy; each test switches on what it is about.
  static func configuration(sources: Int = 1, _ change: (inout TriggerConfiguration) -> Void = { _ in })
    -> EngineConfiguration
  {
    var triggers = TriggerConfiguration(
      onDrift: false, onPerformance: false, volume: nil, schedule: nil, freshness: nil, cooldown: 100, driftSpacing: 30)
    change(&triggers)
    var monitor = MonitorConfiguration(
      window: 40, drift: DriftConfiguration(minimumRows: 100, minimumReferenceRows: 100),
      performance: PerformanceConfiguration(windowLength: 40, minimumRows: 100))
    monitor.triggers = triggers
    return EngineConfiguration(
      inputPartitions: sources, models: [ModelConfiguration(name: "m", task: .binary, monitor: monitor)])
  }

  static func run(_ sources: [SourceSummaries], _ configuration: EngineConfiguration, seed: UInt64 = 1) throws
    -> StageHarness<MonitorStage>
  {
    var random = SplitMix64(seed: seed)
    let records = interleaved(sources.map(\.records), using: &random)
    var harness = StageHarness(
      MonitorStage(partition: 0, configuration: configuration), inputs: [.summaries: records])
    try harness.finish(using: &random)
    return harness
  }

  static func state(of harness: StageHarness<MonitorStage>) -> [UInt8] {
    var writer = ByteWriter()
    harness.stage.encodeState(into: &writer)
    return writer.bytes
  }

  /// One source; at each tick 100 rows as the closure changes them.
  static func triggers(
    ticks: Int, _ configuration: EngineConfiguration, _ tick: (inout SourceSummaries, Milliseconds) -> Void
  ) throws -> [Trigger] {
    var source = SourceSummaries(0)
    for number in 1...ticks { tick(&source, Milliseconds(10 * number)) }
    let harness = try run([source], configuration)
    #expect(harness.written[TopicPartition("deadletters", 0)] == nil)
    return try harness.read(.triggers, as: Trigger.self)
  }

  // MARK: When it acts

  @Test(arguments: 0..<25 as Range<UInt64>) func interleavingNeverShows(seed: UInt64) throws {
    let configuration = Self.configuration(sources: 3) {
      ($0.onDrift, $0.onPerformance, $0.volume) = (true, true, 900)
    }
    var random = SplitMix64(seed: 7)
    var sources = (0..<3).map(SourceSummaries.init)
    for tick in stride(from: Milliseconds(10), through: 400, by: 10) {
      for source in sources.indices where Int.random(in: 0..<4, using: &random) > 0 || tick > 380 {
        sources[source].tick(
          tick, rows: .random(in: 0...60, using: &random), version: tick > 250 ? 2 : 1, drifted: tick > 150,
          loss: .random(in: 0...0.1, using: &random) + (tick > 180 ? 0.9 : 0.3), published: tick > 250 ? 250 : 0)
      }
    }
    let expected = try Self.run(sources, configuration, seed: 1_000)
    #expect(expected.written[TopicPartition("drift", 0)]?.isEmpty == false)
    #expect(Set(try expected.read(.triggers, as: Trigger.self).map(\.rule)).count >= 2)
    let other = try Self.run(sources, configuration, seed: seed)
    #expect(other.written == expected.written)
    #expect(Self.state(of: other) == Self.state(of: expected))
  }

  @Test func aPaneWaitsForEverySource() throws {
    let configuration = Self.configuration(sources: 3)
    var sources = (0..<3).map(SourceSummaries.init)
    for source in sources.indices { sources[source].tick(10, rows: 100) }
    let records = sources.flatMap(\.records).enumerated().map { stored($0, $1.encoded(), at: 0) }
    var harness = StageHarness(MonitorStage(partition: 0, configuration: configuration), inputs: [.summaries: records])
    for _ in 0..<(records.count - 1) {
      try harness.poll(.summaries, 1)
      #expect(harness.written.isEmpty, "one source has not passed the tick")
    }
    try harness.poll(.summaries, 1)
    let reports = try harness.read(.drift, as: DriftRecord.self)
    #expect(reports.map(\.rows) == [300] && reports.map(\.windowStart) == [0] && reports.map(\.windowEnd) == [10])
  }

  @Test func anIdleSourceIsPassedByItsProgress() throws {
    var (busy, idle) = (SourceSummaries(0), SourceSummaries(1))
    for tick in stride(from: Milliseconds(10), through: 50, by: 10) { busy.tick(tick, rows: 100) }
    idle.tick(30, rows: 0)
    let reports = try Self.run([busy, idle], Self.configuration(sources: 2)).read(.drift, as: DriftRecord.self)
    #expect(reports.map(\.windowEnd) == [10, 20, 30], "beyond 30 the idle source has promised nothing")
  }

  @Test(arguments: 0..<12) func aRestartGoesOn(stop: Int) throws {
    let configuration = Self.configuration(sources: 2) { ($0.onDrift, $0.volume) = (true, 500) }
    var sources = (0..<2).map(SourceSummaries.init)
    for tick in stride(from: Milliseconds(10), through: 200, by: 10) {
      for source in sources.indices { sources[source].tick(tick, rows: 40, drifted: tick > 90) }
    }
    var random = SplitMix64(seed: 3)
    let records = interleaved(sources.map(\.records), using: &random)
    func harness() -> StageHarness<MonitorStage> {
      StageHarness(MonitorStage(partition: 0, configuration: configuration), inputs: [.summaries: records])
    }
    var whole = harness()
    try whole.finish()
    var cut = harness()
    try cut.poll(.summaries, stop * records.count / 12)
    try cut.restart(MonitorStage(partition: 0, configuration: configuration))
    try cut.finish()
    #expect(cut.written == whole.written && whole.written[TopicPartition("triggers", 0)] != nil)
  }

  @Test func badSummariesAreDeadLetters() throws {
    var source = SourceSummaries(0)
    source.tick(10, rows: 100)
    var strange = SourceSummaries(9)
    strange.tick(10, rows: 100)
    let unknown = PaneSummary(
      model: "m", version: 7, partition: 0, tick: 20, start: 10, end: 20, rows: 1, columns: [])
    source.append(.pane(unknown))
    source.tick(20, rows: 100)
    let good = source.records.map { $0.encoded() }
    let values: [[UInt8]?] = [nil, Array("x".utf8), strange.records[0].encoded()] + good
    var harness = StageHarness(
      MonitorStage(partition: 0, configuration: Self.configuration()),
      inputs: [.summaries: values.enumerated().map { stored($0, $1, at: 0) }])
    try harness.finish()
    let letters = try harness.read(.deadletters, as: DeadLetter.self)
    #expect(letters.map(\.code) == ["null_value", "not_json", "bad_summary", "bad_summary"])
    #expect(letters.map(\.offset) == [0, 1, 2, 6])
    #expect(try harness.read(.drift, as: DriftRecord.self).map(\.rows) == [100, 200])
  }

  /// Counts at the edge of what a record can say end in dead letters; no sum of them may overflow.
  @Test(arguments: [Int.max, Int.max - 1, 1 << 41]) func hugeCountsAreDeadLetters(count: Int) throws {
    var source = SourceSummaries(0)
    source.tick(10, rows: 100)
    for start in [10, 20] as [Milliseconds] {
      let column = ColumnSummary(name: "x", count: 0, missing: 0, invalid: 0, bins: References.split(0, 5))
      let other = ColumnSummary(name: "c", count: 0, missing: 0, invalid: 0, bins: References.split(0, 3) + [0])
      let scores = ColumnSummary(name: "(prediction)", count: 0, missing: 0, invalid: 0, bins: References.split(0, 4))
      var overfull = column
      overfull.moments = MomentsRecord(count: count, mean: 0, m2: 1, min: -1, max: 1)
      for (rows, x) in [(count, column), (5, overfull)] {
        source.append(
          .pane(
            PaneSummary(
              model: "m", version: 1, partition: 0, tick: start + 10, start: start, end: start + 10, rows: rows,
              columns: [x, other], prediction: scores)))
      }
      let loss = MomentsRecord(count: count, mean: 0.3, m2: 1, min: 0, max: 1)
      source.append(
        .judged(
          JudgedSummary(
            model: "m", version: 1, partition: 0, tick: start + 10, start: start, end: start + 10, rows: 5, loss: loss,
            error: loss, label: loss)))
      source.tick(start + 10, rows: 0)
    }
    source.tick(40, rows: 100)
    let harness = try Self.run([source], Self.configuration())
    #expect(try harness.read(.deadletters, as: DeadLetter.self).count == 6)
    #expect(try harness.read(.drift, as: DriftRecord.self).last?.windowEnd == 40)
  }

  // MARK: What it asks for

  @Test func drift() throws {
    let triggers = try Self.triggers(ticks: 20, Self.configuration { $0.onDrift = true }) { source, tick in
      source.tick(tick, rows: 100, drifted: tick > 100)
    }
    // The alarm comes with the first drifted pane and again when the cooldown of 100 has passed: same cause.
    #expect(triggers.map(\.rule) == ["drift"])
    let trigger = try #require(triggers.first)
    #expect(trigger.column == "x" && trigger.version == 1 && trigger.attempt == 1)
    #expect((trigger.value ?? 0) > (trigger.threshold ?? .infinity))
    #expect(trigger.drift?.findings.contains { $0.column == "x" && $0.verdict == "drift" } == true)
    #expect(trigger.drift?.windowEnd == trigger.time)
  }

  @Test func cooldownRaisesTheSameCauseAgain() throws {
    let triggers = try Self.triggers(ticks: 45, Self.configuration { $0.onDrift = true }) { source, tick in
      source.tick(tick, rows: 100, drifted: tick > 100)
    }
    #expect(triggers.map(\.attempt) == [1, 2, 3, 4])
    #expect(Set(triggers.map(\.cause)).count == 1 && Set(triggers.map(\.id)).count == 4)
    for (one, next) in zip(triggers, triggers.dropFirst()) {
      // After the cooldown evidence is found anew.
      #expect((100...120).contains(next.time - one.time))
    }
  }

  @Test func aNewVersionEndsTheAlarm() throws {
    let triggers = try Self.triggers(ticks: 45, Self.configuration { $0.onDrift = true }) { source, tick in
      source.tick(
        tick, rows: 100, version: tick > 150 ? 2 : 1, drifted: (101...150).contains(tick),
        published: tick > 150 ? 150 : 0)
    }
    #expect(triggers.map(\.attempt) == [1])
  }

  /// After a rollback the older version is watched again, once the newer one's rows lie a window behind.
  @Test func anOlderVersionThatServesAgainIsWatched() throws {
    let triggers = try Self.triggers(ticks: 40, Self.configuration { $0.onDrift = true }) { source, tick in
      source.tick(
        tick, rows: 100, version: (101...150).contains(tick) ? 2 : 1, drifted: tick > 250,
        published: (101...150).contains(tick) ? 100 : 0)
    }
    #expect(triggers.map(\.version) == [1, 1] && triggers.map(\.attempt) == [1, 2], "\(triggers)")
    #expect((260...300).contains(triggers.first?.time ?? 0))
  }

  @Test func performance() throws {
    let triggers = try Self.triggers(ticks: 15, Self.configuration { $0.onPerformance = true }) { source, tick in
      source.tick(tick, rows: 100, loss: tick > 100 ? 0.9 : 0.3)
    }
    #expect(triggers.map(\.rule) == ["performance"])
    let trigger = try #require(triggers.first)
    #expect((110...150).contains(trigger.time) && ["log_loss", "error"].contains(trigger.statistic))
    #expect((trigger.value ?? 0) > (trigger.threshold ?? .infinity))
    #expect(trigger.drift?.performance.contains { $0.degraded } == true)
  }

  @Test func volume() throws {
    let triggers = try Self.triggers(ticks: 20, Self.configuration { $0.volume = 400 }) { source, tick in
      source.tick(tick, rows: 100)
    }
    // The first tick's 100 labels are where the count starts.
    #expect(triggers.map(\.time) == [50, 90, 130, 170] && triggers.allSatisfy { $0.value == 400 })
    #expect(triggers.allSatisfy { $0.rule == "volume" && $0.statistic == "labels" && $0.threshold == 400 })
    #expect(triggers.allSatisfy { $0.drift == nil } && Set(triggers.map(\.cause)).count == 4)
  }

  @Test func schedule() throws {
    let triggers = try Self.triggers(ticks: 20, Self.configuration { $0.schedule = 60 }) { source, tick in
      source.tick(tick, rows: 1, loss: nil)
    }
    #expect(triggers.map(\.rule) == ["schedule", "schedule", "schedule"])
    #expect(triggers.map(\.time) == [70, 130, 190] && triggers.allSatisfy { $0.value == 60 })
  }

  @Test func freshness() throws {
    let triggers = try Self.triggers(ticks: 20, Self.configuration { $0.freshness = 80 }) { source, tick in
      source.tick(tick, rows: 1, version: tick > 100 ? 2 : 1, loss: nil, published: tick > 100 ? 100 : 0)
    }
    #expect(triggers.map(\.rule) == ["freshness", "freshness"])
    #expect(triggers.map(\.time) == [80, 180] && triggers.map(\.version) == [1, 2])
  }

  @Test func allAtOnceIsOneTrigger() throws {
    let everything = Self.configuration {
      ($0.onDrift, $0.onPerformance, $0.volume, $0.schedule, $0.freshness) = (true, true, 100, 10, 10)
    }
    let triggers = try Self.triggers(ticks: 30, everything) { source, tick in
      source.tick(tick, rows: 100, drifted: tick > 100, loss: tick > 100 ? 0.9 : 0.3)
    }
    #expect(Set(triggers.map(\.time)).count == triggers.count, "never two at one tick")
    #expect(Set(triggers.map(\.id)).count == triggers.count)
    #expect(Set(triggers.map(\.rule)).isSuperset(of: ["drift", "freshness"]))
  }

  @Test func reportsAndTriggersNameTheirRows() throws {
    var sources = [SourceSummaries(0), SourceSummaries(1)]
    for tick in stride(from: Milliseconds(10), through: 90, by: 10) {
      sources[0].tick(tick, rows: 30)
      sources[1].tick(tick, rows: 20)
    }
    let harness = try Self.run(sources, Self.configuration(sources: 2) { $0.volume = 100 })
    let triggers = try harness.read(.triggers, as: Trigger.self)
    #expect(triggers.map(\.time) == [30, 50, 70, 90])
    for (trigger, before) in zip(triggers, [nil] + triggers.dropLast().map(Optional.some)) {
      #expect(trigger.rows.before == trigger.time - 10, "what is resolved in every source")
      // All numbers given so far, from those that no earlier trigger can have named completely.
      let ticks = trigger.time / 10
      #expect(trigger.rows.partitions.map(\.end) == [30 * ticks, 20 * ticks])
      let settled = before.map { ($0.time - 10) / 10 } ?? 0
      #expect(trigger.rows.partitions.map(\.first) == [30 * settled, 20 * settled])
    }
    #expect(try harness.read(.drift, as: DriftRecord.self).allSatisfy { $0.model == "m" && $0.version == 1 })
  }
}
