import Engine
import Events
import Models

/// How well scores met their labels: over all rows, and along them for the chart.
struct DemoScore {
  /// Points along the chart.
  static let points = 60

  private let task: Task
  private let loss: LossFunction
  private let rows: Int
  private var seen = 0
  private(set) var evaluation: Evaluation
  private var sums: [Double]
  private var counts: [Int]

  init(task: Task, rows: Int) {
    self.task = task
    self.rows = max(rows, 1)
    loss = LossFunction(task == .regression ? .absoluteError : .logLoss, task: task)
    evaluation = Evaluation(task: task)
    sums = Array(repeating: 0, count: Self.points)
    counts = Array(repeating: 0, count: Self.points)
  }

  /// A row without a label moves the chart on and counts for nothing else.
  mutating func add(_ score: Score, _ label: LabelValue?) {
    let point = min(seen * Self.points / rows, Self.points - 1)
    seen += 1
    guard let label, let output = Output(score), let target = try? task.target(label.modelValue) else { return }
    evaluation.add(output, target)
    guard let value = loss(output, target) else { return }
    sums[point] += value
    counts[point] += 1
  }

  /// Mean loss, point by point; `nil` where no row fell.
  var curve: [Double?] {
    zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : nil }
  }

  /// Names and values of the metrics that the task has, in order of report.
  var metrics: [(name: String, value: Double?)] {
    task == .regression
      ? [("mae", evaluation.mae), ("rmse", evaluation.rmse)]
      : [("accuracy", evaluation.accuracy), ("log_loss", evaluation.logLoss), ("auc", evaluation.auc)]
  }
}

extension Output {
  /// `nil` for the bare name of a class.
  fileprivate init?(_ score: Score) {
    switch score {
    case .number(let number): self = .number(number)
    case .probabilities(let values): self = .probabilities(values)
    case .category: return nil
    }
  }
}
