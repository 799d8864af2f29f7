import GRDB
import Log

extension Store {
  /// All topics by name, within `use` or `write`.
  func topics() throws(LogError) -> [TopicSpec] {
    var specs: [TopicSpec] = []
    let sql = "SELECT name, partitions, compacted, retain_ms, retain_bytes FROM topic ORDER BY name"
    try each(sql) { row throws(LogError) in
      let retention = Retention(milliseconds: row.optionalInteger(3), bytes: row.optionalInteger(4))
      specs.append(
        TopicSpec(
          name: row.text(0), partitions: Int(row.integer(1)), retention: retention, compacted: row.integer(2) != 0))
    }
    return specs
  }

  /// Creates a topic, or finds it as it should be, within `write`.
  func create(_ topic: TopicSpec) throws(LogError) {
    if let present = try topics().first(where: { $0.name == topic.name }) {
      guard present == topic else {
        throw LogError(
          .topicExists,
          "Topic \(topic.name) exists with other properties (\(Self.text(present)), not \(Self.text(topic))). "
            + "Use another name or the same properties.")
      }
      return
    }
    var partitions: Int64 = 0
    try each("SELECT count(*) FROM part") { row throws(LogError) in partitions = row.integer(0) }
    guard partitions + Int64(topic.partitions) < Int64(EmbeddedLogLimits.partitionsInAll) else {
      throw LogError(.tooLarge, "\(files.database) has no room for \(topic.partitions) more partitions.")
    }
    try execute(
      "INSERT INTO topic(name, partitions, compacted, retain_ms, retain_bytes) VALUES(?, ?, ?, ?, ?)",
      [topic.name, topic.partitions, topic.compacted, topic.retention.milliseconds, topic.retention.bytes])
    for number in 0..<topic.partitions {
      try execute(
        "INSERT INTO part(topic, num) SELECT id, ? FROM topic WHERE name = ?", [number, topic.name])
    }
  }

  private static func text(_ topic: TopicSpec) -> String {
    let age = topic.retention.milliseconds.map { "\($0) ms" } ?? "any age"
    let size = topic.retention.bytes.map { "\($0) bytes" } ?? "any size"
    return "\(topic.partitions) partitions, \(age), \(size)\(topic.compacted ? ", compacted" : "")"
  }
}
