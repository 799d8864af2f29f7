import Foundation
import TestSupport
import Testing

@testable import leeway

/// Runs whose challengers are asked about a golden set.
@Suite("Golden sets in runs")
struct GoldenRunTests {
  private static func configuration(_ golden: String) -> String {
    "topics: {partitions: 1}\nmodels: [{name: m, gate: {golden: \(golden)}}]\n"
  }

  /// Version 1 knows one rule; rows of another wait to be learned.
  private static func station() throws -> Station {
    let station = try Station(configuration("off"))
    var random = SplitMix64(seed: 1)
    func rows(_ range: Range<Int>, _ rule: Int) -> [Concept.Row] {
      Concept.rows(range, rule: rule, start: 1_700_000_000_000, step: 1_000, using: &random)
    }
    try station.trainFirst(on: rows(0..<600, 0))
    try station.folder.write("new.csv", Concept.csv(rows(600..<1_400, 1), columns: ["time", "label"]))
    try station.leeway("produce", "examples", "--model", "m", "--csv", "new.csv")
    try station.folder.write("golden.csv", Concept.csv(rows(2_000..<2_200, 0), columns: ["label"]))
    return station
  }

  @Test("a challenger that forgets them is rejected, whatever it gains; rows that are not there fail the run")
  func forgets() throws {
    let station = try Self.station()
    func dryRun(_ golden: String) throws -> Finished {
      try station.folder.write("leeway.yaml", Self.configuration(golden))
      return try Child(["trigger", "m", "--dry-run"], in: station.folder.path).end(within: 60)
    }
    let without = try dryRun("off")
    #expect(without.status == 0 && !without.output.contains("golden"), "\(without.errors)")
    for golden in ["{file: golden.csv, label: label}", "{rows: [{partition: 0, first: 100, end: 300}]}"] {
      let result = try dryRun(golden)
      #expect(result.status == 0, "\(golden): \(result.errors)")
      #expect(result.output.contains("rejected: forgets the golden set"), "\(golden): \(result.output)")
      #expect(result.output.contains("on 200 rows"), "\(golden): \(result.output)")
    }
    let lenient = try dryRun("{file: golden.csv, label: label, tolerance: 10000%}")
    #expect(lenient.status == 0 && !lenient.output.contains("forgets"), "\(lenient.output)")
    try station.folder.write("bad.csv", "size,label\nsmall,1\nlarge,\n")
    for (golden, said) in [
      ("{file: none.csv, label: label}", "none.csv"), ("{file: golden.csv, label: y}", "no column \"y\""),
      ("{file: bad.csv, label: label}", "bad.csv:3"),
      ("{rows: [{partition: 0, first: 900000, end: 900010}]}", "no rows 900000 to 900009"),
      ("{rows: [{partition: 7, first: 0, end: 10}]}", "which is not there"),
    ] {
      let result = try dryRun(golden)
      #expect(result.status == 1 && result.errors.contains(said), "\(golden): \(result.errors)")
    }
  }

  @Test("a file that cannot be used is found by doctor, and what it holds, not where it is, makes the configuration")
  func fingerprint() throws {
    let scratch = try Scratch()
    func configuration(_ name: String) throws -> LeewayConfiguration {
      let golden = "{file: '\(scratch.file(name))', label: y}"
      return try LeewayConfiguration(yaml: Self.configuration(golden), file: "t.yaml")
    }
    try scratch.write("a.csv", "x,y\n1,0\n2,1\n")
    try scratch.write("b.csv", "x,y\n1,0\n2,1\n")
    try scratch.write("c.csv", "x,y\n1,0\n2,0\n")
    #expect(try configuration("a.csv").fingerprint == configuration("b.csv").fingerprint)
    #expect(try configuration("a.csv").fingerprint != configuration("c.csv").fingerprint)
    #expect(try configuration("a.csv").goldenFindings.map(\.status) == [.ok])
    let missing = try configuration("d.csv").goldenFindings
    #expect(missing.map(\.status) == [.failed] && missing.first?.found.contains("d.csv") == true)
  }

  @Test("half a golden set, two at once, a range without rows are refused")
  func refusals() throws {
    for golden in [
      "{file: a.csv}", "{label: y}", "{rows: []}", "{file: a.csv, label: y, rows: [{partition: 0, first: 0, end: 1}]}",
      "{rows: [{partition: 0, first: 5, end: 5}]}", "{rows: [{partition: 0, end: 5}]}", "{tolerance: 5%}",
    ] {
      #expect(throws: CommandError.self, "\(golden)") {
        try LeewayConfiguration(yaml: Self.configuration(golden), file: "t.yaml")
      }
    }
  }
}
