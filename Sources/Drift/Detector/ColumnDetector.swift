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
  /// R of each bet.
  var ratios: [Double]
  /// Of each bet, the sum of logarithms since it was last at or below 0, and the start of the pane where that was:
  /// the most likely time of a change in its favour (Page 1954).
  var walks: [Double]
  var onsets: [Int64]
  var learned: [LearnedBet]
  /// Panes held back until they tell the column's dependence; nil once it is known.
  var settling: Settling?
  private let confidence: Double
  /// Room for a number by bin, and for one by bet.
  private var binRoom: [Double]
  private var sums: [Double]
  /// Weighted mean of `ratios`.
  private(set) var level = 0.0

  /// - Parameters:
  ///   - ordered: whether the reference's rows came in order, so that its dependence can be believed.
  ///   - confidence: deviations of the reference that the bets' bounds allow for.
  init(reference: ColumnReference, ordered: Bool, confidence: Double) {
    self.reference = reference
    self.confidence = confidence
    let bets = Bets(binning: reference.binning, counts: reference.countsWithMissing)
    tables = BetTables(bets, dependence: reference.dependence, confidence: confidence)
    ratios = [Double](repeating: 0, count: tables.betCount)
    walks = ratios
    sums = ratios
    binRoom = [Double](repeating: 0, count: tables.binCount)
    onsets = [Int64](repeating: .min, count: tables.betCount)
    learned = DetectorTuning.learned.map { _ in LearnedBet(bins: bets.shares.count) }
    settling = ordered ? nil : Settling()
  }

  var binCount: Int { tables.binCount }

  /// Starts anew, without the panes that were held back. What was found of the dependence stays.
  mutating func clear() {
    for bet in ratios.indices {
      ratios[bet] = 0
      walks[bet] = 0
      onsets[bet] = .min
    }
    learned = DetectorTuning.learned.map { _ in LearnedBet(bins: binCount) }
    level = 0
    if settling != nil { settling = Settling() }
  }

  /// Takes a pane that starts at `start`: rows per bin, then missing.
  mutating func observe(_ counts: [Int], start: Int64) {
    precondition(counts.count == binCount, "a pane's counts must be over the reference's bins and missing values")
    guard settling != nil else {
      judge(counts, start: start)
      return
    }
    settling?.hold(counts, start: start)
    guard let held = settling, held.isComplete else { return }
    settling = nil
    settle(max(reference.dependence, held.dependence(binning: reference.binning)))
    for pane in held.panes { judge(pane.counts, start: pane.start) }
  }

  /// Goes on with another dependence.
  mutating func settle(_ dependence: Double) {
    let bets = Bets(binning: reference.binning, counts: reference.countsWithMissing)
    tables = BetTables(bets, dependence: dependence, confidence: confidence)
  }

  private mutating func judge(_ counts: [Int], start: Int64) {
    let rows = Double(counts.reduce(0, +))
    guard rows > 0 else { return }
    tables.addFixed(counts, rows: rows, into: &sums)
    for index in learned.indices {
      let tuning = DetectorTuning.learned[index]
      sums[tables.fixedCount + index] = learned[index].logFactor(
        counts, rows: rows, tables, prior: tuning.prior, room: &binRoom)
      learned[index].learn(counts, rows: rows, shares: tables.shares, memory: tuning.memory, room: &binRoom)
    }
    walk(start: start)
    for bet in sums.indices { sums[bet] = min(sums[bet], 345) }
    Elementary.exp(&sums)
    for bet in ratios.indices { ratios[bet] = min((rows + ratios[bet]) * sums[bet], DetectorTuning.mostEvidence) }
    weigh()
  }

  private mutating func walk(start: Int64) {
    for bet in walks.indices {
      if walks[bet] <= 0 {
        walks[bet] = 0
        onsets[bet] = start
      }
      walks[bet] += sums[bet]
    }
  }

  mutating func weigh() {
    level = 0
    for bet in ratios.indices { level += tables.weights[bet] * ratios[bet] }
  }

  /// The bet that adds most to the statistic.
  var leadingBet: Int {
    var leading = 0
    for bet in ratios.indices where tables.weights[bet] * ratios[bet] > tables.weights[leading] * ratios[leading] {
      leading = bet
    }
    return leading
  }
}
