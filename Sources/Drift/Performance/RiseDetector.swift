import Bytes
import Sketches

/// Whether losses rose above a yardstick by more than is tolerated, from the moments of panes alone, for any number of
/// looks: a Shiryaev–Roberts sum of test martingales, one from the start of every pane on.
///
/// For a bet of size λ, a limit a and rows x₁…xₙ of a pane, the pane's factor is at most 1 in expectation while the
/// rows' mean is at most a:
/// - error rates, of which the moments give the count of misses s: (1 + λ(1 − a))^s (1 − λa)^(n − s), exactly the bet
///   of Waudby-Smith and Ramdas (2024);
/// - other losses, of which only x ≥ 0 is known: exp(λΣ(x − a)/a − ψ(λ)Σ(x − a)²/a²) with ψ(λ) = −ln(1 − λ) − λ, the
///   empirical-Bernstein martingale of Howard, Ramdas, McAuliffe and Sekhon (2021); Σ(x − a)² = m2 + n(mean − a)². It
///   needs no upper bound, and one enormous loss speaks against a rise rather than for it.
///
/// A limit that rests on N rows is itself uncertain. The factor is divided by exp(λ²n²σ²/2N), what that costs under a
/// normal error; where the sample takes the judged rows in, λ shrinks with `contrast`, as the exact likelihood ratio of
/// the residuals does (Pollak and Siegmund 1991). Dependent rows: exponent 1/`correlation`. Both are measured rather
/// than proven.
///
/// R ← (n + R)·factor per bet; then R − (rows so far) is a supermartingale, and the mean number of rows until the mean of
/// the R reaches A is at least A.
struct RiseDetector: Hashable {
  /// Sizes of bets: 0.9 / limit, halved each time. The largest multiplies R by 1.9 to 10 with each miss at a rate that
  /// was low, the smallest finds a rise by a tenth.
  static let bets = 6

  struct Bet: Hashable {
    /// ln R.
    var logSum = -Double.infinity
    /// Logarithm of the best single martingale, Page's sum; it names the onset.
    var path = 0.0
    /// Start of the first pane of that martingale.
    var onset: Int64?
  }

  private(set) var all = [Bet](repeating: Bet(), count: RiseDetector.bets)

  /// Takes a pane in. Constant time, about 0.3 µs.
  ///
  /// - Parameter ceiling: the most that ln R becomes; less evidence is always allowed.
  mutating func update(
    _ pane: Moments, at start: Int64, against yardstick: Yardstick, measure: LossMeasure, ceiling: Double = .infinity
  ) {
    guard pane.count > 0 else { return }
    let logRows = Elementary.log(Double(pane.count))
    var size = 0.9 * yardstick.contrast
    for index in all.indices {
      let growth = Self.logFactor(pane, size: size, against: yardstick, measure: measure)
      all[index].add(growth, logRows: logRows, start: start, ceiling: ceiling)
      size /= 2
    }
  }

  /// Logarithm of the mean R over bets; −∞ before the first pane.
  var logStatistic: Double {
    Self.logSum(all.map(\.logSum)) - Elementary.log(Double(Self.bets))
  }

  /// Start of the first pane of the stretch that speaks most for a rise.
  var onset: Int64? { all.max { $0.path < $1.path }?.onset }

  /// - Parameter size: λ times the limit, 0 to 0.9.
  static func logFactor(
    _ pane: Moments, size: Double, against yardstick: Yardstick, measure: LossMeasure
  ) -> Double {
    let rows = Double(pane.count)
    let limit = yardstick.limit
    let bet = size / limit
    var logarithm: Double
    if measure == .error {
      let misses = pane.sum
      logarithm = misses * Elementary.log(1 + bet - size) + (rows - misses) * Elementary.log(1 - size)
    } else {
      let excess = pane.mean - limit
      let squares = pane.m2 + rows * excess * excess
      let psi = -Elementary.log(1 - size) - size
      logarithm = bet * rows * excess - psi * squares / (limit * limit)
    }
    logarithm -= bet * bet * rows * rows * yardstick.variance / (2 * yardstick.rows)
    // Losses near the largest magnitude leave the range of numbers; such a pane proves nothing.
    return logarithm.isFinite ? logarithm / yardstick.correlation : -Double.greatestFiniteMagnitude
  }

  /// ln Σ exp, −∞ for none.
  static func logSum(_ logarithms: [Double]) -> Double {
    guard let largest = logarithms.max(), largest > -.infinity else { return -.infinity }
    return largest + Elementary.log(logarithms.reduce(0) { $0 + Elementary.exp($1 - largest) })
  }
}

extension RiseDetector.Bet {
  fileprivate mutating func add(_ growth: Double, logRows: Double, start: Int64, ceiling: Double) {
    // What was, is worth less than beginning here.
    if path <= 0 || logSum <= logRows {
      path = 0
      onset = start
    }
    let sum = min(RiseDetector.logSum([logRows, logSum]) + growth, ceiling)
    logSum = max(sum, -Double.greatestFiniteMagnitude)
    path = max(path + growth, -Double.greatestFiniteMagnitude)
  }
}

extension RiseDetector {
  func encode(into writer: inout ByteWriter) {
    for bet in all {
      writer.append(bet.logSum)
      writer.append(bet.path)
      writer.append(bet.onset) { $0.append(signed: $1) }
    }
  }

  /// - Throws: `ByteError` for figures that no stream gives.
  init(from reader: inout ByteReader) throws(ByteError) {
    for index in all.indices {
      all[index].logSum = try reader.double()
      all[index].path = try reader.double()
      all[index].onset = try reader.optional { reader throws(ByteError) in try reader.signed() }
      guard all[index].logSum < .infinity, all[index].path.isFinite else {
        throw reader.failure("evidence that no stream gives")
      }
    }
  }
}
