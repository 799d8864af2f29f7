import Sketches

/// The bets on one column and how they stand: a Shiryaev–Roberts statistic for each, whose weighted mean is the
/// column's.
///
/// A pane enters by its merged counts alone, so neither the order inside it nor its parts matter. For a pane of n rows
/// R ← (n + R)·∏ factor: R minus the rows so far is a supermartingale while nothing changes, which bounds how often
/// any mean of such statistics can come high. A pane of one row is the familiar form of Shiryaev and Roberts.
struct ColumnDetector: Sendable {
  let reference: ColumnReference
  private(set) var tables: BetTables
  /// Of all bets, in their order.
  private var standings: [BetStanding]
  var learned: LearnedBets
  /// Panes held back until they tell the column's dependence; nil once it is known.
  var settling: Settling?
  private let confidence: Double
  /// What a pane adds to each bet; and room for the learned ones.
  private var sums: [BetStanding.Lanes]
  private var room = LearnedBets.room
  /// Weighted mean of R.
  private(set) var level = 0.0

  /// - Parameters:
  ///   - ordered: whether the reference's rows came in order, so that its dependence can be believed.
  ///   - confidence: deviations of the reference that the bets' bounds allow for.
  init(reference: ColumnReference, ordered: Bool, confidence: Double) {
    self.reference = reference
    self.confidence = confidence
    let bets = Bets(binning: reference.binning, counts: reference.countsWithMissing)
    tables = BetTables(bets, dependence: reference.dependence, confidence: confidence)
    standings = Self.standings(tables)
    sums = tables.room
    learned = LearnedBets(bins: tables.binCount)
    settling = ordered ? nil : Settling()
  }

  private static func standings(_ tables: BetTables) -> [BetStanding] {
    let lanes = BetStanding.Lanes.scalarCount
    return stride(from: 0, to: tables.betCount, by: lanes).map { first in
      var weights = BetStanding.Lanes.zero
      for bet in first..<min(first + lanes, tables.betCount) { weights[bet - first] = tables.weights[bet] }
      return BetStanding(weights: weights)
    }
  }

  var binCount: Int { tables.binCount }

  /// Starts anew, without the panes that were held back. What was found of the dependence stays.
  mutating func clear() {
    standings = Self.standings(tables)
    learned = LearnedBets(bins: binCount)
    level = 0
    if settling != nil { settling = Settling() }
  }

  /// Takes a pane that starts at `start`: rows per bin, then missing.
  mutating func observe(_ counts: [Int], start: Int64, _ fading: inout Fading) {
    precondition(counts.count == binCount, "a pane's counts must be over the reference's bins and missing values")
    guard settling != nil else {
      judge(counts, start: start, &fading)
      return
    }
    settling?.hold(counts, start: start)
    guard let held = settling, held.isComplete else { return }
    settling = nil
    settle(max(reference.dependence, held.dependence(binning: reference.binning)))
    for pane in held.panes { judge(pane.counts, start: pane.start, &fading) }
  }

  /// Goes on with another dependence.
  mutating func settle(_ dependence: Double) {
    let bets = Bets(binning: reference.binning, counts: reference.countsWithMissing)
    tables = BetTables(bets, dependence: dependence, confidence: confidence)
  }

  private mutating func judge(_ counts: [Int], start: Int64, _ fading: inout Fading) {
    let rows = Double(counts.reduce(0, +))
    guard rows > 0 else { return }
    fading.go(to: rows)
    tables.addFixed(counts, rows: rows, into: &sums)
    let own = learned.logFactors(counts, rows: rows, tables, room: &room)
    for bet in 0..<LearnedBets.Lanes.scalarCount {
      let (place, lane) = BetStanding.place(of: tables.fixedCount + bet)
      sums[place][lane] = own[bet]
    }
    learned.learn(counts, tables, fading)
    level = Self.take(&sums, rows: rows, start: start, &standings)
  }

  /// Takes what a pane adds to each bet. In short loops: a long one would wait for each exponential.
  ///
  /// - Returns: the column's level.
  private static func take(
    _ sums: inout [BetStanding.Lanes], rows: Double, start: Int64, _ standings: inout [BetStanding]
  ) -> Double {
    var sums = sums.mutableSpan
    var standings = standings.mutableSpan
    for place in standings.indices { standings[place].walk(sums[place], start: start) }
    for place in standings.indices { sums[place] = BetStanding.factors(sums[place]) }
    var level = 0.0
    for place in standings.indices {
      standings[place].grow(sums[place], rows: rows)
      standings[place].weigh(into: &level)
    }
    return level
  }

  mutating func weigh() {
    level = 0
    for standing in standings { standing.weigh(into: &level) }
  }

  /// How one bet stands.
  subscript(bet: Int) -> (ratio: Double, walk: Double, onset: Int64) {
    get {
      let (place, lane) = BetStanding.place(of: bet)
      return (standings[place].ratios[lane], standings[place].walks[lane], standings[place].onsets[lane])
    }
    set {
      let (place, lane) = BetStanding.place(of: bet)
      standings[place].ratios[lane] = newValue.ratio
      standings[place].walks[lane] = newValue.walk
      standings[place].onsets[lane] = newValue.onset
    }
  }

  /// The bet that adds most to the statistic.
  var leadingBet: Int {
    let parts = (0..<tables.betCount).map { tables.weights[$0] * self[$0].ratio }
    return parts.indices.reduce(0) { parts[$1] > parts[$0] ? $1 : $0 }
  }
}
