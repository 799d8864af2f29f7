import Drift
import TestSupport
import Testing

@testable import leeway

/// `leeway detect --detector`: ADWIN and Page–Hinkley along a file.
@Suite("Detect: familiar detectors")
struct FamiliarWalkTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func walk(_ text: String, _ method: MeanDetector.Method, only: [String]? = nil) throws -> DetectResult {
    let plan = DetectWalk.Plan(
      referenceRows: 500, pane: 16, joint: false, detector: DetectorConfiguration(), method: method)
    var walk = try DetectWalk(
      path: try scratch.write("f.csv", text),
      selection: try ColumnSelection(only: only, categorical: [], numeric: []), plan: plan)
    return try walk.run()
  }

  /// x is in thousandths and moves by one and a half deviations at row 1,200; every third cell of it is empty.
  private let file: MadeFile = {
    var file = MadeFile("x,c,y")
    file.add(2_500) { row, chance in
      let x = (chance.normal() + (row < 1_200 ? 0 : 1.5)) * 0.001
      return "\(row % 3 == 0 ? "" : "\(x)"),\(chance.unit() < 0.5 ? "a" : "b"),\(1e6 * chance.normal())"
    }
    return file
  }()

  @Test(
    "They alarm where the column's own detector does, in deviations of the reference, once an alarm",
    arguments: MeanDetector.Method.allCases)
  func rows(method: MeanDetector.Method) throws {
    let result = try walk(file.text, method)
    var alone = MeanDetector(method)
    let values = file.lines.dropFirst().map { Double($0.prefix { $0 != "," }) }
    let reference = values.prefix(500).compactMap { $0 }
    let mean = reference.reduce(0, +) / Double(reference.count)
    let squares = reference.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(reference.count - 1)).squareRoot()
    var expected: [Int] = []
    for (index, value) in values.enumerated() {
      guard let value else { continue }
      alone.update((value - mean) / deviation)
      if alone.driftDetected, index >= 500 { expected.append(index + 1) }
    }
    let found = result.alarms.filter { $0.columns.contains("x") }.map(\.row)
    #expect(found == expected && !found.isEmpty)
    #expect(found.allSatisfy { $0 > 1_200 } && found.contains { $0 < 1_400 })
    #expect(result.alarms.allSatisfy { $0.detector == method.rawValue && $0.evidence == nil })
    #expect(result.rows == 2_500 && result.columns.map(\.name) == ["x", "c", "y"])
    #expect(result.columns.map(\.changed) == [.yes, .no, .no])
    #expect(result.notes.contains { $0.hasPrefix("c: not watched") })
  }

  @Test("A file without numbers is refused") func names() throws {
    let error = #expect(throws: CommandError.self) { try walk(file.text, .adwin, only: ["c"]) }
    #expect(error?.problem.contains("adwin watches nothing else") == true)
  }
}
