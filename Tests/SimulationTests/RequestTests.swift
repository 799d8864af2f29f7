import Engine
import Events
import Log
import Testing

@testable import Simulation

/// What people ask in simulated worlds is done and refused in many ways.
struct RequestTests {
  @Test func everyKindOfAnswerComesUp() throws {
    var changed: Set<ModelStatus> = []
    var refused: Set<String> = []
    var isCancelled = false
    for seed in 1...40 as ClosedRange<UInt64> where SimulationPlan(seed: seed, rows: 40).asks {
      let world = try World(SimulationPlan(seed: seed, rows: 40), mutation: nil, isTracing: false)
      world.live()
      world.settle()
      let ledger = Ledger(world.log, world.configuration)
      changed.formUnion(ledger.all(.models, as: ModelRecord.self).filter { $0.event.who == "ada" }.map(\.event.status))
      refused.formUnion(
        ledger.all(.deadletters, as: DeadLetter.self).filter { $0.event.topic == "runs" }.map(\.event.code))
      for case .finished(let run) in ledger.all(.runs, as: RunRecord.self).map(\.event) {
        if run.failure?.hasPrefix("cancelled by ada") == true { isCancelled = true }
      }
    }
    #expect(changed.isSuperset(of: [.champion, .retired, .rolledBack]), "\(changed)")
    let codes = ["champion_changed", "unknown_version", "impossible_change", "duplicate_request", "run_over"]
    #expect(refused.isSuperset(of: codes + ["unknown_run"]), "\(refused)")
    #expect(isCancelled)
  }
}
