import Drift

/// A bet on x > 0 that is to be won by the row of its deadline: whoever bets alike in every row reaches ten times what he
/// has early or late, and mostly never; who knows the day by which he needs it bets boldly when little time is left, and
/// not at all once it is won.
///
/// Of a Brownian motion with the variance that was seen, the share λ = φ(d)/(Φ(d)·s·√r), d = (S/s − z·√N)/√r, of what is
/// owned, bet with r of N rows left, owns `target` at the end wherever the sum S is above z·s·√N, z being exceeded with
/// probability 1/target, and nothing elsewhere: the most powerful test there is (Browne, "Reaching goals by a deadline",
/// 1999). s is the deviation of the rows so far. What is bet is known before the row, and never more than `PairedTest`
/// bets at most, so that it is a test by betting as the others are, and no approximation touches its promise.
///
/// A row costs about 0.05 µs up to the deadline, nothing from there on.
struct DeadlineBet: Hashable, Sendable {
  /// Rows.
  static let deadline = 2_000
  /// Rows that only tell the deviation.
  private static let leastRows = 30

  /// ln of what is owned, 0 to begin with.
  var logWealth = 0.0
  /// z·√N.
  private let goal: Double

  /// - Parameter target: what is to be owned at the deadline, above 2.
  init(target: Double) {
    goal = Normal.quantile(upper: 1 / target) * Double(Self.deadline).squareRoot()
  }

  /// - Parameters:
  ///   - before: of the differences of all rows before.
  ///   - largestShare: of what is owned, in units of 1/x.
  mutating func add(_ difference: Double, before: RunningMean, largestShare: Double) {
    guard before.count >= Self.leastRows, before.count < Self.deadline else { return }
    let deviation = max(before.variance, 1e-12).squareRoot()
    let left = Double(Self.deadline - before.count).squareRoot()
    let distance = (before.mean * Double(before.count) / deviation - goal) / left
    let share = min(Self.hazard(distance) / (deviation * left), largestShare)
    logWealth += Elementary.log(1 + share * difference)
  }

  /// φ(d)/Φ(d), to within 2 %: Φ(d) by Page (1977), below −2.5 by the first terms of the tail's series. What is bet need
  /// not be exact.
  private static func hazard(_ distance: Double) -> Double {
    guard distance > -2.5 else { return -distance - 1 / distance + 2 / (distance * distance * distance) }
    let density = Elementary.exp(-distance * distance / 2) / (2 * Double.pi).squareRoot()
    let odds = Elementary.exp(-distance * (1.5976 + 0.07056 * distance * distance))
    return density * (1 + odds)
  }
}
