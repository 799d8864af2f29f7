/// The constants of the joint statistics, chosen by measurement on streams whose columns keep their distributions while
/// their dependence changes.
enum JointTuning {
  /// Fewer rows tell too little of what depends on what.
  static let leastRows = 500
  /// Of a longer reference the newest rows count.
  static let mostRows = 65_536

  /// Parts of the reference's time, each of which is divided between fitting and counting. Their means also tell how
  /// sure a correlation is.
  static let stretches = 32
  /// Rows that are fitted to, at most half.
  static let mostFittedRows = 8_192

  /// Columns that the projection reads at most. Of more, those count whose halves agree most with another column's.
  static let projectedColumns = 48
  /// Quantile bins of a number, and levels of a category with a bin of their own, in the projection.
  static let bins = 16
  static let levels = 4
  /// A level, or missing values, must have this share of the rows, and leave as much, to be a feature.
  static let leastShare = 0.01
  /// Standard errors by which two features must be correlated to be believed.
  static let sureness = 4.5
  /// A nearly exact relation counts as one with this variance, lest rounding in the data become evidence.
  static let leastVariance = 0.02

  /// Columns whose halves make up one pattern: 2⁵ patterns are the bins of one histogram.
  static let patternColumns = 5
  /// All pairs of 22 columns fit into so many patterns.
  static let mostPatterns = 32
  /// Reference rows for each pattern: every histogram more is one more whose shares a short reference may miss. With
  /// 1,000 rows and all 26 patterns of 20 columns twice as many quiet streams alarmed as without.
  static let rowsPerPattern = 300
  /// A column takes part in patterns if its halves are at least this even.
  static let leastHalf = 0.05
  /// Levels that one half of a category names.
  static let halfLevels = 64
}
