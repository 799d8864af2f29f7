/// Why a model cannot be written in a format.
public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// A column whose preprocessing the format's operators cannot express.
    case column
    /// A name that the format's readers would take for another.
    case name
  }

  public let code: Code
  /// What was wrong, where, and what to do.
  public let message: String

  public var description: String { message }
}
