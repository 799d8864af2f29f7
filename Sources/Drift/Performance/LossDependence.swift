import Sketches

/// By how much dependence between rows inflates the variance of sums, from the moments of panes in request order.
enum LossDependence {
  /// Fewer panes say too little.
  static let minimumPanes = 8
  static let largest = 256.0

  /// The largest ratio, over runs of 1, 2, 4, … panes with at least eight runs, of the variance of the runs' sums to what
  /// independent rows of the same variance would show. A ratio counts where it exceeds what independent rows exceed
  /// with probability 0.01 (χ² of the runs, by Wilson and Hilferty 1931). 1 to `largest`; linear in the panes.
  static func factor(_ panes: ArraySlice<JudgedPane>) -> Double {
    guard panes.count >= minimumPanes else { return 1 }
    var all = Moments()
    var inside = 0.0
    for pane in panes {
      all.merge(pane.loss)
      inside += pane.loss.m2
    }
    let freedom = all.count - panes.count
    guard freedom > 0, inside > 0 else { return 1 }
    let variance = inside / Double(freedom)
    var runs = panes.map { Run(rows: Double($0.loss.count), excess: Double($0.loss.count) * ($0.loss.mean - all.mean)) }
    var best = 1.0
    while runs.count >= minimumPanes {
      let rows = runs.reduce(0) { $0 + $1.rows }
      let ratio = runs.reduce(0) { $0 + $1.excess * $1.excess } / (variance * rows)
      if ratio > critical(Double(runs.count - 1)) {
        best = max(best, ratio * (1 + (2 / Double(runs.count)).squareRoot()))
      }
      // The newest runs are whole; an odd one out is the oldest.
      runs = stride(from: runs.count % 2, to: runs.count - 1, by: 2).map { runs[$0] + runs[$0 + 1] }
    }
    return min(best, largest)
  }

  private struct Run {
    let rows: Double
    let excess: Double

    static func + (left: Run, right: Run) -> Run {
      Run(rows: left.rows + right.rows, excess: left.excess + right.excess)
    }
  }

  /// What χ²/`freedom` exceeds with probability 0.01.
  private static func critical(_ freedom: Double) -> Double {
    let part = 2 / (9 * freedom)
    let root = 1 - part + 2.326 * part.squareRoot()
    return root * root * root
  }
}
