/// What `Model.refine` came to.
public struct Refinement: Hashable, Sendable {
  /// Epochs that were gone through.
  public let epochs: Int
  /// The one whose weights were kept; 0 for those that were there before.
  public let best: Int
  /// Mean loss of the validation rows by the kept weights: log loss, weighed by class where the model does so, or the
  /// absolute error of a regression.
  public let loss: Double
}

extension Family {
  /// Whether `Model.refine` does anything.
  public var trainsInEpochs: Bool { !constants.hidden.isEmpty }
}

extension Model {
  /// Goes through rows that have been learned again and again, and keeps the weights that did best on others: early
  /// stopping. No statistic moves, and no row is counted anew. Costs about as much as scoring and learning the rows once
  /// per epoch; the same rows and state give the same result on one machine.
  ///
  /// - Parameters:
  ///   - validation: rows that have not been learned, and are later than `rows`; without a usable one nothing is done.
  ///   - epochs: at most.
  ///   - patience: it ends after so many epochs without a better one.
  ///   - each: called before every epoch; what it throws ends the work, and the model stays as it was.
  /// - Returns: nil where nothing was done: of a family that learns every row once.
  @discardableResult
  public mutating func refine(
    _ rows: ArraySlice<(Row, Target)>, validation: ArraySlice<(Row, Target)>, epochs: Int, patience: Int,
    each: () throws -> Void
  ) rethrows -> Refinement? {
    guard family.trainsInEpochs, epochs > 0, let before = validationLoss(validation) else { return nil }
    var (work, kept, best, least, done) = (self, learner, 0, before, 0)
    while done < epochs, done - best < max(patience, 1) {
      try each()
      work.learner.repeatRows(rows)
      done += 1
      if let loss = work.validationLoss(validation), loss < least { (kept, best, least) = (work.learner, done, loss) }
    }
    learner = kept
    return Refinement(epochs: done, best: best, loss: least)
  }

  @discardableResult
  public mutating func refine(
    _ rows: ArraySlice<(Row, Target)>, validation: ArraySlice<(Row, Target)>, epochs: Int, patience: Int
  ) -> Refinement? {
    refine(rows, validation: validation, epochs: epochs, patience: patience, each: {})
  }

  private func validationLoss(_ rows: ArraySlice<(Row, Target)>) -> Double? {
    let task = schema.task
    let loss = LossFunction(task == .regression ? .absoluteError : .logLoss, task: task)
    let labels = Labels(task)
    var (sum, weights) = (0.0, 0.0)
    for (output, (_, target)) in zip(learner.predict(ArraySlice(rows.map(\.0))), rows) {
      guard let lost = loss(output, target), let label = labels.label(of: target) else { continue }
      let weight = Double(learner.weights.weight(of: Float(label)))
      sum += weight * lost
      weights += weight
    }
    return weights > 0 ? sum / weights : nil
  }
}
