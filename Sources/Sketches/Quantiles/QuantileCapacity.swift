/// How many items the levels of a quantile sketch may hold.
enum QuantileCapacity {
  /// Fewest items for which a level is halved; the M of Apache DataSketches, written into its format.
  static let narrowest = 8
  /// Most levels of a sketch, the highest of which is never halved. Sums of `SketchLimits.panes` sketches of
  /// `SketchLimits.count` values each do not reach beyond it.
  static let levels = 60
  /// Parameter of the library's format and of its error, smallest and largest.
  static let parameters = 8...65_535

  /// Levels whose room a sketch has from the start, however few it uses.
  private static let roomyLevels = 8
  /// Shares of the library's level widths that a sketch uses. Paired coins have half the variance of the library's, so
  /// four fifths hold the error below the library's for one stream of any length. A merged sketch, of which a window
  /// keeps one a pane, makes do with less: its error was at most 1.22 % (of the promised 1.33 %, at k = 200) in 99 of
  /// 100 trials, over chains, trees and windows of 60 to 3,000 panes.
  enum Share: Double {
    case updated = 0.8
    case merged = 0.58
  }

  /// (2/3)^depth, the falling widths of Karnin, Lang and Liberty (2016).
  private static let thinning: [Double] = (0...levels).map { depth in
    (0..<depth).reduce(1) { power, _ in power * 2 / 3 }
  }

  /// Items at which a level this deep below the top is halved.
  static func width(k: Int, depth: Int, share: Share) -> Int {
    max(narrowest, Int(Double(k) * share.rawValue * thinning[depth]))
  }

  /// Items that a sketch of so many levels may hold.
  static func budget(k: Int, levels: Int, share: Share) -> Int {
    let depths = max(levels, roomyLevels)
    var budget = 0
    for depth in 0..<depths {
      let width = width(k: k, depth: depth, share: share)
      // All deeper levels are as narrow.
      if width == narrowest { return budget + (depths - depth) * narrowest }
      budget += width
    }
    return budget
  }

  /// Items that the library's own sketch of so many levels may hold: readers of its format allot just that many.
  static func libraryBudget(k: Int, levels: Int) -> Int {
    var total = 0
    for depth in 0..<levels {
      total += max(narrowest, depth > 30 ? halved(halved(k, depth / 2), depth - depth / 2) : halved(k, depth))
    }
    return total
  }

  /// k (2/3)^depth, rounded as the library rounds it; depth at most 30.
  private static func halved(_ k: Int, _ depth: Int) -> Int {
    let power = (0..<depth).reduce(1) { power, _ in power * 3 }
    return ((2 * k << depth) / power + 1) / 2
  }

  /// The highest level at which a sorted run may enter for one item of every 2^level of its values, with an error that
  /// is small beside that of the sketch.
  ///
  /// A run thinned so, with offsets in pairs, adds 4^e / 12 to the variance of a rank: n 4^e / (12 v) for n values in
  /// runs of v. The levels above, up to the top one of weight 2^t, add about n 2^t / (0.65 k). This bound keeps the
  /// first below 4 % of the second.
  static func entryLevel(values: Int, k: Int, levels: Int) -> Int {
    let scaled = (values << 20) / (4 * k) * 3
    guard scaled > 0 else { return 0 }
    return max(0, (Int.bitWidth - 1 - scaled.leadingZeroBitCount + levels - 21) / 2)
  }
}
