import Foundation
import Testing

@testable import leeway

@Suite("Configuration: mlflow")
struct MLflowSectionTests {
  private func section(_ yaml: String) throws -> MLflowSection? {
    try LeewayConfiguration(yaml: "mlflow: \(yaml)\n", file: "leeway.yaml").mlflow
  }

  @Test func whatItSays() throws {
    #expect(try section("off") == nil)
    #expect(try section("{url: 'http://h:5000'}") == MLflowSection(url: "http://h:5000"))
    #expect(try section("{url: 'HTTPS://h/a/b//', token: off}") == MLflowSection(url: "HTTPS://h/a/b"))
    #expect(
      try section("{url: 'https://h', experiment: E, token: {env: T}}")
        == MLflowSection(url: "https://h", experiment: "E", access: .token(.environment("T"))))
    #expect(
      try section("{url: 'https://h', username: u, password: {file: p}}")?.access == .password(user: "u", .file("p")))
  }

  @Test(
    arguments: [
      "{}", "{url: h}", "{url: 'h:5000'}", "{url: 'ftp://h'}", "{url: 'file:///x'}", "{url: 'http://'}",
      "{url: 'http://u:geheim@h'}", "{url: 'http://h?a=geheim'}", "{url: 'http://h#a'}", "{url: [a]}", "on",
      "{url: 'http://h', experiment: ''}", "{url: 'http://h', token: geheim}", "{url: 'http://h', username: u}",
      "{url: 'http://h', password: {env: P}}", "{url: 'http://h', username: 'a:b', password: {env: P}}",
      "{url: 'http://h', token: {env: T}, username: u, password: {env: P}}", "{url: 'http://h', password: geheim}",
      "{url: 'http://h', username: u, password: geheim}", "{url: 'http://h', more: 1}",
    ])
  func whatIsRefused(_ yaml: String) {
    let error = #expect(throws: CommandError.self) { try section(yaml) }
    #expect(error?.place == "leeway.yaml:1" && error?.remedy != nil)
    #expect(error?.description.contains("geheim") == false)
  }

  @Test func secretsAreReadWhenTheyAreNeeded() throws {
    let scratch = try Scratch()
    let file = try scratch.write("password", "p:w\n")
    let token = MLflowSection(url: "http://h", access: .token(.environment("T")))
    #expect(try token.authorization(environment: ["T": "abc\n"]) == "Bearer abc")
    let password = MLflowSection(url: "http://h", access: .password(user: "u", .file(file)))
    #expect(try password.authorization(environment: [:]) == "Basic \(Data("u:p:w".utf8).base64EncodedString())")
    #expect(try MLflowSection(url: "http://h").authorization(environment: [:]) == nil)
    for text in ["", "\n", "a\nb", "a\r\nX: y", "a\u{0}"] {
      let error = #expect(throws: CommandError.self) { try token.authorization(environment: ["T": text]) }
      #expect(error?.place == "environment variable T")
    }
    #expect(throws: CommandError.self) { try token.authorization(environment: [:]) }
  }
}
