import Bytes

/// Bets on the shares of the rows of late: what earlier panes held, fading, mixed with the reference. One for each
/// memory of the tuning, a lane each.
///
/// A pane is bet on with what was known before it. For shares p within the reference's confidence set, whose chi-square
/// distance is at most Q/N, the mean of g = q/π exceeds 1 by at most √(Q/N·χ²(q, π)) (Cauchy and Schwarz).
struct LearnedBets: Hashable, Sendable {
  typealias Lanes = SIMD2<Double>

  /// Bits of a digit of a count.
  private static let digit = 3

  /// By bin.
  private(set) var counts: [Lanes]
  private var total = Lanes.zero
  /// Σ counts²/π.
  private var squares = Lanes.zero

  /// For a product by digit.
  static let room = [Lanes](repeating: .zero, count: 1 << digit)

  init(bins: Int) { counts = [Lanes](repeating: .zero, count: bins) }

  /// ln of the bets' factors over a pane, dependence included: (Σ n·ln(1 + c/(ρπ)) − rows·ln(Z·(1 + Σc/ρ)))/τ for the
  /// pane's counts n, what was learned c, and the prior's rows ρ. Its error is below 2e-15 a row.
  func logFactors(_ pane: [Int], rows: Double, _ tables: BetTables, room: inout [Lanes]) -> Lanes {
    let prior = DetectorTuning.learnedPriors
    let scale = total + prior
    let mixed: Lanes = squares + 2 * prior * total + prior * prior
    var distance: Lanes = mixed / (scale * scale) - 1
    distance.replace(with: 0, where: distance .< 0)
    let bound: Lanes = 1 + tables.learnedBound * distance.squareRoot()
    let price: Lanes = bound * scale / prior
    let won = Self.logProduct(pane.span, counts.span, tables.inverses.span, prior, room: &room)
    return (won - rows * Elementary.log(price)) / tables.dependence
  }

  /// Σ n·ln(1 + c/(ρπ)), by one logarithm for each digit of the counts: Σ 8^k·ln ∏ (1 + c/(ρπ))^digit.
  ///
  /// A bin's factor is multiplied into the place of its digit; the product of places j and above is then of all bins
  /// that have it j times or more. No factor is below 1, so that no product loses digits on its way.
  private static func logProduct(
    _ pane: Span<Int>, _ counts: Span<Lanes>, _ inverses: Span<Double>, _ prior: Lanes, room: inout [Lanes]
  ) -> Lanes {
    precondition(counts.count == pane.count && inverses.count == pane.count, "a bet over other bins")
    let unit = 1 / prior
    var places = room.mutableSpan
    let last = places.count - 1
    var most = 0
    for bin in pane.indices { most |= pane[bin] }
    var sum = Lanes.zero
    var weight = 1.0
    for shift in stride(from: 0, to: Int.bitWidth - most.leadingZeroBitCount, by: digit) {
      for place in places.indices { places[place] = Lanes(repeating: 1) }
      for bin in pane.indices { places[pane[bin] &>> shift & last] *= 1 + counts[bin] * inverses[bin] * unit }
      var (ofMore, product) = (Lanes(repeating: 1), Lanes(repeating: 1))
      for place in stride(from: min(most &>> shift, last), to: 0, by: -1) {
        ofMore *= places[place]
        product *= ofMore
      }
      guard all(product .< .infinity) else { return logSum(pane, counts, inverses, unit) }
      sum += weight * Elementary.log(product)
      weight *= Double(places.count)
    }
    return sum
  }

  /// The same, bin by bin, for products beyond all numbers.
  private static func logSum(
    _ pane: Span<Int>, _ counts: Span<Lanes>, _ inverses: Span<Double>, _ unit: Lanes
  ) -> Lanes {
    var sum = Lanes.zero
    for bin in pane.indices where pane[bin] > 0 {
      sum += Double(pane[bin]) * Elementary.log(1 + counts[bin] * inverses[bin] * unit)
    }
    return sum
  }

  /// Learns a pane whose rows all count as if they came evenly mixed.
  mutating func learn(_ pane: [Int], _ tables: BetTables, _ fading: Fading) {
    (total, squares) = Self.learn(pane, tables.inverses, fading, &counts)
  }

  /// - Returns: Σ counts and Σ counts²/π.
  private static func learn(
    _ pane: [Int], _ inverses: [Double], _ fading: Fading, _ counts: inout [Lanes]
  ) -> (total: Lanes, squares: Lanes) {
    precondition(counts.count == pane.count && inverses.count == pane.count, "a bet over other bins")
    let (pane, inverses) = (pane.span, inverses.span)
    var counts = counts.mutableSpan
    var (total, squares) = (Lanes.zero, Lanes.zero)
    for bin in pane.indices {
      let count = counts[bin] * fading.kept + Double(pane[bin]) * fading.gain
      counts[bin] = count
      total += count
      squares += count * (count * inverses[bin])
    }
    return (total, squares)
  }

  func encode(into writer: inout ByteWriter) {
    for lane in 0..<Lanes.scalarCount { for count in counts { writer.append(count[lane]) } }
  }

  mutating func restore(from reader: inout ByteReader, _ tables: BetTables) throws(ByteError) {
    for lane in 0..<Lanes.scalarCount {
      for bin in counts.indices {
        let count = try reader.double()
        guard count >= 0, count <= 1e6 else { throw reader.failure("a learned count of \(count)") }
        counts[bin][lane] = count
      }
    }
    learn([Int](repeating: 0, count: counts.count), tables, Fading())
  }
}

/// What a pane of so many rows leaves of the rows that learned bets remember, and what each of its own counts for.
struct Fading: Sendable {
  private(set) var rows = 0.0
  private(set) var kept = LearnedBets.Lanes(repeating: 1)
  private(set) var gain = LearnedBets.Lanes.zero

  /// Goes on to panes of another size; remembered, since one pane's columns have the same.
  mutating func go(to rows: Double) {
    guard rows != self.rows else { return }
    self.rows = rows
    let decay = 1 - 1 / DetectorTuning.learnedMemories
    let logarithms = rows * Elementary.log(decay)
    kept = LearnedBets.Lanes(Elementary.exp(logarithms[0]), Elementary.exp(logarithms[1]))
    gain = (1 - kept) / (rows * (1 - decay))
  }
}
