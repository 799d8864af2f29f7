import Engine
import Events
import Log

/// What people ask of versions and runs, drawn from the seed for each run.
///
/// It stands right before the run's report, where the run is under way whoever hears of it when: so what comes of it
/// depends on what has happened to the model before, and not on who was faster.
struct PeopleRequests {
  private let plan: SimulationPlan
  private let configuration: EngineConfiguration

  init(_ plan: SimulationPlan, _ configuration: EngineConfiguration) {
    (self.plan, self.configuration) = (plan, configuration)
  }

  /// The records that stand before the run's report, each with its id.
  func batches(before run: RunStarted) -> [(id: String, batch: AppendBatch)] {
    made(before: run).map { ($0.id, $0.batch(configuration)) }
  }

  private func made(before run: RunStarted) -> [RunRequest] {
    var random = SeededRandom(seed: run.run.utf8.reduce(plan.seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    guard plan.asks, !random.once(in: 4) else { return [] }
    return (0..<Int.random(in: 1...2, using: &random)).flatMap { number -> [RunRequest] in
      let request = request("\(run.run)/asked-\(number)", run, &random)
      // What is sent twice is done once.
      return Array(repeating: request, count: random.once(in: 5) ? 2 : 1)
    }
  }

  private func request(_ id: String, _ run: RunStarted, _ random: inout SeededRandom) -> RunRequest {
    let kind = random.pick([.promote, .promote, .reject, .rollback, .cancel] as [RunRequest.Kind])
    var request = RunRequest(
      id: id, model: run.model, kind: kind, champion: run.champion?.version, who: "ada", reason: id, time: run.time)
    if kind == .cancel {
      request.run = random.pick([run.run, run.run, "\(run.model)/manual-first/1", "nobody's"])
    } else {
      // The run's own version is none yet.
      request.version = random.once(in: 3) && kind == .rollback ? nil : Int.random(in: 1...run.version, using: &random)
      if random.once(in: 10) { request.champion = 99 }
    }
    return request
  }
}
