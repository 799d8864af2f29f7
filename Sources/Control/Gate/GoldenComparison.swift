import Events
public import Models

/// Champion and challenger on the golden set: fixed rows that a person chose, on which nothing may be forgotten.
///
/// The rows are the whole of what is asked about, so their mean losses are compared as they are, without a test.
public struct GoldenComparison: Hashable, Sendable {
  private var losses: PairedLosses
  private var champion = RunningMean()
  private var challenger = RunningMean()
  /// Rows to which the challenger gave something that is no output of the task.
  private var unscored = 0

  /// - Parameter cap: where absolute errors are cut off, as in the comparison that it goes with.
  public init(_ configuration: GateConfiguration, task: Task, cap: Double) {
    losses = PairedLosses(configuration.measure ?? .standard(for: task), task: task, cap: cap)
  }

  public mutating func add(champion output: Output, challenger other: Output, target: Target) {
    switch losses.row(champion: output, challenger: other, target: target) {
    case .judged(let pair):
      champion.add(pair.champion)
      challenger.add(pair.challenger)
    case .unscored(byChallenger: true): unscored += 1
    case .unscored(byChallenger: false), .passedOver: break
    }
  }

  /// Broken where the challenger's mean loss is above 1 + tolerance times the champion's, or a row could not be scored;
  /// undetermined without a row.
  func record(tolerance: Double) -> GoldenRecord {
    let forgets = unscored > 0 || challenger.mean > (1 + tolerance) * champion.mean
    return GoldenRecord(
      rows: champion.count + unscored, champion: champion.mean, challenger: challenger.mean, tolerance: tolerance,
      verdict: champion.count + unscored == 0 ? .undetermined : forgets ? .broken : .held)
  }
}
