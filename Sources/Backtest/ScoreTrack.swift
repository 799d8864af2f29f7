import Engine
public import Events
public import Models

/// How well scores met their labels: the metrics of the task, and the loss along the rows.
public struct ScoreTrack: Sendable {
  private let task: Task
  private let loss: LossFunction
  public private(set) var evaluation: Evaluation
  /// Log loss, or absolute error for a regression.
  public private(set) var series: LossSeries

  /// - Parameter first: the first row that counts.
  public init(task: Task, from first: Int) {
    self.task = task
    loss = LossFunction(task == .regression ? .absoluteError : .logLoss, task: task)
    evaluation = Evaluation(task: task)
    series = LossSeries(from: first)
  }

  /// - Returns: whether it counts: a label that does not fit the task does not.
  @discardableResult
  public mutating func add(_ score: Score, _ label: LabelValue, row: Int) -> Bool {
    guard row >= series.first, let output = Output(score), let target = try? task.target(label.modelValue),
      evaluation.add(output, target), let value = loss(output, target)
    else { return false }
    series.add(value, row: row)
    return true
  }

  /// Names and values of the metrics that the task has, in order of report.
  public var metrics: [(name: String, value: Double?)] {
    task == .regression
      ? [("mae", evaluation.mae), ("rmse", evaluation.rmse)]
      : [("accuracy", evaluation.accuracy), ("log_loss", evaluation.logLoss), ("auc", evaluation.auc)]
  }
}

extension Output {
  /// Nil for the bare name of a class.
  public init?(_ score: Score) {
    switch score {
    case .number(let number): self = .number(number)
    case .probabilities(let values): self = .probabilities(values)
    case .category: return nil
    }
  }
}
