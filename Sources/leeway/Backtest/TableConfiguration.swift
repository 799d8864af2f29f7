import Engine
import Events
import Models

/// What is configured for a file's rows where nobody says otherwise: times in proportion to its rows.
enum TableConfiguration {
  static let model = "demo"
  /// Rows that a pane holds on average, and panes of a window.
  static let paneRows = 100
  static let windowPanes = 10

  /// - Parameters:
  ///   - labelDelay: rows after which a label becomes known that has no time of its own.
  ///   - retrainEvery: new labels after which the model is retrained in any case.
  ///   - isContinuous: whether they alone are reason to retrain.
  static func configuration(
    _ table: DemoTable, _ plan: DemoTable.Plan, labelDelay: Int, retrainEvery: Int, isContinuous: Bool = false
  ) -> LeewayConfiguration {
    let pane = table.step * Milliseconds(paneRows)
    var configuration = LeewayConfiguration()
    configuration.time.pane = pane
    configuration.time.sketch = pane * Milliseconds(windowPanes)
    configuration.time.lateness = 0
    configuration.time.labelHorizon = table.longestDelay(labelDelay) + pane
    configuration.time.futureSlack = 0
    configuration.monitor.window = pane * Milliseconds(windowPanes)
    configuration.monitor.volumeLabels = retrainEvery
    configuration.monitor.cooldown = configuration.monitor.window
    if isContinuous { (configuration.monitor.policy, configuration.monitor.every) = (.continuous, retrainEvery) }
    configuration.train.minimumRows = min(20, max(2, retrainEvery / 2))
    let dropped = plan.dropped.union(table.counters)
    var model = ModelSection(
      name: model, monitor: configuration.monitor, train: configuration.train, gate: configuration.gate)
    model.take(table.task)
    model.categorical = plan.categorical.subtracting(dropped).sorted()
    model.numeric = plan.numeric.subtracting(dropped).sorted()
    model.drop = dropped.sorted()
    configuration.models = [model]
    return configuration
  }
}

extension ModelSection {
  mutating func take(_ task: Models.Task) {
    switch task {
    case .binary: (self.task, classes) = (.binary, [])
    case .regression: (self.task, classes) = (.regression, [])
    case .multiclass(let names):
      (self.task, classes) = (.multiclass, names)
    }
  }
}
