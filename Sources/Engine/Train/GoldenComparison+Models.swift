public import Control
import Events
public import Models

extension GoldenComparison {
  /// Two models that can be asked, on golden rows; nil without any.
  public init?(
    _ configuration: GateConfiguration, of challenger: Model, against champion: Model, on rows: [TrainingRow],
    cap: Double
  ) {
    guard !rows.isEmpty else { return nil }
    let task = champion.schema.task
    self.init(configuration, task: task, cap: cap)
    for row in rows {
      guard let target = try? challenger.family.target(row.example.label.modelValue, of: task) else { continue }
      add(
        champion: champion.predict(champion.schema.row(of: row.example.features)),
        challenger: challenger.predict(challenger.schema.row(of: row.example.features)), target: target)
    }
  }
}
