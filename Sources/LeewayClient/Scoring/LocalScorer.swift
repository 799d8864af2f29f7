public import Events
public import Models

/// A verified version of a model that scores rows where they arise.
///
/// A value: share it freely between threads. Scoring takes no lock and costs time in proportion to the model's
/// columns; it is fastest where features come in the order of the model's schema.
///
/// ```swift
/// let scored = scorer.score([
///   Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("technician")),
/// ])
/// print(scored.version, scored.score)
/// ```
public struct LocalScorer: Sendable {
  public let name: String
  public let version: Int
  public let model: Model

  public init(name: String, version: Int, model: Model) {
    self.name = name
    self.version = version
    self.model = model
  }

  /// The version's score of a row: a number for regression and for binary classification (the probability of 1), one
  /// probability per class for more classes. Always finite.
  ///
  /// Features that the model does not know are ignored, and those that it misses count as missing, as in training.
  public func score(_ features: [Feature]) -> Scored {
    score(features.lazy.map { (name: $0.name, value: $0.value) })
  }

  public func score(_ features: some Collection<(name: String, value: FeatureValue)>) -> Scored {
    let row = model.schema.row(from: features.lazy.map { (name: $0.name, value: Value($0.value)) })
    let score: Score =
      switch model.predict(row) {
      case .number(let value): .number(value)
      case .probabilities(let values): .probabilities(values)
      }
    return Scored(version: version, score: score)
  }
}

/// A score, and the version that gave it.
public struct Scored: Hashable, Sendable {
  public let version: Int
  public let score: Score

  public init(version: Int, score: Score) {
    self.version = version
    self.score = score
  }
}

extension Value {
  fileprivate init(_ value: FeatureValue) {
    switch value {
    case .number(let number): self = .number(number)
    case .category(let text): self = .category(text)
    case .missing: self = .missing
    }
  }
}
