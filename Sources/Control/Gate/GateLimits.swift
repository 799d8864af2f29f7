/// What one comparison may hold.
public enum GateLimits {
  /// Rows of one comparison; more are no longer counted.
  static let rows = 1 << 40
  /// Values of segments that are followed, in order of their first row. Rows of others are counted together.
  public static let segments = 200
  /// The largest magnitude of a paired difference. Losses are bounded far below.
  static let difference = 1e6
}
