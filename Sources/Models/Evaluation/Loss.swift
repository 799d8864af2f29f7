/// A loss per row, bounded where the promotion gate needs it bounded.
public enum Loss: Hashable, Sendable {
  /// Log loss with both probabilities clipped to 0.01…0.99; of several classes, the true one's is clipped.
  case clippedLogLoss
  /// Log loss with probabilities clipped to 1e-6…1 − 1e-6, as it is reported.
  case logLoss
  /// 0 where the likeliest class (for a binary task: 1 from probability one half) is the true one, else 1.
  case zeroOne
  case absoluteError
  case squaredError
  /// Of a count and its expectation, 2(y ln(y/μ) − (y − μ)) with μ at least 1e-9; of a negative number there is none.
  case poissonDeviance

  /// What the gate compares by default: clipped log loss, or for regression the absolute error.
  public static func standard(for task: Task) -> Loss {
    task == .regression ? .absoluteError : .clippedLogLoss
  }

  static let gateClip = 0.01
  static let reportClip = 1e-6
  static let leastExpectation = 1e-9
}

/// Computes one loss for one task.
public struct LossFunction: Hashable, Sendable {
  public let task: Task
  public let loss: Loss
  private let labels: Labels

  public init(_ loss: Loss, task: Task) {
    self.task = task
    self.loss = loss
    labels = Labels(task)
  }

  /// The row's loss; nil where output or target does not fit the task, is not finite, or the loss is not one of the
  /// task's.
  public func callAsFunction(_ output: Output, _ target: Target) -> Double? {
    Judged(output, target, labels).flatMap { $0.value(of: loss) }
  }
}

/// An output beside its truth, in the task's terms.
enum Judged {
  case value(error: Double, expected: Double, truth: Double)
  case binary(probability: Double, isOne: Bool)
  case classes(ofTruth: Double, isHit: Bool)

  init?(_ output: Output, _ target: Target, _ labels: Labels) {
    guard let label = labels.label(of: target) else { return nil }
    switch (labels.task, output) {
    case (.regression, .number(let value)) where value.isFinite:
      self = .value(error: min(abs(value - label), ModelLimits.magnitude), expected: value, truth: label)
    case (.binary, .number(let p)) where (0...1).contains(p): self = .binary(probability: p, isOne: label == 1)
    case (.multiclass(let classes), .probabilities(let p)) where p.count == classes.count:
      guard p.allSatisfy((0...1).contains) else { return nil }
      var best = 0
      for index in p.indices where p[index] > p[best] { best = index }
      self = .classes(ofTruth: p[Int(label)], isHit: best == Int(label))
    default: return nil
    }
  }

  func value(of loss: Loss) -> Double? {
    switch (self, loss) {
    case (.value(let error, _, _), .absoluteError): return error
    case (.value(let error, _, _), .squaredError): return error * error
    case (.value(_, let expected, let truth), .poissonDeviance): return Judged.deviance(of: truth, expected)
    case (.value, _), (_, .absoluteError), (_, .squaredError), (_, .poissonDeviance): return nil
    case (_, .zeroOne): return isHit ? 0 : 1
    case (_, .logLoss): return logLoss(clip: Loss.reportClip)
    case (_, .clippedLogLoss): return logLoss(clip: Loss.gateClip)
    }
  }

  private static func deviance(of count: Double, _ expected: Double) -> Double? {
    guard count >= 0 else { return nil }
    let expected = max(expected, Loss.leastExpectation)
    let logarithm = count > 0 ? count * Elementary.log(count / expected) : 0
    return min(max(2 * (logarithm - (count - expected)), 0), ModelLimits.magnitude)
  }

  private var isHit: Bool {
    switch self {
    case .value: false
    case .binary(let p, let isOne): (p >= 0.5) == isOne
    case .classes(_, let isHit): isHit
    }
  }

  private func logLoss(clip: Double) -> Double {
    let ofTruth =
      switch self {
      case .value: 1.0
      case .binary(let p, let isOne): isOne ? p : 1 - p
      case .classes(let p, _): p
      }
    return -Elementary.log(min(max(ofTruth, clip), 1 - clip))
  }
}
