import Events
import Foundation
import LeewayClient
import TestSupport
import Testing

@testable import leeway

/// Engines killed in the middle of one run, which each goes on from what was kept.
@Suite("Processes: resumed runs", .serialized)
struct ResumeTests {
  private static let kills = 4
  private static let configuration = """
    topics: {partitions: 2}
    engine: {keep_work: 1ms, runs_folder: ./kept}
    time: {pane: 10s, lateness: 0s, label_horizon: 60s}
    monitor: {drift: off, performance: off, volume: {labels: off}}
    models: [{name: m}]
    """

  private func station() throws -> Station {
    let station = try Station(Self.configuration)
    var random = SplitMix64(seed: 8)
    let rows = Concept.rows(-6_000..<0, rule: 0, start: 1_700_000_000_000, step: 1_000, using: &random)
    try station.importHistory(rows)
    return station
  }

  /// The file with the work on the run, if it is there.
  private func kept(_ station: Station) -> Data? {
    let folder = station.folder.file("kept/m")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.first { !$0.hasSuffix(".next") }.flatMap { FileManager.default.contents(atPath: "\(folder)/\($0)") }
  }

  private func versions(_ station: Station) throws -> [ModelRecord] {
    try station.values(of: .models).map { try ModelRecord.decode($0) }
  }

  @Test("Killed again and again in one run, the engine makes the same version, byte for byte")
  func killed() throws {
    let undisturbed = try station()
    let disturbed = try undisturbed.copy()
    try undisturbed.leeway("run", "--until-idle", "--quiet", within: 120)
    var last: Data?
    for _ in 0..<Self.kills {
      let engine = try disturbed.start("run")
      try wait(for: "more work", within: 60) {
        let work = kept(disturbed)
        return work != nil && work != last
      }
      #expect(engine.kill(), "it had ended before: \(engine.errors)")
      #expect(last == nil || engine.errors.contains("goes on from what was kept"), "\(engine.errors)")
      last = kept(disturbed)
      #expect(last != nil)
    }
    #expect(try versions(disturbed).isEmpty, "killed in the run")
    let end = try disturbed.leeway("run", "--until-idle", within: 120)
    #expect(end.errors.contains("goes on from what was kept"), "\(end.errors)")
    let (wanted, found) = (try versions(undisturbed), try versions(disturbed))
    #expect(wanted.count == 1 && wanted.first?.artifact != nil && found == wanted)
    #expect(kept(disturbed) == nil && kept(undisturbed) == nil, "what is done is not kept")
  }
}
