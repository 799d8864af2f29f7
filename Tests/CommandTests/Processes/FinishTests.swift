import Events
import Foundation
import LeewayClient
import TestSupport
import Testing

@testable import leeway

@Suite("Processes: what run --until-idle leaves open", .serialized)
struct FinishTests {
  private static let start: Milliseconds = 1_700_000_000_000

  /// A champion, and predictions with their labels, none of which a later event closes.
  private func station() throws -> Station {
    let station = try Station(
      """
      topics: {partitions: 1}
      time: {pane: 10s, lateness: 0s, label_horizon: 60s}
      train: {minimum_rows: 20}
      models: [{name: m, task: binary}]
      """)
    var random = SplitMix64(seed: 8)
    try station.trainFirst(on: Concept.rows(-200..<0, rule: 0, start: Self.start, step: 1_000, using: &random))
    let rows = Concept.rows(0..<95, rule: 0, start: Self.start, step: 1_000, using: &random)
    let scorer = try station.champion()
    try station.append(
      rows.map { row in
        let prediction = Prediction(
          id: row.id, model: "m", version: 1, time: row.time, features: row.features,
          score: scorer.score(row.features).score)
        return (row.id, row.time, prediction.encoded())
      }, to: .predictions)
    return station
  }

  private func rowsInPanes(_ station: Station) throws -> Int {
    try station.values(of: .summaries).reduce(0) { rows, value in
      if case .pane(let pane) = try SummaryRecord.decode(value) { rows + pane.rows } else { rows }
    }
  }

  @Test("It says how much, and --finish closes it")
  func finish() throws {
    let station = try station()
    let idle = try station.leeway("run", "--until-idle")
    let left = 95 - (try rowsInPanes(station))
    #expect(left > 0)
    #expect(idle.errors.contains("left open until later events come: "), "\(idle.errors)")
    #expect(idle.errors.contains("--finish closes them"))
    let finished = try station.leeway("run", "--until-idle", "--finish")
    #expect(try rowsInPanes(station) == 95)
    #expect(!finished.errors.contains("left open"), "\(finished.errors)")
  }

  @Test("--finish at once, and again, gives the same panes")
  func atOnce() throws {
    let station = try station()
    for _ in 0..<2 {
      try station.leeway("run", "--until-idle", "--finish", "--quiet")
      #expect(try rowsInPanes(station) == 95)
    }
    let alone = try Run.leeway("run", "--finish", in: station.folder.path)
    #expect(alone.status == 2)
    let without = try Run.leeway("run", "--until-idle", "--finish", "--stages", "monitor", in: station.folder.path)
    #expect(without.status == 2)
  }
}
