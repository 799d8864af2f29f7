public import Log

/// What went wrong in the client: where, and what to do about it.
public struct ClientError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The event could never be read; it was not accepted.
    case invalidEvent
    case invalidConfiguration
    /// A topic does not exist, or topics that are joined differ in their number of partitions.
    case topics
    /// The log refused or failed; see `cause`.
    case log
    /// Events accepted earlier did not reach the log.
    case undelivered
    case closed, cancelled
    /// The handle is in use in a way that excludes this one.
    case inUse
  }

  public let code: Code
  /// One sentence: what was wrong, where, and what to do.
  public let message: String
  public let cause: LogError?

  public init(_ code: Code, _ message: String, cause: LogError? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// Whether the same call may succeed later, unchanged.
  public var retriable: Bool { cause?.retriable ?? false }

  public var description: String { message }

  init(_ doing: String, _ cause: LogError) {
    self.init(.log, "\(doing): \(cause.message)", cause: cause)
  }

  static let closedProducer = ClientError(
    .closed, "the event producer is closed: make a new one to go on sending")
}
