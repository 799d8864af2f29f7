import EventLog
import Foundation
import Log
import Yams

/// Where a value stands, to be named when it turns out to be wrong later.
struct ConfigurationPlace: Equatable {
  let line: String
  let path: String

  init(_ node: ConfigurationNode) { (line, path) = (node.place, node.path) }
}

/// A Kafka cluster in the place of the embedded log.
struct KafkaSection: Equatable {
  enum Value: Equatable {
    case plain(String)
    case secret(Secret)
  }

  /// Brokers to start from: `host:port`, separated by commas.
  var servers = ""
  /// Replicas of topics that are created; nil leaves it to the cluster.
  var replicas: Int?
  /// Properties of librdkafka.
  var properties: [String: Value] = [:]
  /// Where each of them stands, and by the empty name all of them.
  private var places: [String: ConfigurationPlace] = [:]

  enum Key: String, ConfigurationKey { case servers, replicas, properties }

  init(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.text(.servers, &servers)
    if let problem = KafkaOptions.flaw(ofServers: servers) {
      throw section.place(of: .servers).error(
        problem, remedy: "expected host:port of one or more brokers, separated by commas, such as kafka-1:9092")
    }
    try section.optionalInteger(.replicas, &replicas, in: 1...100)
    guard let node = section[.properties], !node.isEmpty else { return }
    guard case .mapping(let mapping) = node.node else { throw node.error(expected: "properties with values") }
    places[""] = ConfigurationPlace(node)
    for (key, value) in mapping {
      guard case .scalar(let name) = key else { throw node.error(expected: "names of properties") }
      let place = ConfigurationNode(node: value, file: node.file, path: "\(node.path).\(name.string)")
      places[name.string] = ConfigurationPlace(place)
      let property: Value =
        switch value {
        case .mapping: .secret(try Secret(place, "the value"))
        case _ where KafkaOptions.secretProperties.contains(name.string): .secret(try Secret(place, "the secret"))
        default: .plain(try place.text())
        }
      try Self.check(name.string, property, place)
      properties[name.string] = property
    }
  }

  private static func check(
    _ name: String, _ value: Value, _ place: ConfigurationNode
  ) throws(CommandError) {
    let text: String? = if case .plain(let text) = value { text } else { nil }
    guard let problem = KafkaOptions.flaw(of: name, text) else { return }
    let meant = KafkaOptions.isKnown(name) ? nil : Spelling.nearest(to: name, among: KafkaOptions.knownProperties)
    throw place.error(problem, remedy: meant.map { "did you mean \"\($0)\"?" } ?? "correct it, or leave it out")
  }

  func open(report: @escaping @Sendable (KafkaOptions.Line) -> Void) throws -> KafkaLog {
    let options = try options(report: report)
    do throws(LogError) {
      return try KafkaLog(options)
    } catch {
      throw options.flaw.map(self.error) ?? error
    }
  }

  /// A flaw of the options as an error with its place in the file.
  private func error(_ flaw: KafkaOptions.Flaw) -> CommandError {
    let place = places[flaw.property] ?? places[""]
    return CommandError(
      "\(place?.path ?? flaw.property): \(flaw.problem)", at: place?.line,
      remedy: "correct it, or leave it out: the other properties are Leeway's choice")
  }

  /// - Parameters:
  ///   - environment: where secrets are looked up that it holds.
  ///   - report: takes what librdkafka has to say.
  func options(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    report: @escaping @Sendable (KafkaOptions.Line) -> Void
  ) throws(CommandError) -> KafkaOptions {
    var values: [String: String] = [:]
    var secrets: Set<String> = []
    for (name, value) in properties {
      switch value {
      case .plain(let text): values[name] = text
      case .secret(let secret):
        let text = try secret.text(environment, for: "log.kafka.properties.\(name)")
        // A file's last line ends with a line break that is not part of a password.
        values[name] = name.hasSuffix(".pem") ? text : text.trimmingCharacters(in: .newlines)
        secrets.insert(name)
      }
    }
    return KafkaOptions(
      servers: servers, properties: values, secrets: secrets, replicas: replicas, report: report)
  }
}
