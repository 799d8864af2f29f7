import Backtest
import Drift
import Engine
import EventLog
import Events
import Log
import Sketches
import TestSupport
import Testing

/// Predictions of one version, and nothing else but what it was made of.
private struct Unlabelled: TopicRecording {
  private static let reference: [Double] = (0..<1_000).map { Double($0) / 1_000 }
  let values: [Double]
  /// Records that are handed over together.
  let cut: Int

  var partitions: Int { 1 }

  func count(of topic: Topic) -> Int {
    switch topic {
    case .models: 1
    case .predictions: values.count
    default: 0
    }
  }

  func read(_ topics: Set<Topic>, _ take: (RecordRun) throws -> Void) throws {
    if topics.contains(.models) {
      let binning = NumericBinning.build(sortedReference: Self.reference)
      let column = ColumnReferenceRecord(
        name: "x", edges: binning.edges, counts: binning.counts(of: Self.reference.span), missing: 0)
      let version = ModelRecord(
        model: Stream.model, version: 1, status: .champion, reason: "first", time: 0, family: "mixture", task: "binary",
        configuration: "", code: "", seed: 1,
        reference: ReferenceRecord(rows: Self.reference.count, provisional: false, columns: [column]))
      let record = StoredRecord(offset: 0, record: Record(timestamp: 0, value: version.encoded()[...]))
      try take(RecordRun(.models, 0, [record], next: 1))
    }
    guard topics.contains(.predictions) else { return }
    for start in stride(from: 0, to: values.count, by: cut) {
      let rows = start..<min(start + cut, values.count)
      let records = rows.map { row in
        StoredRecord(offset: Int64(row), record: Record(timestamp: time(row), value: event(row).encoded()[...]))
      }
      try take(RecordRun(.predictions, 0, records[...], next: Int64(rows.upperBound)))
    }
  }

  private func time(_ row: Int) -> Milliseconds { Milliseconds(row) * 1_000 }

  private func event(_ row: Int) -> Prediction {
    Prediction(
      id: "r\(row)", model: Stream.model, version: 1, time: time(row),
      features: [Feature(name: "x", value: .number(values[row]))], score: .number(0.5))
  }
}

@Suite("Recordings taken as they are")
struct AsRecordedTests {
  private static func triggers(_ values: [Double], cut: Int, most: Int? = nil) throws -> [PolicyJournal.Triggered] {
    var settings = BacktestSettings(model: Stream.model, historyRows: 0)
    settings.depth = .monitor
    let backtest = try Backtest(asRecorded: Unlabelled(values: values, cut: cut), settings: settings)
    var configuration = Stream.configuration { model in
      model.monitor.triggers.volume = nil
      model.monitor.window = 600_000
    }
    if let most { configuration.intake.maximumOpen = most }
    let outcome = try backtest.outcome(of: Policy(name: "watch", configuration: configuration))
    #expect(outcome.rows == values.count && outcome.journal.deadLetters == 0)
    return outcome.journal.triggers
  }

  /// The topic of labels says nothing of how far it has come where there are none: nothing may wait for it.
  @Test("Without labels and watermarks drift is found all the same, however the file was cut")
  func unlabelled() throws {
    var chance = SplitMix64(seed: 1)
    let quiet = (0..<3_000).map { _ in chance.uniform() }
    let moved = (0..<1_000).map { _ in 0.5 + chance.uniform() / 2 }
    #expect(try Self.triggers(quiet, cut: 100).isEmpty)
    let found = try Self.triggers(quiet + moved, cut: 100)
    #expect(found.first.map { $0.rule == "drift" && (3_000..<3_600).contains($0.row) } == true)
    for cut in [1, 7, 4_000] { #expect(try Self.triggers(quiet + moved, cut: cut) == found) }
    // What waits for its label is let go early, and triggers do not depend on it.
    #expect(try Self.triggers(quiet + moved, cut: 100, most: 10).map(\.row) == found.map(\.row))
  }
}
