/// The losses of champion and challenger on one row, and what they would have been under every label.
public struct LossPair: Hashable, Sendable {
  public let champion: Double
  public let challenger: Double
  let cases: Cases

  /// - Parameter possible: what they would have been under each label that the row could have had, its own among them;
  ///   known from the predictions alone.
  public init(champion: Double, challenger: Double, possible: [(champion: Double, challenger: Double)]) {
    self.init(
      champion: champion, challenger: challenger,
      cases: .labels(possible.map { Pair(champion: $0.champion, challenger: $0.challenger) }))
  }

  init(champion: Double, challenger: Double, cases: Cases) {
    self.champion = champion
    self.challenger = challenger
    self.cases = cases
  }

  /// What the predictions alone say of the losses.
  enum Cases: Hashable, Sendable {
    /// One pair per label that the row can have.
    case labels([Pair])
    /// Of capped absolute errors: the distance of the predictions in caps, at most 1.
    case distance(Double)
  }

  struct Pair: Hashable, Sendable {
    let champion: Double
    let challenger: Double
  }
}

/// A weighted sum of two losses, which a test holds against 0.
struct Contrast: Hashable, Sendable {
  let champion: Double
  let challenger: Double

  /// Positive where the challenger is not worse by `tolerance` or more.
  static func notWorse(by tolerance: Double) -> Contrast {
    Contrast(champion: 1 + tolerance, challenger: -1)
  }

  /// Positive where the challenger is worse by more than `tolerance`; a negative tolerance: not better by as much.
  static func worse(by tolerance: Double) -> Contrast {
    Contrast(champion: -(1 + tolerance), challenger: 1)
  }

  func value(_ pair: LossPair) -> Double {
    value(LossPair.Pair(champion: pair.champion, challenger: pair.challenger))
  }

  private func value(_ pair: LossPair.Pair) -> Double {
    champion * pair.champion + challenger * pair.challenger
  }

  /// The least that any label could have brought.
  func least(_ pair: LossPair) -> Double {
    switch pair.cases {
    case .labels(let pairs): return pairs.reduce(value(pair)) { min($0, value($1)) }
    case .distance(let distance):
      // The losses differ by at most the distance, and none is above 1.
      let up = max(champion, challenger)
      let down = -min(champion, challenger)
      return -(min(up, down) * distance + max(down - up, 0))
    }
  }
}

extension PairedTest {
  mutating func add(_ pair: LossPair, _ contrast: Contrast) {
    add(contrast.value(pair), least: contrast.least(pair))
  }
}
