/// How well outputs met their targets, row by row, in bounded space: a binary task keeps the scores of its first half
/// million rows for the AUC, eight bytes each.
public struct Evaluation: Sendable {
  public let task: Task
  /// The loss whose mean is kept.
  public let loss: Loss
  /// Rows that counted.
  public private(set) var count = 0

  private let labels: Labels
  private var logLossSum = 0.0
  private var hits = 0
  private var absoluteSum = 0.0
  private var squaredSum = 0.0
  /// nil from the first row on that is no count.
  private var devianceSum: Double? = 0
  private var mean = 0.0
  private var ranking = Ranking()

  /// - Parameter loss: nil for the task's standard one.
  public init(task: Task, loss: Loss? = nil) {
    self.task = task
    self.loss = loss ?? .standard(for: task)
    labels = Labels(task)
  }

  /// Counts one row; false, and nothing changes, where output or target does not fit the task.
  @discardableResult
  public mutating func add(_ output: Output, _ target: Target) -> Bool {
    guard let judged = Judged(output, target, labels), let value = judged.value(of: loss) else { return false }
    count += 1
    mean += (value - mean) / Double(count)
    logLossSum += judged.value(of: .logLoss) ?? 0
    hits += judged.value(of: .zeroOne) == 0 ? 1 : 0
    absoluteSum += judged.value(of: .absoluteError) ?? 0
    squaredSum += judged.value(of: .squaredError) ?? 0
    devianceSum = devianceSum.flatMap { sum in judged.value(of: .poissonDeviance).map { sum + $0 } }
    if case .binary(let p, let isOne) = judged { ranking.add(p, isOne: isOne) }
    return true
  }

  /// Mean of the loss, nil before the first row.
  public var lossMean: Double? { count > 0 ? mean : nil }

  /// Mean log loss with probabilities clipped to 1e-6…1 − 1e-6; nil for a regression.
  public var logLoss: Double? { classified(logLossSum) }

  /// Share of rows whose likeliest class was the true one; nil for a regression.
  public var accuracy: Double? { classified(Double(hits)) }

  /// Area under the ROC curve, ties counted half: exact up to 524,288 rows, in O(n log n). Beyond them scores within about
  /// a thousandth of their distance from 0 or 1, whichever is nearer, may count as tied: it is off by at most half the
  /// share of such pairs. nil unless the task is binary and both classes have been seen.
  public var auc: Double? { task == .binary ? ranking.auc : nil }

  /// Mean absolute error, nil unless a regression.
  public var mae: Double? { regressed(absoluteSum) }

  /// Root of the mean squared error, nil unless a regression.
  public var rmse: Double? { regressed(squaredSum)?.squareRoot() }

  /// Mean Poisson deviance; nil unless a regression of counts: of numbers from 0 on.
  public var poissonDeviance: Double? { devianceSum.flatMap(regressed) }

  private func classified(_ sum: Double) -> Double? {
    count > 0 && task != .regression ? sum / Double(count) : nil
  }

  private func regressed(_ sum: Double) -> Double? {
    count > 0 && task == .regression ? sum / Double(count) : nil
  }
}
