import Drift
import Foundation
import TestSupport
import Testing

@testable import leeway

/// Files that nobody means: the answer is JSON with probabilities and finite numbers in it, or an error in words.
@Suite("Detect: hostile files")
struct HostileFileTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  /// What a cell holds in a given row.
  private static let cells: [@Sendable (Int, inout SplitMix64) -> String] = [
    { _, _ in "" }, { _, _ in "7" }, { row, _ in "\(row)" }, { row, _ in row % 3 == 0 ? "1e308" : "-1e300" },
    { row, _ in row % 2 == 0 ? "1e140" : "-1e140" },
    { _, chance in "\(Double.leastNonzeroMagnitude * Double(chance.next() % 5))" },
    { _, chance in "\(Double(bitPattern: chance.next()))" }, { _, chance in "\(chance.next())" },
    { row, _ in row == 260 ? "error" : "\(row % 7)" }, { row, _ in row % 90 == 0 ? "NaN" : "\(row / 200)" },
    { row, _ in row < 250 ? "" : "x\u{0}\u{1b}[2J" }, { row, _ in row < 250 ? "3" : "" },
    { row, _ in "\"\(String(repeating: "é\"\"\n", count: row % 200))\"" },
    { _, chance in
      ["nan", "inf", "-inf", "NULL", "0x1p3", "1_000", "1,5".debugDescription, "-0"][Int(chance.next() % 8)]
    },
    { row, _ in row < 250 ? "1" : "1.0000000000000002" }, { row, _ in "\(1e15 + Double(row % 2))" },
    { row, chance in "\(row < 300 ? chance.unit() : 1e100 * chance.unit())" },
  ]

  private static func file(seed: UInt64, rows: Int) -> String {
    var random = SplitMix64(seed: seed)
    let chosen = (0..<6).map { _ in Int(random.next() % UInt64(cells.count)) }
    var file = MadeFile(chosen.indices.map { "c\($0)" }.joined(separator: ","), seed: seed)
    file.add(rows) { row, chance in chosen.map { cells[$0](row, &chance) }.joined(separator: ",") }
    return file.text
  }

  private func check(_ result: DetectResult, _ what: String) throws {
    let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(result)) as? [String: Any]
    let columns = try #require(object?["columns"] as? [[String: Any]])
    #expect(columns.count == result.columns.count)
    for column in columns {
      let p = try #require(column["p_value"] as? Double)
      #expect((0...1).contains(p), "\(what): \(column)")
      #expect((p <= 0.01) == (column["changed"] as? String == "yes") || result.walk != nil, "\(what): \(column)")
    }
    for alarm in try #require(object?["alarms"] as? [[String: Any]]) {
      #expect(alarm["evidence"] is NSNull || (alarm["evidence"] as? Double).map { $0 >= 1 } == true, "\(what)")
      #expect((alarm["columns"] as? [String])?.isEmpty == false, "\(what)")
    }
    #expect(Markup(result.page()).isWellFormed, "\(what)")
  }

  /// What the command finds; nil where it says that it cannot.
  private func answer(_ run: () throws(CommandError) -> DetectResult) -> DetectResult? {
    do throws(CommandError) {
      return try run()
    } catch {
      #expect(!error.problem.isEmpty)
      return nil
    }
  }

  @Test("Along one", arguments: DetectorChoice.allCases) func walk(detector: DetectorChoice) throws {
    let selection = try ColumnSelection(only: nil, categorical: [], numeric: [])
    var answers = 0
    for seed in 0..<40 as Range<UInt64> {
      let path = try scratch.write("f\(seed).csv", Self.file(seed: seed, rows: 600))
      let plan = DetectWalk.Plan(
        referenceRows: 200, pane: [1, 16, 1_000][Int(seed % 3)], joint: seed % 2 == 0,
        detector: DetectorConfiguration(averageRunLength: 1_000), method: detector.method)
      let result = answer { () throws(CommandError) in
        var walk = try DetectWalk(path: path, selection: selection, plan: plan)
        return try walk.run()
      }
      guard let result else { continue }
      try check(result, "seed \(seed)")
      answers += 1
    }
    #expect(answers > 20)
  }

  @Test("Between two") func pairs() throws {
    let selection = try ColumnSelection(only: nil, categorical: [], numeric: [])
    var answers = 0
    for seed in 0..<40 as Range<UInt64> {
      let paths = try [seed, seed + 1_000].map { try scratch.write("\($0).csv", Self.file(seed: $0, rows: 300)) }
      for after in paths {
        let result = answer { () throws(CommandError) in
          try DetectComparison(reference: paths[0], current: after, selection: selection, isOrdered: seed % 2 == 0)
            .run()
        }
        guard let result else { continue }
        try check(result, "seed \(seed)")
        if after == paths[0] { #expect(result.columns.allSatisfy { $0.changed != .yes }, "seed \(seed)") }
        answers += 1
      }
    }
    #expect(answers > 40)
  }
}
