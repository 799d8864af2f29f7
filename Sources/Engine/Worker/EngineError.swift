/// Why a worker cannot go on: what was wrong, where, and what to do.
public struct EngineError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// A topic is missing or has another number of partitions than the configuration says.
    case topics
    /// Records are gone that lie between a snapshot and the committed offsets.
    case historyLost
    /// An input is another than the one that has been read.
    case replaced
    /// A snapshot is gone or damaged, and the log no longer reaches back far enough to do without.
    case noSnapshot
    /// The group's offsets are gone, and what has been written cannot be told from the outputs.
    case offsetsLost
    /// The worker has thrown an error before and commits nothing more.
    case failed
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
