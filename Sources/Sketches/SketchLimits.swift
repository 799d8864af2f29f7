/// The bounds that keep a sketch small whatever the data.
public enum SketchLimits {
  /// Quantile bins of a numeric column (DETECTOR: K).
  public static let quantileBins = 32
  /// Most bins of a numeric column: the quantile bins and those that atoms add, and what a reference made elsewhere
  /// may have.
  public static let numericBins = 128
  /// Levels of a categorical column with a bin of their own.
  public static let categoryBins = 64
  /// Rows that a reference must hold of a level for the level to get a bin of its own.
  public static let rowsOfBinnedLevel = 5
  /// Names that are remembered of the reference's levels without a bin of their own.
  public static let otherLevels = 1_024
  /// Names of unseen levels that one pane counts exactly.
  public static let unseenLevels = 64
  /// UTF-8 bytes of a level's name; longer names are counted together.
  public static let levelBytes = 256
  /// Largest magnitude of a number; beyond it the sum of squares of a long stream could overflow.
  public static let magnitude = 1e140
  /// Largest count that a decoded sketch may hold. With `panes` it keeps every sum of counts below 2^60.
  public static let count = 1 << 40
  /// Most panes of a decoded window.
  public static let panes = 1 << 20
}
