import Foundation
import Models

/// A gzipped CSV file without quotes, one header row, with columns `row` and `label`.
struct LabelledTable {
  private let names: [String]
  private let lines: [[Substring]]

  /// - Throws: `BenchmarkFault` for a file that cannot be read.
  init(folder: String, name: String) throws {
    let path = URL(fileURLWithPath: folder).appending(path: "\(name).csv.gz").path
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchmarkFault(description: "\(path) cannot be read") }
    let all = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    guard let first = all.first, first.contains("label") else {
      throw BenchmarkFault(description: "\(path) has no column named label")
    }
    names = first.map(String.init)
    lines = all.dropFirst().filter { $0.count == first.count }
  }

  func rows(
    dropped: Set<String>, categorical: Set<String>, task: Task = .binary
  ) throws -> (schema: Schema, rows: [(Models.Row, Target)]) {
    let kept = names.indices.filter { !["row", "label"].contains(names[$0]) && !dropped.contains(names[$0]) }
    let label = names.firstIndex(of: "label") ?? 0
    let features = lines.map { line in kept.map { (name: names[$0], value: Self.value(line[$0])) } }
    let schema = try Schema.infer(task: task, rows: features.lazy, categorical: categorical)
    let rows = zip(features, lines).compactMap { features, line -> (Models.Row, Target)? in
      Double(line[label]).map { (schema.row(from: features), .number($0)) }
    }
    return (schema, rows)
  }

  private static func value(_ text: Substring) -> Value {
    if text.isEmpty { return .missing }
    return Double(text).map(Value.number) ?? .category(String(text))
  }
}
