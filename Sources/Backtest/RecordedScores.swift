import Engine
import Events
import Log

/// How well the scores of a recording met their labels, by the examples that are made of them.
final class RecordedScores {
  private let model: String
  private let policy: String
  private let rows: RowObserver?
  private(set) var track: ScoreTrack
  /// Without schemas: nothing is asked of an event but whose it is, and whether it can be read.
  private var scanner = EventScanner()
  /// Rows of predictions that wait for their labels.
  private var open: OpenRows<Void>

  /// Predictions that the engine has been handed and not taken are open here already.
  private static let mostAhead = 100_000

  init(_ model: ModelConfiguration, _ policy: Policy, _ rows: RowObserver?) {
    self.model = model.name
    self.policy = policy.name
    open = OpenRows(most: Int(Int64(policy.configuration.mostOpen).saturatingAdd(Int64(Self.mostAhead))))
    self.rows = rows
    track = ScoreTrack(task: model.task, from: 0)
  }

  /// Takes note of a prediction's row; one that cannot be read becomes no example.
  func note(_ record: Record, row: Int) {
    guard let value = record.value, let scanned = try? scanner.scan(value) else { return }
    if scanner.model(of: scanned, in: value) == model { open.add(scanner.id(of: scanned, in: value), row: row) }
  }

  /// Takes a record of `examples`.
  func take(_ record: Record) throws {
    guard let value = record.value else { return }
    switch try ExampleRecord.decode(value) {
    case .example(let example):
      guard let row = open.take(example.id)?.row, let score = example.score else { return }
      if track.add(score, example.label, row: row) { try rows?(policy, row, example.label, score) }
    case .expired(let expiry): _ = open.take(expiry.id)
    case .resolved: break
    }
  }
}
