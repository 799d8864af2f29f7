/// Names of topics in the log: a common prefix before the contract's names.
public struct TopicNames: Hashable, Sendable {
  public let prefix: String

  public init(prefix: String = "") {
    self.prefix = prefix
  }

  public subscript(topic: Topic) -> String {
    prefix + topic.rawValue
  }

  /// The contract's topic behind a name in the log.
  public func topic(named name: String) -> Topic? {
    name.hasPrefix(prefix) ? Topic(rawValue: String(name.dropFirst(prefix.count))) : nil
  }
}
