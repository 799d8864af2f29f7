import EventLog
import Foundation
import Log
import Synchronization
import Testing

/// A broker that knows users, from the environment.
struct BrokerWithUsers: Sendable {
  static let given = ProcessInfo.processInfo.environment["LEEWAY_KAFKA_SASL"].flatMap(BrokerWithUsers.init)

  let user: String
  let password: String
  let servers: String

  init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
    guard parts.count == 2, let colon = parts[0].firstIndex(of: ":") else { return nil }
    user = String(parts[0][..<colon])
    password = String(parts[0][parts[0].index(after: colon)...])
    servers = parts[1]
  }
}

/// Against a broker that asks for SCRAM-SHA-256: `LEEWAY_KAFKA_SASL=user:password@host:port`.
@Suite(.blocking, .enabled(if: BrokerWithUsers.given != nil, "LEEWAY_KAFKA_SASL names no broker"))
struct CredentialsTests {
  private func options(
    _ given: BrokerWithUsers, mechanism: String = "SCRAM-SHA-256", user: String? = nil, password: String,
    _ lines: @escaping @Sendable (String) -> Void = { _ in }
  ) -> KafkaOptions {
    KafkaOptions(
      servers: given.servers,
      properties: [
        "security.protocol": "sasl_plaintext", "sasl.mechanism": mechanism, "sasl.username": user ?? given.user,
        "sasl.password": password, "debug": "security",
      ], replicas: 1, patienceMilliseconds: 20_000
    ) { lines($0.text) }
  }

  @Test func rightOnesAreTaken() throws {
    let given = try #require(BrokerWithUsers.given)
    let log = try KafkaLog(options(given, password: given.password))
    let topic = "leeway-test-\(UUID().uuidString.lowercased())"
    try log.create(TopicSpec(name: topic, partitions: 1))
    let place = TopicPartition(topic, 0)
    try log.makeProducer(id: nil).append([AppendBatch(place, [Record(1, "let in")])])
    #expect(try log.makeReader().all(place).map(\.record.text) == ["let in"])
  }

  /// A wrong password, a stranger, and a mechanism that is not offered or knows another password: each call says so well
  /// before its patience is over, asks for no retry, and tells nobody the password.
  @Test(arguments: [("SCRAM-SHA-256", true), ("SCRAM-SHA-256", false), ("PLAIN", true)])
  func wrongOnesAreRefused(mechanism: String, isKnown: Bool) throws {
    let given = try #require(BrokerWithUsers.given)
    let secret = "Wrong-\(UUID().uuidString)"
    let lines = Mutex<[String]>([])
    let log = try KafkaLog(
      options(given, mechanism: mechanism, user: isKnown ? nil : "nobody", password: secret) { line in
        lines.withLock { $0.append(line) }
      })
    let place = TopicPartition("t", 0)
    let attempts: [() throws -> Void] = [
      { _ = try log.topics() }, { _ = try log.partitions(of: "t") },
      { try log.create(TopicSpec(name: "u", partitions: 1)) }, { _ = try log.makeProducer(id: "p") },
      { _ = try log.makeReader().bounds(of: place) },
      { _ = try log.join(group: "g", topics: ["t"], member: "m") },
    ]
    for (number, attempt) in attempts.enumerated() {
      let start = ContinuousClock.now
      let error = #expect(throws: LogError.self, "attempt \(number)") { try attempt() }
      #expect(ContinuousClock.now - start < .seconds(15), "attempt \(number)")
      #expect(error?.code == .denied && error?.retriable == false, "attempt \(number): \(error?.message ?? "")")
      #expect(error?.message.contains("Check the credentials") == true && error?.message.contains(secret) == false)
    }
    #expect(lines.withLock { $0 }.allSatisfy { !$0.contains(secret) })
  }
}
