import Engine
import Events
import Log
import Models
import Testing

@testable import Backtest

@Suite struct ServedRunTests {
  private static let settings = BacktestSettings(model: Stream.model, historyRows: 200)

  private func backtest(
    rows: Int = 2_000, change: Int = .max, _ settings: BacktestSettings = settings
  ) throws -> Backtest {
    try Backtest(recording: EventList(Stream.events(rows: rows, change: change)), settings: settings)
  }

  private struct Scored: Equatable {
    let row: Int
    let label: LabelValue
    let score: Score
  }

  @Test("under `never` every row is scored by the model that the history makes, once, in the order of the labels")
  func never() throws {
    var rows: [Scored] = []
    var artifact: String?
    let outcome = try backtest().outcome(
      of: Stream.policy.never,
      observe: { topic, record, _ in
        if topic == .models, let value = record.value { artifact = try ModelRecord.decode(value).artifact ?? artifact }
      }, rows: { _, row, label, score in rows.append(Scored(row: row, label: label, score: score)) })
    #expect(outcome.rows == 2_000 && outcome.journal.published == 1 && outcome.journal.triggers.isEmpty)
    #expect(rows.map(\.row) == Array(200..<2_000))
    #expect(outcome.track.evaluation.count == 1_800)
    #expect(artifact != nil)
    let loss = LossFunction(.logLoss, task: .binary)
    let mean =
      try rows.reduce(0) { sum, row in
        let (output, target) = (try #require(Output(row.score)), try Task.binary.target(row.label.modelValue))
        return sum + (loss(output, target) ?? .nan)
      } / 1_800
    #expect(abs((outcome.track.series.mean ?? 0) - mean) < 1e-12)
    #expect(abs((outcome.track.evaluation.logLoss ?? 0) - mean) < 1e-12)
  }

  @Test("what is trained takes its virtual time: versions that come too late serve nobody")
  func trainingTime() throws {
    var slow = Self.settings
    slow.trainingTime = { _ in 100_000_000 }
    let late = try backtest(change: 1_000, slow).outcome(of: Stream.policy)
    let never = try backtest(change: 1_000).outcome(of: Stream.policy.never)
    #expect(late.track.series == never.track.series)
    #expect(late.journal.trainSeconds == 100_000 * Double(late.journal.runs))
    let prompt = try backtest(change: 1_000).outcome(of: Stream.policy)
    #expect(prompt.journal.runs > 3 && prompt.journal.trainSeconds == 0)
    #expect((prompt.track.series.mean ?? 1) < (never.track.series.mean ?? 0))
  }

  @Test("the same recording and policy give the same outcome and the same outputs, record for record")
  func determinism() throws {
    func outputs() throws -> (PolicyOutcome, [String]) {
      var outputs: [String] = []
      let outcome = try backtest(rows: 1_200, change: 700).outcome(
        of: Stream.policy,
        observe: { topic, record, row in
          outputs.append(
            "\(topic) \(row) \(record.timestamp) \(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "")")
        })
      return (outcome, outputs)
    }
    let (first, second) = (try outputs(), try outputs())
    #expect(first.1 == second.1 && first.1.count > 100)
    #expect(first.0.track.series == second.0.track.series)
  }

  @Test("baselines ask for training when they say, and for nothing else")
  func baselines() throws {
    let rows = try backtest().outcome(of: Stream.policy.every(labels: 400))
    #expect(rows.journal.triggers.allSatisfy { $0.rule == "volume" })
    #expect((3...4).contains(rows.journal.triggers.count))
    let hours = try backtest().outcome(of: Stream.policy.every(milliseconds: 600_000, called: "hours"))
    #expect(
      hours.journal.triggers.allSatisfy { $0.rule == "schedule" } && (2...3).contains(hours.journal.triggers.count))
    let always = try backtest().outcome(of: Stream.policy.always)
    #expect(always.journal.triggers.count > 70)
  }

  @Test("the oracle asks once enough rows behind a change are labelled, and with every doubling of them")
  func oracle() throws {
    let outcome = try backtest(change: 1_000).outcome(of: Stream.policy.oracle(changes: [100, 1_000]))
    let rows = outcome.journal.triggers.map(\.row)
    #expect(outcome.journal.triggers.allSatisfy { $0.rule == "oracle" })
    #expect(rows.count >= 3 && rows.allSatisfy { $0 > 1_000 })
    let gaps = zip(rows, rows.dropFirst()).map { $1 - $0 }
    #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $1 >= 2 * $0 })
    let never = try backtest(change: 1_000).outcome(of: Stream.policy.never)
    #expect((outcome.track.series.mean ?? 1) < (never.track.series.mean ?? 0))
  }

  @Test("bad events are counted and named, and change nothing else")
  func garbage() throws {
    var events = Stream.events(rows: 600)
    let clean = try Backtest(recording: EventList(events), settings: Self.settings).outcome(of: Stream.policy)
    let bad: [RecordedEvent] = [
      .unreadable("no JSON"),
      .label(Label(prediction: "r300", model: Stream.model, time: 0, value: .category("maybe"))),
      .label(Label(prediction: "nobody", model: Stream.model, time: 0, value: .number(1))),
      .prediction(Prediction(id: "x", model: "another", time: 0, features: [])),
    ]
    events += bad.map { TimedEvent(time: 301_000, event: $0) }
    let outcome = try Backtest(recording: EventList(events), settings: Self.settings).outcome(of: Stream.policy)
    #expect(outcome.journal.deadLetters == 2 && outcome.journal.firstDeadLetter != nil)
    #expect(outcome.rows == clean.rows)
    #expect(outcome.track.evaluation.count >= clean.track.evaluation.count - 1)
  }

  @Test("what cannot be replayed is refused with what to do")
  func refusals() throws {
    let unlabelled = Stream.events(rows: 400).filter { if case .label = $0.event { false } else { true } }
    #expect(throws: BacktestError.self) { try Backtest(recording: EventList(unlabelled), settings: Self.settings) }
    #expect(throws: BacktestError.self) { try Backtest(recording: EventList([]), settings: Self.settings) }
    #expect(throws: BacktestError.self) {
      try Backtest(recording: EventList(Stream.events(rows: 200)), settings: Self.settings)
    }
    var joined = Stream.configuration()
    joined.intake.featuresTopic = true
    #expect(throws: BacktestError.self) {
      try backtest(rows: 400).outcome(of: Policy(name: "joined", configuration: joined))
    }
    let other = BacktestSettings(model: "other", historyRows: 10)
    #expect(throws: BacktestError.self) {
      try Backtest(recording: EventList(Stream.events(rows: 400)), settings: other)
    }
  }
}
