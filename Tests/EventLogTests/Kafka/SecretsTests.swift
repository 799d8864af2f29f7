import CRdKafka
@testable import EventLog
import KafkaMock
import Log
import Synchronization
import Testing

/// What users may set, what they are told, and what nobody is told.
@Suite(.blocking) struct SecretsTests {
  private static let secret = "Hunter2-\u{e9}t\u{e9}"

  private func failure(_ body: () throws -> Void) -> LogError? {
    do {
      try body()
      return nil
    } catch {
      return error as? LogError
    }
  }

  @Test(arguments: KafkaOptions.ownProperties.sorted()) func ownPropertiesAreRefused(name: String) {
    let options = KafkaOptions(servers: "localhost:1", properties: [name: Self.secret])
    let error = failure { _ = try KafkaLog(options) }
    #expect(error?.code == .invalidArgument && error?.message.contains(name) == true)
    #expect(error?.message.contains(Self.secret) == false)
  }

  @Test(arguments: [
    ("no.such.property", "1"), ("session.timeout.ms", "many"), ("compression.codec", "none at all"),
    ("socket.timeout.ms", "-5"),
  ]) func impossibleProperties(name: String, value: String) throws {
    let options = KafkaOptions(servers: "localhost:1", properties: [name: value], patienceMilliseconds: 1_000)
    // What concerns writers alone shows when there is one.
    let error = failure { _ = try KafkaLog(options).makeProducer(id: nil) }
    #expect(error?.code == .invalidArgument && error?.message.contains(name) == true)
  }

  /// Everything that the library says and every error, with all its talk switched on.
  @Test(arguments: ["PLAIN", "SCRAM-SHA-256"]) func aPasswordIsNowhere(mechanism: String) throws {
    let place = try MockPlace()
    try place.cluster.createTopic("t", partitions: 1)
    let lines = Mutex<[String]>([])
    let options = KafkaOptions(
      servers: place.cluster.servers,
      properties: [
        "security.protocol": "sasl_plaintext", "sasl.mechanism": mechanism, "sasl.username": "the user",
        "sasl.password": Self.secret, "debug": "all",
      ], secrets: ["sasl.username"], patienceMilliseconds: 1_500
    ) { line in lines.withLock { $0.append(line.text) } }
    let log = try KafkaLog(options)
    let partition = TopicPartition("t", 0)
    let attempts: [() throws -> Void] = [
      { _ = try log.topics() }, { _ = try log.partitions(of: "t") }, { _ = try log.spec(of: "t") },
      { try log.create(TopicSpec(name: "u", partitions: 1)) }, { _ = try log.makeProducer(id: "p") },
      { _ = try log.makeReader().bounds(of: partition) }, { _ = try log.makeReader().committed(group: "g") },
      { _ = try log.join(group: "g", topics: ["t"], member: "m") },
    ]
    for (number, attempt) in attempts.enumerated() {
      // The mock cluster knows no passwords.
      let error = try #require(failure(attempt), "attempt \(number)")
      #expect(error.code == .unavailable || error.code == .denied)
      #expect(!error.message.contains(Self.secret) && !error.message.contains("the user"))
    }
    let said = lines.withLock { $0 }
    #expect(said.count > 100)
    #expect(said.allSatisfy { !$0.contains(Self.secret) && !$0.contains("the user") })
  }

  @Test(arguments: KafkaOptions.secretProperties.sorted()) func noSecretIsInARefusal(name: String) {
    let lines = Mutex<[String]>([])
    // Some of these the library refuses at once, some when it makes a client of them.
    let options = KafkaOptions(
      servers: "localhost:1",
      properties: [
        name: Self.secret, "security.protocol": "ssl", "ssl.keystore.location": "/nowhere/keys",
        "ssl.key.location": "/nowhere/key", "debug": "all",
      ], patienceMilliseconds: 1_000
    ) { line in lines.withLock { $0.append(line.text) } }
    let error = failure { _ = try KafkaLog(options).partitions(of: "t") }
    #expect(error != nil && error?.message.contains(Self.secret) == false)
    #expect(lines.withLock { $0 }.allSatisfy { !$0.contains(Self.secret) })
  }

  /// A text of any sort shows of a secret no eight characters in a row, wherever it was cut out of it.
  @Test func piecesOfASecretAreBlottedOut() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n-----END KEY-----"
    let values = [
      "sasl.oauthbearer.config": "principal=me secret=Hunter2-\u{e9}t\u{e9}", "ssl.key.pem": key, "x": "ab",
    ]
    let secrets = KafkaOptions(servers: "h:1", properties: values, secrets: ["x"]).secretValues
    for value in values.values.map(Array.init) {
      let pieces = Set(Self.pieces(of: value, 8))
      for length in [1, 7, 8, 9, 30, value.count] {
        for piece in Self.pieces(of: value, length) {
          let shown = secrets.redacted("could not read <\(String(piece))>, at https://h/?t=1")
          #expect(shown.hasPrefix("could not read <") && shown.hasSuffix(">, at https://h/?t=1"))
          #expect(pieces.isDisjoint(with: Self.pieces(of: Array(shown), 8)), "\(shown)")
        }
      }
    }
    #expect(secrets.redacted("cab a b ab") == "c*** a b ***")
    #expect(secrets.redacted("user:Hunter2-\u{e9}t@h, principal=you") == "user:***@h, ***you")
    #expect(KafkaOptions(servers: "h:1").secretValues.redacted("as it is") == "as it is")
  }

  @Test(arguments: [
    "sasl.password", "sasl.kerberos.kinit.cmd", "sasl.jaas.config", "ssl.key.pem", "SSL.Key.Password", "my.api.key",
    "some.token", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config", "key.passphrase",
  ]) func aTellingNameHidesItsValue(name: String) {
    let options = KafkaOptions(servers: "localhost:1", properties: [name: Self.secret])
    #expect(options.secretValues.redacted("<\(Self.secret)>") == "<***>")
    if let error = failure({ _ = try KafkaLog(options) }) { #expect(!error.message.contains(Self.secret)) }
  }

  @Test(arguments: [
    "ssl.key.location", "ssl.keystore.location", "sasl.kerberos.keytab", "sasl.oauthbearer.token.endpoint.url",
    "socket.keepalive.enable", "ssl.ca.location", "sasl.username", "bootstrap.servers",
  ]) func aPlaceIsNoSecret(name: String) { #expect(!KafkaOptions.isSecret(name)) }

  @Test func brokersAreLookedAtWhoeverNamesThem() {
    let error = failure { _ = try KafkaLog(KafkaOptions(servers: "user:\(Self.secret)@host:9092")) }
    #expect(error?.code == .invalidArgument && error?.message.contains(Self.secret) == false)
  }

  private static func pieces(of text: [Character], _ length: Int) -> [ArraySlice<Character>] {
    (0..<max(0, text.count - length + 1)).map { text[$0..<$0 + length] }
  }

  @Test func refusedCredentialsAreNoCaseForARetry() {
    for code in [
      RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR__SSL,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    ] {
      let error = KafkaFailure(code).error("The log cannot be read", hint: "as the broker says", isRestartable: true)
      #expect(error.code == .denied && !error.retriable)
      #expect(error.message.contains("as the broker says") && error.message.contains("credentials"))
    }
  }
}
