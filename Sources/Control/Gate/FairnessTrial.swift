import Bytes
import Events

/// One row as rates count it.
struct RateRow: Hashable, Sendable {
  /// Nil where the task has no positives.
  let isOne: Bool?
  let champion: Decision
  let challenger: Decision

  struct Decision: Hashable, Sendable {
    let isPositive: Bool
    let isHit: Bool
  }

  /// What `rate` counts of the decision; nil where the row is none of those that it is a share of.
  func counts(_ rate: FairnessRate, _ decision: Decision) -> Bool? {
    switch rate {
    case .errorRate: !decision.isHit
    case .positiveRate: isOne == nil ? nil : decision.isPositive
    case .truePositiveRate: isOne == true ? decision.isPositive : nil
    case .falsePositiveRate: isOne == false ? decision.isPositive : nil
    }
  }
}

/// The gap of one rate between two groups, of either model.
///
/// The interval holds at every look: with n = 1/(1/n_a + 1/n_b), p = (k + 2)/(N + 4) per group as Agresti and Caffo
/// (2000) put it, and v = n(p_a·q_a/n_a + p_b·q_b/n_b) it is `AnytimeInterval` about p_a − p_b. An interval for one look,
/// such as Newcombe's, misses in 33 % of the runs that look every fifty rows; this one in 2 to 3 %.
struct FairnessTrial: Hashable, Sendable {
  let rule: FairnessRule
  private var groups = [Group](repeating: Group(), count: 2)
  /// Fewer rows of a group say nothing.
  private static let leastRows = 5

  private struct Group: Hashable, Sendable {
    /// Of champion and challenger.
    var rates = [RunningMean(), RunningMean()]
    var blocks = [BlockSums(), BlockSums()]

    var rows: Int { rates[0].count }
  }

  init(_ rule: FairnessRule) { self.rule = rule }

  mutating func add(_ row: RateRow, segments: [Segment]) {
    guard let segment = segments.first(where: { $0.name == rule.segment }),
      let group = segment.value == rule.group ? 0 : segment.value == rule.other ? 1 : nil
    else { return }
    for (model, decision) in [row.champion, row.challenger].enumerated() {
      guard let counts = row.counts(rule.rate, decision) else { return }
      groups[group].rates[model].add(counts ? 1 : 0)
      groups[group].blocks[model].add(counts ? 1 : 0)
    }
  }

  /// - Parameter priorDependence: at least 1.
  func record(alpha: Double, priorDependence: Double) -> FairnessRecord {
    let gap = gap(1, alpha: alpha, priorDependence: priorDependence)
    let verdict: GateVerdict =
      if let limit = rule.limit {
        gap.low > limit || gap.high < -limit ? .broken : gap.low >= -limit && gap.high <= limit ? .held : .undetermined
      } else { .held }
    return FairnessRecord(
      segment: rule.segment, group: rule.group, other: rule.other, rate: rule.rate.rawValue,
      groupRows: groups[0].rows, otherRows: groups[1].rows, gap: gap,
      champion: self.gap(0, alpha: alpha, priorDependence: priorDependence), limit: rule.limit, verdict: verdict)
  }

  private func gap(_ model: Int, alpha: Double, priorDependence: Double) -> IntervalRecord {
    guard groups.allSatisfy({ $0.rows >= Self.leastRows }) else {
      let gap = groups[0].rates[model].mean - groups[1].rates[model].mean
      return IntervalRecord(value: gap, low: -1, high: 1, alpha: alpha)
    }
    let shares = groups.map { group in
      let rows = Double(group.rows)
      return (group.rates[model].mean * rows + 2) / (rows + 4)
    }
    let rows = 1 / groups.reduce(0) { $0 + 1 / Double($1.rows) }
    let variance =
      rows * zip(groups, shares).reduce(0) { $0 + $1.1 * (1 - $1.1) / Double($1.0.rows) }
    let dependence = groups.reduce(priorDependence) {
      max($0, $1.blocks[model].inflation(mean: $1.rates[model].mean, variance: $1.rates[model].variance))
    }
    let half = AnytimeInterval.halfWidth(rows: rows, variance: variance, alpha: alpha, dependence: dependence)
    let center = shares[0] - shares[1]
    return IntervalRecord(
      value: groups[0].rates[model].mean - groups[1].rates[model].mean, low: max(center - half, -1),
      high: min(center + half, 1), alpha: alpha)
  }
}

extension FairnessTrial {
  func encode(into writer: inout ByteWriter) {
    for group in groups {
      for model in 0..<2 {
        group.rates[model].encode(into: &writer)
        group.blocks[model].encode(into: &writer)
      }
    }
  }

  init(_ rule: FairnessRule, from reader: inout ByteReader) throws(ByteError) {
    self.init(rule)
    for group in groups.indices {
      for model in 0..<2 {
        groups[group].rates[model] = try RunningMean(from: &reader)
        groups[group].blocks[model] = try BlockSums(from: &reader)
        guard (0...1).contains(groups[group].rates[model].mean),
          groups[group].blocks[model].rows == groups[group].rows,
          groups[group].rates[model].count == groups[group].rows
        else { throw reader.failure("a rate that no rows give") }
      }
    }
  }
}
