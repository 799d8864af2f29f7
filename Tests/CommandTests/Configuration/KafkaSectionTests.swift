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
}
