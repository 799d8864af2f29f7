import Backtest
import Drift
import Engine
import Events
import Log
import TestSupport
import Testing

@Suite("Recordings taken as they are")
struct AsRecordedTests {
  private static func outcome(
    of recording: HeldRecording, _ depth: BacktestSettings.Depth = .monitor, most: Int? = nil,
    observe: OutputObserver? = nil
  ) throws -> PolicyOutcome {
    var settings = BacktestSettings(model: Stream.model, historyRows: 0)
    settings.depth = depth
    var configuration = Stream.configuration { model in
      model.monitor.triggers.volume = nil
      model.monitor.window = 600_000
    }
    if let most { configuration.intake.maximumOpen = most }
    configuration.inputPartitions = recording.partitions
    return try Backtest(asRecorded: recording, settings: settings).outcome(
      of: Policy(name: "watch", configuration: configuration), observe: observe)
  }

  private static let rows = 4_000
  private static let change = 3_000
  /// Even from 0 to 1, and then in the upper half.
  private static let values: [Double] = {
    var chance = SplitMix64(seed: 1)
    return (0..<rows).map { row in row < change ? chance.uniform() : 0.5 + chance.uniform() / 2 }
  }()

  /// - Parameters:
  ///   - place: the partition of a row; nil where it is not recorded.
  ///   - label: the partition of its label.
  private static func recording(
    partitions: Int = 1, rows: Int = rows, place: (Int) -> Int? = { _ in 0 }, label: (Int) -> Int? = { _ in nil },
    at time: (Int) -> Milliseconds = { Milliseconds($0) * 1_000 }
  ) -> HeldRecording {
    var recording = HeldRecording(partitions: partitions)
    recording.appendVersion()
    for row in 0..<rows {
      if let place = place(row) { recording.appendPrediction(row, place, x: values[row], at: time(row)) }
      if let label = label(row) { recording.appendLabel(row, label, delay: 30) }
    }
    return recording
  }

  /// The topic of labels says nothing of how far it has come where there are none: nothing may wait for it.
  @Test("Without labels and watermarks drift is found all the same, however the file was cut")
  func unlabelled() throws {
    #expect(try Self.outcome(of: Self.recording(rows: Self.change)).journal.triggers.isEmpty)
    var recording = Self.recording()
    let outcome = try Self.outcome(of: recording)
    #expect(outcome.rows == Self.rows && outcome.journal.deadLetters == 0)
    let found = outcome.journal.triggers
    #expect(found.first.map { $0.rule == "drift" && (3_000..<3_600).contains($0.row) } == true)
    for cut in [1, 7, 4_000] {
      recording.cut = cut
      #expect(try Self.outcome(of: recording).journal.triggers == found)
    }
    // What waits for its label is let go early, and triggers do not depend on it.
    #expect(try Self.outcome(of: recording, most: 10).journal.triggers.map(\.row) == found.map(\.row))
  }

