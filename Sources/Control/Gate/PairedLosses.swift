import Bytes
import Drift
public import Models

/// Turns predictions and labels into pairs of losses. The measure `ranking` has a memory, so rows come in request order.
public struct PairedLosses: Hashable, Sendable {
  public let measure: GateMeasure
  public let task: Task
  /// Where absolute errors are cut off, in the units of the label.
  public let cap: Double
  private let classes: [String: Int]
  private var rankings = RankingMemory()

  static let clip = 0.01

  /// - Parameters:
  ///   - measure: where it is not one of the task's, the standard one is taken.
  ///   - cap: for absolute errors, above 0; see `GateMeasure.cap(of:)`.
  public init(_ measure: GateMeasure, task: Task, cap: Double = 1) {
    self.measure = measure.fits(task) ? measure : .standard(for: task)
    self.task = task
    self.cap = cap.isFinite && cap > 0 ? cap : 1
    guard case .multiclass(let names) = task else {
      classes = [:]
      return
    }
    classes = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// What became of a row.
  enum Row {
    case judged(LossPair)
    /// The label is none of the task's, or says nothing yet: no row of the other class has been seen.
    case passedOver
    /// A model gave something that is no output of the task.
    case unscored(byChallenger: Bool)
  }

  mutating func row(champion: Output, challenger: Output, target: Target) -> Row {
    guard let label = label(target) else { return .passedOver }
    guard isOutput(challenger) else { return .unscored(byChallenger: true) }
    guard isOutput(champion) else { return .unscored(byChallenger: false) }
    let pair: LossPair? =
      switch (champion, challenger) {
      case (.number(let p), .number(let q)):
        switch measure {
        case .absoluteError: regressed(p, q, label)
        case .ranking: rankings.pair(p, q, isOne: label == 1)
        case .logLoss, .error: binary(p, q, isOne: label == 1)
        }
      case (.probabilities(let p), .probabilities(let q)): several(p, q, truth: Int(label))
      default: nil
      }
    return pair.map(Row.judged) ?? .passedOver
  }

  /// 0 or 1, a class's index, or the value; nil for what is none of them.
  func label(_ target: Target) -> Double? {
    switch (task, target) {
    case (.regression, .number(let value)): value.isFinite ? value : nil
    case (.binary, .number(let value)): value == 0 || value == 1 ? value : nil
    case (.multiclass, .category(let name)): classes[name].map(Double.init)
    default: nil
    }
  }

  private func isOutput(_ output: Output) -> Bool {
    switch (task, output) {
    case (.regression, .number(let value)): value.isFinite
    case (.binary, .number(let p)): (0...1).contains(p)
    case (.multiclass(let names), .probabilities(let p)): p.count == names.count && p.allSatisfy((0...1).contains)
    default: false
    }
  }

  private func regressed(_ p: Double, _ q: Double, _ label: Double) -> LossPair {
    func capped(_ error: Double) -> Double { min(error.magnitude / cap, 1) }
    return LossPair(champion: capped(label - p), challenger: capped(label - q), cases: .distance(capped(p - q)))
  }

  private func binary(_ p: Double, _ q: Double, isOne: Bool) -> LossPair {
    let pairs = [false, true].map { one in
      LossPair.Pair(champion: loss(p, isOne: one), challenger: loss(q, isOne: one))
    }
    let truth = pairs[isOne ? 1 : 0]
    return LossPair(champion: truth.champion, challenger: truth.challenger, cases: .labels(pairs))
  }

  private func loss(_ p: Double, isOne: Bool) -> Double {
    if measure == .error { return (p >= 0.5) == isOne ? 0 : 1 }
    return Self.logLoss(isOne ? p : 1 - p)
  }

  private static func logLoss(_ ofTruth: Double) -> Double {
    -Elementary.log(min(max(ofTruth, clip), 1 - clip))
  }

  private func several(_ p: [Double], _ q: [Double], truth: Int) -> LossPair {
    let losses: (Int) -> LossPair.Pair
    if measure == .error {
      let (best, other) = (Self.likeliest(p), Self.likeliest(q))
      losses = { LossPair.Pair(champion: $0 == best ? 0 : 1, challenger: $0 == other ? 0 : 1) }
    } else {
      losses = { LossPair.Pair(champion: Self.logLoss(p[$0]), challenger: Self.logLoss(q[$0])) }
    }
    let own = losses(truth)
    return LossPair(champion: own.champion, challenger: own.challenger, cases: .labels(p.indices.map(losses)))
  }

  /// The first of the largest probabilities.
  static func likeliest(_ probabilities: [Double]) -> Int {
    probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
  }
}

extension PairedLosses {
  func encodeMemory(into writer: inout ByteWriter) { rankings.encode(into: &writer) }

  mutating func restoreMemory(from reader: inout ByteReader) throws(ByteError) {
    rankings = try RankingMemory(from: &reader)
  }
}
