import Events
import Foundation
import LeewayClient
import Testing

@testable import leeway

/// Keys from the making to the refusal, as people use them.
@Suite("Signed model updates on the command line")
struct SigningCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func leeway(_ arguments: String..., environment: [String: String]? = nil) throws -> Finished {
    try Run.process(Run.leeway, arguments, in: scratch.path, environment: environment)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: scratch.file(name), encoding: .utf8)
  }

  @Test("keygen writes a pair that belongs together, the private half for its owner alone, and overwrites nothing")
  func keygen() throws {
    let made = try leeway("models", "keygen", "--out", "a.key")
    #expect(made.status == 0, "\(made.errors)")
    let secret = try SigningKey(try text("a.key"))
    #expect(try TrustedKey(try text("a.key.pub")) == secret.trusted)
    #expect(made.output.contains(secret.trusted.base64) && made.output.contains(secret.trusted.id))
    #expect(!made.output.contains(try text("a.key").split(separator: "\n")[1].suffix(40)))
    let modes = try ["a.key", "a.key.pub"].map {
      try FileManager.default.attributesOfItem(atPath: scratch.file($0))[.posixPermissions] as? Int
    }
    #expect(modes == [0o600, 0o644])
    let before = try text("a.key")
    let again = try leeway("models", "keygen", "--out", "a.key")
    #expect(again.status == 1 && again.errors.contains("already"))
    try FileManager.default.removeItem(atPath: scratch.file("a.key"))
    #expect(try leeway("models", "keygen", "--out", "a.key").status == 1)
    #expect(!FileManager.default.fileExists(atPath: scratch.file("a.key")), "half a pair was left")
    try scratch.write("a.key", before)
    #expect(try leeway("models", "keygen", "--out", "none/a.key").status == 1)
  }

  /// A log with a first version of `m`, published by an engine under this configuration.
  private func publish(_ configuration: String, environment: [String: String]? = nil) throws {
    try scratch.write("leeway.yaml", configuration)
    var rows = "x,y\n"
    for row in 0..<300 { rows += "\(row % 17),\(row % 17 > 8 ? 1 : 0)\n" }
    try scratch.write("rows.csv", rows)
    for arguments in [
      ["topics", "create"], ["produce", "examples", "--model", "m", "--label", "y", "--csv", "rows.csv"],
      ["trigger", "m"],
    ] {
      let result = try Run.process(Run.leeway, arguments, in: scratch.path)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
    }
    let engine = try leeway("run", "--until-idle", environment: environment)
    #expect(engine.status == 0, "\(engine.errors)")
  }

  private func export(_ more: String...) throws -> Finished {
    try Run.process(Run.leeway, ["models", "export", "m", "--output", "m.bin"] + more, in: scratch.path)
  }

  @Test("what the engine signs is exported under its key, refused under another, and served by a strict subscriber")
  func endToEnd() throws {
    for name in ["a.key", "b.key"] { _ = try leeway("models", "keygen", "--out", name) }
    try publish("security: {signing_key: {file: a.key}}\nmodels: [{name: m}]\n")
    func signed() throws -> Substring {
      try leeway("models", "show", "m").lines.first { $0.hasPrefix("signed ") }?.dropFirst(16) ?? ""
    }
    #expect(try signed().hasSuffix("; no key is trusted here, and nothing was checked (security.trusted_keys)"))
    #expect(try export("--trusted-key", "a.key.pub").status == 0)
    #expect(try export("--trusted-key", "b.key.pub", "--trusted-key", "a.key.pub").status == 0)
    let refused = try export("--trusted-key", "b.key.pub")
    #expect(refused.status == 1 && refused.errors.contains("not trusted"), "\(refused.errors)")
    #expect(try export("--trusted-key", "a.key").errors.contains("no public Ed25519 key"))

    // A new key: what stands there is signed anew, once somebody has said which bytes it must be.
    let config = "security: {signing_key: {file: b.key}, trusted_keys: [b.key.pub]}\nmodels: [{name: m}]\n"
    try scratch.write("leeway.yaml", config)
    #expect(try export().status == 1)
    #expect(try signed().hasPrefix("not to be believed: its record is signed by the key"))
    let wrong = try leeway("models", "sign", "m", "--sha256", String(repeating: "0", count: 64))
    #expect(wrong.status == 1 && wrong.errors.contains("nothing was signed"))
    let listed = try leeway("models", "show", "m", "--json")
    let record = try ModelRecord.decode(Array(listed.output.utf8.dropLast()))
    let anew = try leeway("models", "sign", "m", "--sha256", try #require(record.artifact))
    #expect(anew.status == 0, "\(anew.errors)")
    #expect(try signed().hasSuffix(", which is trusted"))
    #expect(try export().status == 0)
    #expect(try leeway("models", "list").lines.count == 2, "signing again made a version")
  }

  @Test("what was published without a key is refused by who asks for one")
  func unsigned() throws {
    _ = try leeway("models", "keygen", "--out", "a.key")
    try publish("models: [{name: m}]\n")
    #expect(try export().status == 0)
    let refused = try export("--trusted-key", "a.key.pub")
    #expect(refused.status == 1 && refused.errors.contains("not signed"), "\(refused.errors)")
    #expect(try leeway("models", "show", "m").lines.contains("signed          no"))
    #expect(try leeway("models", "sign", "m", "--sha256", "0").errors.contains("no signing key is configured"))
  }

  @Test("a key from the environment signs; it shows in no output, log or finding, whatever is wrong with it")
  func secretStaysSecret() throws {
    _ = try leeway("models", "keygen", "--out", "a.key")
    let secret = String(try text("a.key").split(separator: "\n")[1])
    let configuration = "security: {signing_key: {env: LEEWAY_TEST_KEY}}\nmodels: [{name: m}]\n"
    try publish(configuration, environment: ["LEEWAY_TEST_KEY": secret])
    #expect(try export("--trusted-key", "a.key.pub").status == 0)

    var said = ""
    func collect(_ result: Finished) { said += result.output + result.errors }
    for value in [secret, secret + "AA", "x" + secret, String(secret.dropLast(4))] {
      let environment = ["LEEWAY_TEST_KEY": value]
      collect(try leeway("doctor", environment: environment))
      collect(try leeway("doctor", "--json", environment: environment))
      collect(try leeway("run", "--until-idle", environment: environment))
      collect(try leeway("models", "sign", "m", "--sha256", "0", environment: environment))
    }
    try scratch.write("leeway.yaml", "security: {signing_key: {file: a.key}}\nmodels: [{name: m}]\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: scratch.file("a.key"))
    let open = try leeway("doctor")
    #expect(open.output.contains("other users may read a.key"))
    collect(open)
    try scratch.write("leeway.yaml", "security: {signing_key: \"\(secret)\"}\nmodels: [{name: m}]\n")
    let misplaced = try leeway("doctor")
    #expect(misplaced.status == 1)
    collect(misplaced)
    try scratch.write("leeway.yaml", "security: {trusted_keys: [\"\(secret)\"]}\nmodels: [{name: m}]\n")
    collect(try leeway("doctor"))
    #expect(said.contains("LEEWAY_TEST_KEY") && !said.contains(secret.dropFirst(24).prefix(20)))

    try scratch.write("leeway.yaml", configuration)
    let unset = try leeway("run", "--until-idle", environment: [:])
    #expect(unset.status == 1 && unset.errors.contains("LEEWAY_TEST_KEY: not set"), "\(unset.errors)")
  }
}
