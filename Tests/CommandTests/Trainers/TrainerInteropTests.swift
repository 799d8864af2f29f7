import Events
import Foundation
import LeewayClient
import TestSupport
import Testing

@testable import leeway

/// The examples under `config/trainers` with the libraries that they are for; `Tests/interop/run.sh` brings these.
@Suite(
  "External trainers: interop",
  .enabled(if: ProcessInfo.processInfo.environment["LEEWAY_INTEROP_PYTHON"] != nil), .serialized)
struct TrainerInteropTests {
  private let python = ProcessInfo.processInfo.environment["LEEWAY_INTEROP_PYTHON"] ?? ""

  @Test("Both train, continue and are published", arguments: ["lightgbm", "sklearn"])
  func versions(_ name: String) throws {
    let script = Run.checkout.appendingPathComponent("config/trainers/\(name).py").path
    let station = try ExternalRunTests.station(
      "[\"\(python)\", \"\(script)\"]", limits: "{seconds: 300}", more: ", family: \(name)",
      golden: "{file: golden.csv, label: label}")
    var random = SplitMix64(seed: 8)
    try ExternalRunTests.writeGolden(station, rule: 1)
    try station.importHistory(
      Concept.rows(-600..<0, rule: 0, start: 1_700_000_000_000, step: 1_000, using: &random))
    try station.leeway("run", "--until-idle", "--quiet", within: 300)
    let first = try ExternalRunTests.champion(station)
    #expect(first.version == 1 && first.record.family == name)
    #expect(try #require(first.record.challenger?.accuracy) > 0.9, "\(String(describing: first.record.challenger))")
    try ExternalRunTests.serve(station, score: 0.1)
    let runs = try ExternalRunTests.finished(station)
    let second = try ExternalRunTests.champion(station)
    #expect(second.version == 2, "\(runs.map { ($0.failure, $0.result?.gate) })")
    #expect(second.artifact != first.artifact && second.record.parent == 1)
    let golden = try #require(runs.last?.result?.gate.golden)
    #expect(golden.rows == 50 && golden.verdict == .held && golden.challenger > 0 && golden.champion > 0)
    let figures = try runs.map { try #require($0.result?.reported.first?.value) }
    #expect(figures.count == 2 && figures[1] > figures[0], "continued: \(figures)")
    print(
      "\(name): versions 1 and 2, \(first.artifact.count) and \(second.artifact.count) bytes, \(figures) steps; "
        + "accuracy \(first.record.challenger?.accuracy ?? 0) and \(second.record.challenger?.accuracy ?? 0), "
        + "loss \(second.record.challenger?.loss ?? 0) against \(second.record.champion?.loss ?? 0)")
  }
}
