/// Why a model, a schema or a target could not be used.
public struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The columns or the task cannot make a model.
    case schema
    /// A label that the task does not know.
    case target
    /// Bytes that are no artifact, or a damaged one.
    case damaged
    /// An artifact of a format that this build does not read.
    case version
  }

  public let code: Code
  /// What was wrong, where, and what to do.
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}

/// Bounds of everything that a schema or an artifact can make large.
public enum ModelLimits {
  public static let columns = 4_096
  public static let classes = 256
  public static let hashedColumns = 64
  /// Weights over hats past which a model does without them.
  static let hatWeights = 1 << 20
  /// Linear models of one scope.
  public static let experts = 7
  /// Levels of one categorical column that may get a weight of their own.
  public static let levels = 4_096
  /// Weights of one model, slots × experts (× classes), past which no further level gets its own.
  public static let weights = 1 << 22
  /// Weights of one linear model, slots (× classes), that a schema asks for before a level is seen.
  static let fixedWeights = 1 << 22
  /// Rows that a family scores before it learns them.
  static let blockLength = 10_000
  /// Values that all reservoirs of a model hold together.
  static let reservoirValues = 1 << 18
  /// Entries of all rows that a network keeps.
  static let replayEntries = 1 << 20
  /// UTF-8 bytes of a column's, class's or level's name; a longer level never gets a weight of its own.
  public static let nameLength = 256
  /// Numbers and errors are cut to this magnitude before they enter a statistic, so that no square overflows.
  public static let magnitude = 1e100
}
