/// Policies beside each other, and which of them to take.
public struct PolicyComparison: Sendable {
  /// A policy to take, and how sure that is.
  public struct Recommendation: Hashable, Sendable {
    public let policy: String
    public let reason: String
    /// The policy with the lowest loss, the runner-up where that is the recommended one, and how much more the recommended
    /// one loses per row than that: 95 % of the recordings drawn anew lie between `low` and `high`.
    public let other: String?
    public let difference: Double
    public let low: Double
    public let high: Double
    /// Share of those recordings in which the recommended policy has the lowest loss of all that can be had.
    public let probability: Double
  }

  public let outcomes: [PolicyOutcome]
  /// Nil where nothing was labelled.
  public let recommendation: Recommendation?

  /// - Parameters:
  ///   - outcomes: over the same recording.
  ///   - oracle: the policy that nobody can have.
  public init(_ outcomes: [PolicyOutcome], oracle: String? = nil, seed: UInt64 = 1) {
    self.outcomes = outcomes
    recommendation = Self.recommend(outcomes, oracle, seed)
  }

  /// How much more loss a policy has had over all rows than another; nil where either has none.
  public func regret(of policy: PolicyOutcome, to name: String) -> Double? {
    guard let other = outcomes.first(where: { $0.name == name }), policy.track.series.count > 0 else { return nil }
    return policy.track.series.sum - other.track.series.sum
  }

  /// What another policy may lose more than the best, as a share of its loss, and be taken for as good.
  public static let tolerance = 0.02

  /// The one that trains least of those that are shown to be about as good as the best: that a difference is not seen proves
  /// nothing.
  private static func recommend(_ outcomes: [PolicyOutcome], _ oracle: String?, _ seed: UInt64) -> Recommendation? {
    let real = outcomes.indices.filter { outcomes[$0].name != oracle && outcomes[$0].track.series.mean != nil }
    func mean(_ index: Int) -> Double { outcomes[index].track.series.mean ?? .infinity }
    guard let best = real.min(by: { (mean($0), $0) < (mean($1), $1) }) else { return nil }
    let bootstrap = Bootstrap(outcomes.map(\.track.series), seed: seed)
    let equal = real.filter { index in
      let limit = tolerance * mean(best)
      return index == best || bootstrap.difference(index, best).map { $0.upperBound <= limit } ?? false
    }
    func cost(_ index: Int) -> (Double, Int, Double, Int) {
      let journal = outcomes[index].journal
      return (journal.trainSeconds, journal.rowsTrained, mean(index), index)
    }
    guard let chosen = equal.min(by: { cost($0) < cost($1) }) else { return nil }
    let runnerUp = real.filter { $0 != best }.min { (mean($0), $0) < (mean($1), $1) }
    let other = chosen == best ? runnerUp : best
    let interval = other.flatMap { bootstrap.difference(chosen, $0) } ?? 0...0
    let reason =
      chosen == best
      ? "the lowest loss, and nothing that trains less is shown to come within \(Int(tolerance * 100)) % of it"
      : "the least training of the \(equal.count) policies that are shown to come within \(Int(tolerance * 100)) % of the lowest loss"
    return Recommendation(
      policy: outcomes[chosen].name, reason: reason, other: other.map { outcomes[$0].name },
      difference: other.map { mean(chosen) - mean($0) } ?? 0, low: interval.lowerBound, high: interval.upperBound,
      probability: bootstrap.share(best: chosen, among: real))
  }
}
