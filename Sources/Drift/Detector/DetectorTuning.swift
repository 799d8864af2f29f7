/// Every constant of the detector that was chosen by measurement. The figures come from `Benchmarks detector`.
enum DetectorTuning {
  /// The alarm threshold is this many times the promised average run length, so that at most one stream in ten of that
  /// length holds an alarm.
  static let thresholdPerRunLength = 10.0
  /// One-sided deviations by which every bet is held below what the reference may hide: without them the reference's own
  /// error is taken for a change sooner or later. Doubling an error rate of 10 % is found after 412 events at 2 and 355
  /// at 1.5 (2,000 reference rows, median of 100); at 2 a single column still alarms far less than promised.
  static let confidence = 2.0
  /// What each e-fold of watched columns adds to its square, since among many one reference is further off: 2.5
  /// deviations for 50 columns. Without it 3 of 20 seeds of 50 columns alarmed at 1,000 rows.
  static let confidencePerColumns = 0.6

  static func confidence(columns: Int) -> Double {
    (confidence * confidence + confidencePerColumns * Elementary.log(Double(max(columns, 1)))).squareRoot()
  }

  /// Locations, in deviations of a normal column, and scales that a numeric column is bet on.
  static let locations = [0.1, 0.2, 0.4, 0.8, 1.6]
  static let scales = [0.5, 0.75, 1.35, 2]
  /// Locations of the values beside a dominant atom.
  static let restLocations = [0.2, 0.4, 0.8, 1.6]
  /// Logarithms of the factors on the odds of an atom, and of a category or of missing values that grow fewer.
  static let oddsSteps = [0.35, 0.7, 1.4]
  static let fewerSteps = [0.7, 1.4]
  /// Shares of all rows that a category, a rare bin or missing values are bet to have taken over.
  static let takeovers = [0.03, 0.1, 0.3]
  /// Powers of all shares of a categorical column: more even below 1, less even above.
  static let powers = [0, 0.5, 1.5]
  static let powerWeight = 0.33
  /// An atom between these shares is bet on by its odds.
  static let dominantAtom = 0.2..<0.995
  /// A bin below this share is rare; below `fewerShare` nothing can be won by betting on fewer rows.
  static let rareShare = 0.005
  static let fewerShare = 0.01

  /// Learned bets, a lane each: rows of memory, rows of the reference mixed into what was learned, and weight. They
  /// alone see a change of shape that keeps location and scale.
  static let learnedMemories = SIMD2(64.0, 512)
  static let learnedPriors = SIMD2(16.0, 32)
  static let learnedWeights = [0.1, 0.1]

  /// Fewer rows than these tell nothing that could be bet on.
  static let leastRows = 50.0
  /// Independent rows below which a reference keeps the promise no longer for certain.
  static let effectiveRows = 50.0

  /// Of a reference without order: events and panes whose halves tell the dependence before anything is judged. On a
  /// shuffled AR(1) reference 10, 11 and 14 of 200 seeds alarm at 1,000, 10,000 and 100,000 rows; without it, all.
  static let settlingEvents = 1_000
  static let settlingPanes = 16

  /// Beyond this a statistic grows no further: the change has long been found.
  static let mostEvidence = 1e150
}
