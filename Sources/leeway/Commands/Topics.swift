import ArgumentParser
import Events
import Log

/// `leeway topics`
struct Topics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, create and check the topics of a log.",
    subcommands: [List.self, Create.self, Check.self], defaultSubcommand: List.self)

  /// `leeway topics list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the topics of the configuration that the log has, and how much they hold.",
      discussion: """
        OFFSETS counts those between a topic's first record and its end. After compaction, and on Kafka, where commits take \
        offsets too, they are more than its records.
        """)

    @OptionGroup var common: CommonOptions
    @Flag(help: "Every topic of the log, also those that are not Leeway's or have another prefix.")
    var all = false
    @Flag(help: "One JSON object per topic and line.")
    var json = false

    func run() async throws {
      let configuration = try common.load()
      let log = try configuration.log.openExisting()
      let reader = try log.makeReader()
      defer { reader.close() }
      let output = StandardOutput()
      let specs = try all ? log.topics() : Topic.specs(in: log, configuration.topics)
      var table = TextTable(header: ["TOPIC", "PARTITIONS", "OFFSETS", "RETENTION", "COMPACTED"])
      for spec in specs.sorted(by: { $0.name < $1.name }) {
        let bounds = try (0..<spec.partitions).map { try reader.bounds(of: TopicPartition(spec.name, $0)) }
        if json { try output.line(spec.json(bounds)) }
        let records = bounds.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        table.append([
          spec.name, "\(spec.partitions)", "\(records)", spec.retention.shown, spec.compacted ? "yes" : "no",
        ])
      }
      if !json { try output.lines(table.lines) }
      try output.flush()
    }
  }

  /// `leeway topics create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create what is missing: the log itself and the topics of the contracts.")

    @OptionGroup var common: CommonOptions
    @Flag(help: "One JSON object per topic and line.")
    var json = false

    func run() async throws {
      let configuration = try common.load()
      let log = try configuration.log.open()
      let present = Set(try Topic.specs(in: log, configuration.topics).map(\.name))
      let output = StandardOutput()
      for contract in Topic.allCases {
        let spec = contract.spec(configuration.topics)
        let isNew = !present.contains(spec.name)
        if isNew { try log.create(spec) }
        if json {
          var writer = JSONWriter()
          writer.object {
            $0.field("topic", spec.name)
            $0.field("created", isNew)
          }
          try output.line(writer.bytes)
        } else if isNew {
          try output.line("created \(spec.name) (\(spec.partitions) partition\(spec.partitions == 1 ? "" : "s"))")
        }
      }
      if !json, Topic.allCases.allSatisfy({ present.contains($0.spec(configuration.topics).name) }) {
        try output.line("all topics are there already")
      }
      try output.flush()
    }
  }

  /// `leeway topics check`
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the log's topics with the contracts and the configuration; status 1 where they differ.")

    @OptionGroup var common: CommonOptions
    @Flag(help: "One JSON object per difference and line.")
    var json = false

    func run() async throws {
      let configuration = try common.load()
      let differences = TopicDifference.all(
        in: try Topic.specs(in: configuration.log.openExisting(), configuration.topics),
        configuration: configuration.topics, isEmbedded: configuration.log.kafka == nil)
      let output = StandardOutput()
      for difference in differences { try output.line(json ? difference.json : difference.description) }
      if differences.isEmpty, !json {
        try output.line("all \(Topic.allCases.count) topics agree with the contracts")
      }
      try output.flush()
      if !differences.isEmpty { throw CommandError("topics differ from the contracts", isReported: true) }
    }
  }
}

/// One way in which a log's topic is not what its contract says.
struct TopicDifference: CustomStringConvertible, Equatable {
  enum Kind {
    case missing, partitions, retention, compaction
  }

  let kind: Kind
  let topic: String
  let problem: String
  let remedy: String

  var description: String { "\(topic): \(problem); \(remedy)" }

  var json: String {
    var writer = JSONWriter()
    writer.object {
      $0.field("topic", topic)
      $0.field("problem", problem)
      $0.field("remedy", remedy)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// In the order of the contracts.
  ///
  /// - Parameter isEmbedded: whether the log is the embedded one, which cannot change a topic.
  static func all(
    in present: [TopicSpec], configuration: TopicsSection, isEmbedded: Bool
  ) -> [TopicDifference] {
    let byName = Dictionary(present.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    /// Of each setting the topics with their partitions.
    let groups = Dictionary(grouping: Topic.allCases.filter { $0.partitionSetting != nil }) { $0.partitionSetting }
      .mapValues { topics in topics.compactMap { byName[$0.spec(configuration).name] } }
    return Topic.allCases.flatMap { topic -> [TopicDifference] in
      let wanted = topic.spec(configuration)
      guard let found = byName[wanted.name] else {
        return [
          TopicDifference(
            kind: .missing, topic: wanted.name, problem: "is missing", remedy: "create it with: leeway topics create")
        ]
      }
      return differences(found, wanted, topic.partitionSetting, groups[topic.partitionSetting] ?? [], isEmbedded)
    }
  }

  private static func differences(
    _ found: TopicSpec, _ wanted: TopicSpec, _ setting: Topic.PartitionSetting?, _ group: [TopicSpec],
    _ isEmbedded: Bool
  ) -> [TopicDifference] {
    let anew = isEmbedded ? "start a new log" : "create the topic anew"
    let change = isEmbedded ? anew : "change it with your cluster's tools, if it is not meant"
    var differences: [TopicDifference] = []
    func add(_ kind: Kind, _ problem: String, _ remedy: String) {
      differences.append(TopicDifference(kind: kind, topic: wanted.name, problem: problem, remedy: remedy))
    }
    if found.partitions != wanted.partitions {
      let most = group.map(\.partitions).max() ?? found.partitions
      let fewer = group.filter { $0.partitions < most }.map(\.name)
      let key =
        switch setting {
        case let setting? where fewer.isEmpty || isEmbedded:
          "set \(setting.rawValue) to \(found.partitions), or \(anew)"
        // Partitions can be added and not taken away.
        case let setting?:
          "give \(fewer.joined(separator: ", ")) \(most) as well and set \(setting.rawValue) to \(most)"
        case nil: anew
        }
      add(.partitions, "has \(found.partitions) partitions instead of \(wanted.partitions)", key)
    }
    if found.retention != wanted.retention {
      add(.retention, "keeps records \(found.retention.shown) instead of \(wanted.retention.shown)", change)
    }
    if found.compacted != wanted.compacted {
      add(.compaction, "is \(found.compacted ? "" : "not ")compacted", change)
    }
    return differences
  }
}

extension Retention {
  var shown: String {
    let parts = [milliseconds.map(Quantity.shown(milliseconds:)), bytes.map(Quantity.shown(bytes:))].compactMap { $0 }
    return parts.isEmpty ? "forever" : parts.joined(separator: ", ")
  }
}

extension TopicSpec {
  /// With the first offset and the end of each partition.
  fileprivate func json(_ bounds: [Range<Int64>]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.field("topic", name)
      $0.field("partitions", each: bounds) { writer, bounds in
        writer.object {
          $0.field("first", bounds.lowerBound)
          $0.field("end", bounds.upperBound)
        }
      }
      $0.field("retention_ms", retention.milliseconds)
      $0.field("retention_bytes", retention.bytes)
      $0.field("compacted", compacted)
    }
    return writer.bytes
  }
}
