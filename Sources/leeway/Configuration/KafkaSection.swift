import EventLog
import Foundation
import Yams

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

  enum Key: String, ConfigurationKey { case servers, replicas, properties }

  init(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.text(.servers, &servers)
    guard !servers.isEmpty else { throw section.place(of: .servers).error(expected: "brokers, such as host:9092") }
    try section.optionalInteger(.replicas, &replicas, in: 1...100)
    guard let node = section[.properties], !node.isEmpty else { return }
    guard case .mapping(let mapping) = node.node else { throw node.error(expected: "properties with values") }
    for (key, value) in mapping {
      guard case .scalar(let name) = key else { throw node.error(expected: "names of properties") }
      let place = ConfigurationNode(node: value, file: node.file, path: "\(node.path).\(name.string)")
      guard !KafkaOptions.ownProperties.contains(name.string) else {
        throw place.error("is not to be set", remedy: "Leeway's promises rest on its own choice of it")
      }
      properties[name.string] =
        switch value {
        case .mapping: .secret(try Secret(place, "the value"))
        case _ where KafkaOptions.secretProperties.contains(name.string): .secret(try Secret(place, "the secret"))
        default: .plain(try place.text())
        }
    }
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
