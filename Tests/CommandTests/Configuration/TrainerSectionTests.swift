import Engine
import Foundation
import Testing

@testable import leeway

struct TrainerSectionTests {
  private func read(_ trainer: String, more: String = "") throws -> LeewayConfiguration {
    try LeewayConfiguration(
      yaml: "log: {embedded: /var/lib/leeway.db}\nmodels:\n  - name: a/b\n    trainer: \(trainer)\n\(more)",
      file: "t.yaml")
  }

  @Test func everyKeyHasItsPlace() throws {
    let plain = try read("{command: [python3, train.py, train.py]}")
    let section = try #require(plain.models.first?.trainer)
    #expect(section == TrainerSection(command: ["python3", "train.py", "train.py"]))
    #expect(plain.engineConfiguration.models.first?.familyName == "external")
    #expect(plain.programs["a/b"]?.folder == "/var/lib/leeway-runs/a%2fb")
    let whole = try read(
      "{command: [./t], family: lgb, environment: [CUDA_HOME], folder: /x, keep: 2, "
        + "limits: {seconds: 9, memory: 100MB, processes: 3}}")
    var expected = TrainerSection(command: ["./t"])
    (expected.family, expected.environment, expected.folder, expected.keep) = ("lgb", ["CUDA_HOME"], "/x", 2)
    (expected.seconds, expected.memory, expected.processes) = (9, 100 << 20, 3)
    #expect(whole.models.first?.trainer == expected)
    #expect(whole.engineConfiguration.models.first?.familyName == "lgb")
    #expect(whole.programs["a/b"]?.folder == "/x/a%2fb")
    #expect(try read("off").models.first?.trainer == nil)
  }

  @Test func whereFoldersLieDecidesNothing() throws {
    let one = try read("{command: [t]}")
    #expect(one.fingerprint == (try read("{command: [t], folder: /x, keep: 9}").fingerprint))
    #expect(one.fingerprint != (try read("{command: [u]}").fingerprint))
    #expect(one.fingerprint != (try read("{command: [t], limits: {seconds: 5}}").fingerprint))
  }

  @Test(arguments: [
    ("{}", "a trainer needs its command"), ("{command: []}", "a trainer needs its command"),
    ("{command: python3}", "a list"), ("{command: [[a]]}", "expected text"), ("[a]", "a section"),
    ("{command: [a], family: mixture}", "one of Leeway's own families"), ("{command: [a], famly: x}", "family"),
    ("{command: [a], limits: {memory: 5}}", "a size"), ("{command: [a], limits: {processes: 0}}", "from 1 to"),
    ("{command: [a], limits: {seconds: 0}}", "from 1 to"), ("{command: [a], keep: 0}", "from 1 to"),
    ("{command: [a], environment: [A, A]}", "twice"), ("{command: [a], environment: [--x]}", "names of variables"),
  ])
  func mistakes(_ trainer: String, _ said: String) {
    let error = #expect(throws: CommandError.self) { try read(trainer) }
    #expect(error?.description.contains(said) == true, "\(String(describing: error))")
    #expect(error?.place == "t.yaml:4")
  }

  @Test func aFamilyIsBuiltInOrNot() {
    let error = #expect(throws: CommandError.self) { try read("{command: [a]}", more: "    family: linear\n") }
    #expect(error?.description.contains("has no built-in family") == true)
  }

  @Test func namesOfModelsAreNamesOfFolders() {
    #expect(RunFolder.name(of: "term-deposit_2") == "term-deposit_2")
    #expect(RunFolder.name(of: "..") == "%2e%2e")
    #expect(RunFolder.name(of: "ä/\0") == "%c3%a4%2f%00")
    let long = RunFolder.name(of: String(repeating: "x", count: 256))
    #expect(long.count == 89 && long != RunFolder.name(of: String(repeating: "x", count: 255)))
  }
}
