import Engine
import Events
import Log

/// How well the scores of a recording met their labels, by the examples that are made of them.
final class RecordedScores {
  private let model: String
  private let policy: String
  private let rows: RowObserver?
  private(set) var track: ScoreTrack
  /// Rows of predictions that wait for their labels.
  private var open: [String: Int] = [:]

  init(_ model: ModelConfiguration, _ policy: String, _ rows: RowObserver?) {
    self.model = model.name
    self.policy = policy
    self.rows = rows
    track = ScoreTrack(task: model.task, from: 0)
  }

  /// Takes note of a prediction's row; one that cannot be read becomes no example.
  func note(_ record: Record, row: Int) {
    guard let value = record.value, let prediction = try? Prediction.decode(value), prediction.model == model,
      open[prediction.id] == nil
    else { return }
    open[prediction.id] = row
  }

  /// Takes a record of `examples`.
  func take(_ record: Record) throws {
    guard let value = record.value else { return }
    switch try ExampleRecord.decode(value) {
    case .example(let example):
      guard let row = open.removeValue(forKey: example.id), let score = example.score else { return }
      if track.add(score, example.label, row: row) { try rows?(policy, row, example.label, score) }
    case .expired(let expiry): open[expiry.id] = nil
    case .resolved: break
    }
  }
}
