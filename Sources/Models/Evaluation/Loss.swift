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

  /// What the gate compares by default: clipped log loss, or for regression the absolute error.
  public static func standard(for task: Task) -> Loss {
    task == .regression ? .absoluteError : .clippedLogLoss
  }

  static let gateClip = 0.01
  static let reportClip = 1e-6
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
  case value(error: Double)
  case binary(probability: Double, isOne: Bool)
  case classes(ofTruth: Double, isHit: Bool)

  init?(_ output: Output, _ target: Target, _ labels: Labels) {
    guard let label = labels.label(of: target) else { return nil }
    switch (labels.task, output) {
    case (.regression, .number(let value)) where value.isFinite:
      self = .value(error: min(abs(value - label), ModelLimits.magnitude))
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
    case (.value(let error), .absoluteError): return error
    case (.value(let error), .squaredError): return error * error
    case (.value, _), (_, .absoluteError), (_, .squaredError): return nil
    case (_, .zeroOne): return isHit ? 0 : 1
    case (_, .logLoss): return logLoss(clip: Loss.reportClip)
    case (_, .clippedLogLoss): return logLoss(clip: Loss.gateClip)
    }
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
