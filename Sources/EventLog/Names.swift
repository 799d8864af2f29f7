import Log

/// What may be the name of a topic, a group or a producer: it becomes part of file names, and Kafka's rules are these.
enum Names {
  static func check(_ name: String, _ kind: String) throws(LogError) {
    let allowed = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
    guard allowed, !name.isEmpty, name.utf8.count <= EmbeddedLogLimits.nameBytes, name != ".", name != ".." else {
      throw LogError(
        .invalidArgument,
        "\(kind) cannot be called \"\(name.prefix(80))\". Use 1 to \(EmbeddedLogLimits.nameBytes) of a-z, A-Z, 0-9, "
          + "'.', '_' and '-'.")
    }
  }
}

/// What topics have to be, on any log.
enum TopicRules {
  static func check(_ topic: TopicSpec) throws(LogError) {
    try Names.check(topic.name, "A topic")
    guard topic.partitions >= 1, topic.partitions <= EmbeddedLogLimits.partitions else {
      throw LogError(
        .invalidArgument,
        "Topic \(topic.name) cannot have \(topic.partitions) partitions. Use 1 to \(EmbeddedLogLimits.partitions).")
    }
    if let age = topic.retention.milliseconds, age < 0 {
      throw LogError(.invalidArgument, "Topic \(topic.name) cannot keep records for \(age) ms.")
    }
    if let size = topic.retention.bytes, size < 0 {
      throw LogError(.invalidArgument, "Topic \(topic.name) cannot keep \(size) bytes.")
    }
  }

  /// The number of partitions that all topics of a group have.
  static func partitions(of topics: [String], group: String, in log: some Log) throws(LogError) -> Int {
    var common: Int?
    for topic in topics {
      guard let count = try log.partitions(of: topic) else {
        throw LogError(.unknownTopic, "The log has no topic \(topic). Create it first.")
      }
      guard common == nil || common == count else {
        throw LogError(
          .invalidArgument,
          "Group \(group) cannot read \(topics.joined(separator: ", ")) together: they differ in their number of "
            + "partitions.")
      }
      common = count
    }
    guard let common else {
      throw LogError(.invalidArgument, "Group \(group) has to name at least one topic to read.")
    }
    return common
  }
}
