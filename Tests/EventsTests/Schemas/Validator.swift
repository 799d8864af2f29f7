import Foundation
import TestSupport
import Testing

/// `Tests/schemas/validate.sh`, which judges with a validator that is not ours. It looks for Python and its packages
/// itself, and fails with what to install where they are missing.
struct Validator {
  struct Answer {
    let status: Int32
    let output: Data
    let messages: String
  }

  private static let script = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "schemas/validate.sh")

  static func run(_ arguments: String..., lines: Data = Data()) throws -> Answer {
    let folder = FileManager.default.temporaryDirectory.appending(path: "leeway-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try ["in", "out", "messages"].map { name in
      let file = folder.appending(path: name)
      try (name == "in" ? lines : Data()).write(to: file)
      return file
    }
    let process = try TestProcess(
      URL(filePath: "/usr/bin/env"), ["bash", script.path] + arguments, input: files[0].path, output: files[1].path,
      errors: files[2].path)
    // It may have packages to fetch.
    let status = try process.wait(within: 900)
    return Answer(
      status: status, output: try Data(contentsOf: files[1]),
      messages: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
  }
}

/// What `topics/*.yaml` say, as the validator reads them.
struct Contract {
  let document: [String: Any]

  var samples: [[String: Any]] { document["samples"] as? [[String: Any]] ?? [] }
  var partitions: [String: Any] { document["partitions"] as? [String: Any] ?? [:] }
  var schema: [String: Any] { document["schema"] as? [String: Any] ?? [:] }

  static func all() throws -> [String: Contract] {
    let documents = try JSONSerialization.jsonObject(with: try output.get()) as? [String: [String: Any]]
    return try #require(documents).mapValues(Contract.init)
  }

  /// Asked for once.
  private static let output = Result {
    let answer = try Validator.run("contracts")
    try #require(answer.status == 0, "\(answer.messages)")
    return answer.output
  }
}

/// A sample of a contract with one thing wrong.
struct Mutant: Decodable {
  let topic: String
  /// `required`: a field is missing; `type`: it has another type; `unknown`, `open`: a field that nobody knows.
  let mutation: String
  let path: String
  let value: String

  static func all() throws -> [Mutant] {
    let answer = try Validator.run("mutants")
    try #require(answer.status == 0, "\(answer.messages)")
    return try answer.output.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Mutant.self, from: $0)
    }
  }
}