  struct Gap: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The partitions of a row and of its label.
    let place: @Sendable (Int) -> Int?
    var label: @Sendable (Int) -> Int? = { _ in nil }
  }

  @Test(
    "A partition of which nothing is recorded, or nothing further, holds nothing up",
    arguments: [
      Gap(testDescription: "one partition alone", place: { _ in 0 }),
      Gap(testDescription: "labels of one partition", place: { $0 % 2 }, label: { $0 % 2 == 0 ? 0 : nil }),
      Gap(testDescription: "one stops", place: { $0 < 900 ? $0 % 2 : 0 }, label: { $0 < 900 ? $0 % 2 : 0 }),
      Gap(testDescription: "labels stop", place: { $0 % 2 }, label: { $0 < 900 ? $0 % 2 : nil }),
      Gap(testDescription: "none is missing", place: { $0 % 2 }, label: { $0 % 2 }),
    ])
  func gaps(gap: Gap) throws {
    var recording = Self.recording(partitions: 2, place: gap.place, label: gap.label)
    let whole = Self.recording(label: { _ in 0 })
    let (outcome, expected) = (try Self.outcome(of: recording), try Self.outcome(of: whole))
    func told(_ outcome: PolicyOutcome) -> [String] { outcome.journal.triggers.map { "\($0.time) \($0.rule)" } }
    #expect(told(outcome) == told(expected) && outcome.journal.deadLetters == 0 && outcome.heldUp == nil)
    let (row, latest) = (try #require(outcome.journal.triggers.first?.row), expected.journal.triggers[0].row + 100)
    #expect((Self.change..<latest).contains(row))
    recording.cut = 13
    #expect(try Self.outcome(of: recording).journal.triggers == outcome.journal.triggers)
  }

  @Test("Events that were written long after their time, all at once, are late for nothing")
  func backfilled() throws {
    let recording = Self.recording(at: { 1_000_000_000_000 + Milliseconds($0) })
    let (outcome, expected) = (try Self.outcome(of: recording), try Self.outcome(of: Self.recording()))
    #expect(outcome.journal.deadLetters == 0)
    #expect(outcome.journal.triggers.map(\.time) == expected.journal.triggers.map(\.time))
    for (found, known) in zip(outcome.journal.triggers, expected.journal.triggers) {
      #expect(abs(found.row - known.row) <= 64)
    }
  }

  /// Nobody can tell from timestamps which of them would have come first: all is taken by event time.
  @Test("Labels that were written topic by topic long afterwards, or come when predictions have ended, are all joined")
  func lateTopics() throws {
    let backfill: Milliseconds = 1_000_000_000_000
    var backfilled = HeldRecording(partitions: 1)
    backfilled.appendVersion()
    for row in 0..<1_000 {
      backfilled.appendPrediction(row, x: Self.values[row], at: backfill + Milliseconds(row) * 100)
      backfilled.appendLabel(row, delay: 30, at: backfill + 200_000 + Milliseconds(row) * 100)
    }
    var delayed = HeldRecording(partitions: 1)
    delayed.appendVersion()
    for row in 0..<90 {
      delayed.appendPrediction(row, x: Self.values[row])
      delayed.appendLabel(row, delay: 95)
    }
    for (recording, rows) in [(backfilled, 1_000), (delayed, 90)] {
      var examples = 0
      let outcome = try Self.outcome(of: recording, .whole) { topic, record, _ in
        guard topic == .examples, let value = record.value else { return }
        if case .example = try ExampleRecord.decode(value) { examples += 1 }
      }
      #expect(examples == rows && outcome.journal.deadLetters == 0)
    }
  }

  @Test("Where watermarks are recorded, the topic is named that everything waits for")
  func heldUp() throws {
    var recording = Self.recording(partitions: 2)
    for minute in 1..<(Self.rows / 60) {
      let offsets = [TopicOffset(topic: "labels", offset: 0)]
      let watermark = Watermark(partition: 0, time: Milliseconds(minute) * 60_000, offsets: offsets)
      recording.append(.watermarks, watermark.encoded(), at: watermark.time)
    }
    let outcome = try Self.outcome(of: recording)
    #expect(outcome.journal.triggers.isEmpty)
    #expect(outcome.heldUp.map { $0.partition == 1 && $0.since == nil } == true)
    #expect(outcome.heldUp.map { "\($0)".contains("/1, of which neither records nor watermarks") } == true)
  }

  /// As on Kafka, where the marks of transactions take offsets of their own.
  @Test("A watermark of a place behind the last record holds when nothing comes any more")
  func lastWatermark() throws {
    func recording(_ offset: Int64) -> HeldRecording {
      var recording = Self.recording()
      let end = Milliseconds(Self.rows) * 1_000
      for time in stride(from: 60_000, through: end, by: 60_000) {
        let labels = TopicOffset(topic: "labels", offset: offset)
        recording.append(
          .watermarks, Watermark(partition: 0, time: time, offsets: [labels]).encoded(), at: time)
      }
      return recording
    }
    let (early, late) = (try Self.outcome(of: recording(0)), try Self.outcome(of: recording(1)))
    #expect(early.heldUp == nil && !early.journal.triggers.isEmpty)
    #expect(late.journal.triggers.map(\.time) == early.journal.triggers.map(\.time))
    #expect(late.heldUp == nil)
  }

  @Test("The rows of what summaries lead to do not depend on how they were cut")
  func summaries() throws {
    var made = HeldRecording(partitions: 1)
    let whole = try Self.outcome(of: Self.recording()) { topic, record, _ in
      if topic == .summaries, let value = record.value { made.append(topic, Array(value), at: record.timestamp) }
    }
    let found = try [1, 3, 64, 100_000].map { cut in
      made.cut = cut
      return try Self.outcome(of: made, .summaries).journal.triggers
    }
    #expect(!found[0].isEmpty && found.allSatisfy { $0 == found[0] })
    #expect(found[0].map(\.time) == whole.journal.triggers.map(\.time))
    for (summarized, known) in zip(found[0], whole.journal.triggers) { #expect(abs(summarized.row - known.row) <= 64) }
  }

  @Test("Counts beyond all rows, and runs longer than all time, are taken for what they are")
  func hostile() throws {
    var recording = HeldRecording(partitions: 1)
    for tick in 1...4 as ClosedRange<Int64> {
      let counts = [ModelCounts(model: Stream.model, predictions: 1 << 62)]
      let progress = Progress(partition: 0, tick: tick * 20_000, resolved: 0, nextSeq: 0, counts: counts)
      recording.append(.summaries, SummaryRecord.progress(progress).encoded(), at: progress.tick)
    }
    #expect(try Self.outcome(of: recording, .summaries).rows == .max)
    var reports: [RunFinished] = []
    let events = EventList(Stream.events(rows: 400))
    _ = try Backtest(recording: events, settings: BacktestSettings(model: Stream.model, historyRows: 100))
      .outcome(of: Stream.policy) { topic, record, _ in
        guard topic == .runs, let value = record.value else { return }
        if case .finished(let report) = try RunRecord.decode(value) { reports.append(report) }
      }
    var report = try #require(reports.first { $0.result != nil })
    for seconds in [0, 1e9, 1e10, 1e16, 1e300] {
      report.seconds = seconds
      var recording = HeldRecording(partitions: 1)
      recording.append(.runs, RunRecord.finished(report).encoded(), at: 1)
      #expect(try (RecordedRunTimes(recording) == nil) == (seconds > 1e9))
    }
  }

  @Test("A request in a partition that the configuration does not have is an error with a remedy")
  func strayRequest() throws {
    var recording = Self.recording(rows: 10)
    let rows = RowSet(before: 5_000, partitions: [PartitionRows(partition: 0, first: 0, end: 1)])
    let request = TriggerRequest(model: Stream.model, name: "now", reason: nil, rows: rows)
    recording.append(.triggers, request.trigger.encoded(), in: 3, at: 5_000)
    #expect { try Self.outcome(of: recording, .whole) } throws: { "\($0)".contains("topics.model_partitions") }
  }
}
