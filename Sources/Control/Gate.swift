public import Events

/// Champion against challenger on the newest held-out rows.
///
/// Both score the same rows, none of which the challenger has learned. The challenger is promoted where its mean loss is
/// at most `1 + tolerance` times the champion's; the paired difference and its standard error go into the reason, so
/// that a reader can see how sure that is. A first version has no champion: it is promoted where its loss is finite.
public struct Gate: Hashable, Sendable {
  /// How much worse the challenger may be, as a share of the champion's loss. At least 0.
  public let tolerance: Double
  /// Fewer validation rows than this decide nothing. At least 1.
  public let minimumRows: Int

  public init(tolerance: Double = 0.02, minimumRows: Int = 30) {
    self.tolerance = max(tolerance, 0)
    self.minimumRows = max(minimumRows, 1)
  }

  public struct Verdict: Hashable, Sendable {
    public let outcome: Outcome
    /// One sentence with the figures.
    public let reason: String
  }

  public enum Outcome: String, Hashable, Sendable {
    case promote, reject, inconclusive
  }

  public func judge(_ result: RunResult) -> Verdict {
    let loss = result.challenger.loss
    guard loss.isFinite else {
      return Verdict(outcome: .reject, reason: "the challenger's validation loss is not a finite number")
    }
    guard let champion = result.champion, let difference = result.difference else {
      let rows = "\(result.validatedRows) validation rows"
      return Verdict(outcome: .promote, reason: "first version: loss \(short(loss)) on \(rows)")
    }
    guard difference.count >= minimumRows else {
      let rows = "\(difference.count) validation rows, at least \(minimumRows) wanted"
      return Verdict(outcome: .inconclusive, reason: rows)
    }
    let limit = champion.loss * (1 + tolerance)
    let count = Double(difference.count)
    let error = difference.count > 1 ? (difference.m2 / (count - 1) / count).squareRoot() : 0
    let figures =
      "loss \(short(loss)) against \(short(champion.loss)), difference \(short(difference.mean)) "
      + "± \(short(1.96 * error)) on \(difference.count) rows"
    return loss <= limit
      ? Verdict(outcome: .promote, reason: figures)
      : Verdict(outcome: .reject, reason: "\(figures): worse by more than \(short(100 * tolerance)) %")
  }
}

/// Four significant digits, for sentences; the figures themselves stand beside them.
func short(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  // Powers of ten are exact doubles up to 10^22, so what comes out of the division prints as short as it is.
  var scale = 1.0
  while value.magnitude * scale < 1_000, scale < 1e15 { scale *= 10 }
  let rounded = (value * scale).rounded() / scale
  return rounded.magnitude < 1e15 && rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)"
}
