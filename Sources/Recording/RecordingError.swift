/// What is wrong with a recording: which file, where in it, and what to do.
public struct RecordingError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The file or folder cannot be opened, read or written.
    case inaccessible
    /// These bytes are something else.
    case notARecording
    /// Written by a later version of Leeway.
    case newerFormat
    /// The end is missing.
    case cut
    /// A checksum, a count or the form of something does not fit.
    case damaged
    /// A record or a topic beyond `RecordingLimits`, or one that the recording's topics do not have.
    case invalidArgument
  }

  public let code: Code
  /// One sentence: what was wrong, where, and what to do.
  public let message: String
  /// For `cut` and `damaged`: the first byte of the file that cannot be used.
  public let position: Int64?

  init(_ code: Code, _ message: String, at position: Int64? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }

  public var description: String { message }
}
