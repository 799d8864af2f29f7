/// Where a Kafka cluster is and how to talk to it.
public struct KafkaOptions: Sendable {
  /// One line of librdkafka's own log. It comes from threads of the library.
  public struct Line: Sendable {
    /// As syslog's: 0 to 3 errors, 4 warnings, 5 and 6 notices, 7 debugging.
    public let level: Int
    public let text: String
    /// Whether a client has lost its last broker.
    public var isOutage = false
    /// Whether it tells of a connection that failed or ended.
    public var isConnection = false
  }

  /// Brokers to start from: `host:port`, separated by commas.
  public var servers: String
  /// Properties of librdkafka beyond those, by their names there. They go before Leeway's own choices.
  public var properties: [String: String]
  /// Properties whose values nobody must see, beside `secretProperties`.
  public var secrets: Set<String>
  /// Replicas of topics that are created; nil leaves it to the cluster.
  public var replicas: Int?
  /// How long one call goes on trying before it fails, in milliseconds.
  public var patienceMilliseconds: Int
  /// Takes what the library has to say, without secrets.
  public var report: @Sendable (Line) -> Void

  public init(
    servers: String, properties: [String: String] = [:], secrets: Set<String> = [], replicas: Int? = nil,
    patienceMilliseconds: Int = 30_000, report: @escaping @Sendable (Line) -> Void = { _ in }
  ) {
    self.servers = servers
    self.properties = properties
    self.secrets = secrets
    self.replicas = replicas
    self.patienceMilliseconds = max(patienceMilliseconds, 1_000)
    self.report = report
  }

  /// Properties whose values must not be seen by anyone, nor stand in a configuration.
  public static let secretProperties: Set<String> = [
    "sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password", "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config",
  ]

  /// Properties on which exactly-once processing rests: they cannot be set.
  public static let ownProperties: Set<String> = [
    "bootstrap.servers", "metadata.broker.list", "group.id", "group.instance.id", "transactional.id",
    "enable.auto.commit", "enable.auto.offset.store", "isolation.level", "auto.offset.reset", "enable.partition.eof",
    "enable.idempotence", "plugin.library.paths", "topic.blacklist",
  ]

  /// Parts of the names of properties whose values are not shown, whatever librdkafka makes of them.
  private static let tellingWords = ["pass", "secret", "token", "jaas", "key", "oauthbearer.config", "kinit.cmd"]
  /// What such a property names where it ends so can be seen by all: a file or an address.
  private static let plainEnds = [".location", ".file", ".url", ".keytab"]

  static func isSecret(_ property: String) -> Bool {
    let name = property.lowercased()
    return tellingWords.contains { name.contains($0) } && !plainEnds.contains { name.hasSuffix($0) }
  }

  /// The largest batch that a client makes, and the largest record that it sends, in bytes.
  var batchBytes: Int { min(properties["batch.size"].flatMap { Int($0) } ?? 1_000_000, messageBytes) }
  var messageBytes: Int { properties["message.max.bytes"].flatMap { Int($0) } ?? 1_000_000 }

  func limitingBatches(to bytes: Int) -> KafkaOptions {
    guard bytes < batchBytes else { return self }
    var limited = self
    limited.properties["batch.size"] = "\(bytes)"
    return limited
  }

  func isSecret(_ property: String) -> Bool { Self.isSecret(property) || secrets.contains(property) }

  /// Milliseconds after which a broker gives up an open transaction of Leeway's.
  var transactionMilliseconds: Int {
    properties["transaction.timeout.ms"].flatMap { Int($0) } ?? KafkaLimits.transactionMilliseconds
  }

  /// The secret values among the properties.
  var secretValues: KafkaSecrets { KafkaSecrets(properties.filter { isSecret($0.key) }.values) }
}

/// What a log on Kafka promises and takes on where the port leaves a choice.
public enum KafkaLimits {
  /// Kafka has no earlier times: a record's timestamp is brought up to it.
  public static let earliestTimestamp: Int64 = 1
  /// Milliseconds after which a broker gives up the open transaction of a worker that is gone. Until then readers wait
  /// at its first record.
  static let transactionMilliseconds = 15_000
  /// Milliseconds without a sign of life after which a worker's partitions go to others.
  static let sessionMilliseconds = 10_000
  /// Milliseconds for which a worker that closes while it joins waits to hear what the group has decided.
  static let decisionMilliseconds: Int64 = 5_000
  /// Milliseconds after which it is gone then, whether or not the group has heard of it. The library waits 5,000 for the
  /// group's answer.
  static let leaveMilliseconds: Int64 = 7_000
  /// For its answer to what the group asked last, once the group has been left.
  static let answerMilliseconds: Int64 = 200
  /// Milliseconds for which trouble with a connection explains that a member is refused. While an outage lasts, the library
  /// tells of it at least this often: it takes up to 60 s to miss an answer.
  static let disturbanceMilliseconds: Int64 = 90_000
  /// Milliseconds after which a connection that was refused is tried again at the latest.
  static let reconnectMilliseconds = 1_000
  /// Milliseconds after which partitions that were added, and brokers, are known at the latest.
  static let metadataMilliseconds = 30_000
  /// Milliseconds in which a connection has to be ready, with all that TLS and SASL ask for.
  static let connectMilliseconds = 10_000
  /// Milliseconds that a broker holds a fetch which finds nothing new; also how long the end of a partition goes
  /// unnoticed behind control records.
  static let fetchWaitMilliseconds = 50
  /// Values that wait in memory, in units of 1,000 bytes: for each topic that a worker reads, for each partition that a
  /// reader reads. The library counts neither keys nor headers, nor the 300 bytes that a record takes up by itself; it
  /// looks before it fetches, and a broker's answer brings up to 16 MiB more.
  static let queuedKilobytes = 16_384
  /// Records that wait in memory, likewise.
  static let queuedRecords = 100_000
  /// Partitions that one reader goes on fetching.
  static let streams = 8
}
