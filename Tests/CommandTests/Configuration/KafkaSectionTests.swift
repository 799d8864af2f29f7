import EventLog
import Foundation
import TestSupport
import Testing

@testable import leeway

@Suite("log.kafka")
struct KafkaSectionTests {
  private func configuration(_ lines: String...) throws -> LeewayConfiguration {
    try LeewayConfiguration(
      yaml: (["log:", "  kafka:"] + lines.map { "    " + $0 }).joined(separator: "\n"), file: "c.yaml")
  }

  private func options(_ configuration: LeewayConfiguration, _ environment: [String: String]) throws -> KafkaOptions {
    try #require(configuration.log.kafka).options(environment: environment) { _ in }
  }

  @Test func secretsComeFromTheirPlaces() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "password")
    try Data("from a file\n".utf8).write(to: file)
    let read = try configuration(
      "servers: a:1,b:2", "replicas: 3", "properties:", "  sasl.username: me", "  sasl.password: {env: PASS}",
      "  ssl.key.password: {file: \(file.path)}", "  client.rack: {env: RACK}")
    let options = try options(read, ["PASS": "hunter2", "RACK": "r1"])
    #expect(options.servers == "a:1,b:2" && options.replicas == 3)
    #expect(
      options.properties == [
        "sasl.username": "me", "sasl.password": "hunter2", "ssl.key.password": "from a file", "client.rack": "r1",
      ])
    // Where a secret is does not show what it is.
    #expect(!"\(read)".contains("hunter2"))
  }

  @Test func aSecretInTheFileIsRefusedAndNotShown() {
    for name in KafkaOptions.secretProperties.sorted() {
      let error = #expect(throws: CommandError.self) {
        try configuration("servers: a:1", "properties:", "  \(name): hunter2")
      }
      #expect(error?.description.contains("hunter2") == false && error?.description.contains(name) == true)
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    let read = try configuration("servers: a:1", "properties:", "  sasl.password: {env: PASS}")
    for environment in [[:], ["PASS": ""]] {
      let error = #expect(throws: CommandError.self) { try options(read, environment) }
      #expect(error?.description.contains("PASS") == true)
      #expect(error?.description.contains("log.kafka.properties.sasl.password") == true)
    }
    #expect(throws: CommandError.self) { try configuration("replicas: 1") }
    #expect(throws: CommandError.self) { try configuration("servers: a:1", "replicas: 0") }
    #expect(throws: CommandError.self) { try configuration("servers: a:1", "properties: [a]") }
  }

  @Test func whatExactlyOnceRestsOnIsNotToBeSet() {
    for name in KafkaOptions.ownProperties.sorted() {
      #expect(throws: CommandError.self, "\(name)") {
        try configuration("servers: a:1", "properties:", "  \(name): x")
      }
    }
  }

  /// Where the results lie does not decide what they are.
  @Test func theClusterIsNotInTheFingerprint() throws {
    #expect(try configuration("servers: a:1").fingerprint == LeewayConfiguration().fingerprint)
  }

  @Test(arguments: [
    "a:1,b:2", "kafka", "kafka-1.example.com:9092, kafka_2:9092", "10.0.0.5:9092", "'[::1]:9092'", "a.:1", "A1:65535",
  ]) func brokersAreTaken(servers: String) throws {
    #expect(try configuration("servers: \(servers)").log.kafka?.servers.isEmpty == false)
  }

  /// With the place, and without what stands there: it may be a password.
  @Test(arguments: [
    "5", "host:hunter2", "user:hunter2@host:9092", "'a:1,'", "a:1,,b:1", "a:0", "a:65536", "'::1'", "'[hunter2]:1'",
    "'[::1'", "SSL://hunter2:1", "10.0.0:1", "10.0.0.256:1", "a:1 hunter2:1", "a..b:1", "':1'", "''", "h\u{e9}:1",
  ]) func whatIsNoBrokerIsRefused(servers: String) throws {
    let error = #expect(throws: CommandError.self) { try configuration("replicas: 1", "servers: \(servers)") }
    #expect(error?.place == "c.yaml:4" && error?.problem.contains("log.kafka.servers: broker") == true)
    #expect(error?.description.contains("hunter2") == false)
  }

  /// When the file is read: no command gets as far as the cluster.
  @Test(arguments: [
    ("sesion.timeout.ms: 9", "did you mean \"session.timeout.ms\"?"), ("sasl.pasword: hunter2", "\"sasl.password\""),
    ("socket.timeout.ms: 1", "10..300000"), ("compression.codec: best", "allowed: none, gzip"),
    ("sasl.jaas.config: hunter2", "refused"), ("no.such.thing: {env: X}", "is no property of librdkafka"),
    ("transaction.timeout.ms: 1", "1000..2147483647"), ("transaction.timeout.ms: 900000", "from 1000 to 15000"),
    ("fetch.wait.max.ms: 300000", "from 0 to 10000"), ("delivery.timeout.ms: 5", "1000 at least"),
    ("topic.blacklist: a.*", "is not to be set"),
  ]) func impossiblePropertiesAreRefused(line: String, hint: String) throws {
    let error = #expect(throws: CommandError.self) {
      try configuration("servers: a:1", "properties:", "  client.id: me", "  \(line)")
    }
    let name = line.prefix { $0 != ":" }
    #expect(error?.place == "c.yaml:6" && error?.problem.hasPrefix("log.kafka.properties.\(name): ") == true)
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("hunter2") == false)
  }

  /// When the log is opened, which every command does; and then with the same places.
  @Test(arguments: [
    ("session.timeout.ms: 500", "three times heartbeat.interval.ms"), ("heartbeat.interval.ms: 9000", "three times"),
    ("acks: 1", "`all`"), ("max.in.flight: 10", "<= 5"), ("max.poll.interval.ms: 9000", "`session.timeout.ms`"),
    ("socket.timeout.ms: 60000", "`transaction.timeout.ms`"),
  ]) func propertiesThatDoNotGoTogetherAreRefused(line: String, hint: String) throws {
    let read = try configuration("servers: a:1", "properties:", "  client.id: me", "  \(line)")
    let error = #expect(throws: CommandError.self) { try read.log.open() }
    let name = line.prefix { $0 != ":" }
    #expect(error?.place == "c.yaml:6" && error?.problem.hasPrefix("log.kafka.properties.\(name): ") == true)
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }

  /// An interval that the library's own session timeout would not allow, but Leeway's does.
  @Test func whatGoesTogetherIsTaken() throws {
    let read = try configuration(
      "servers: a:1", "properties:", "  max.poll.interval.ms: 20000", "  session.timeout.ms: 6000", "  acks: all")
    #expect(throws: Never.self) { try read.log.open() }
  }
}
