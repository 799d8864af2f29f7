/// One seed's run, and what the checkers say of it.
public struct Simulation: Sendable {
  public let seed: UInt64
  /// What is wrong; empty where nothing is.
  public let findings: [String]
  public let trace: SimulationTrace
  /// Restarts of workers after an error.
  public let restarts: Int

  public init(seed: UInt64, rows: Int = 40, mutation: Mutation? = nil, isTracing: Bool = false) {
    self.seed = seed
    var (trace, restarts) = (SimulationTrace(isOn: false), 0)
    do {
      let plan = SimulationPlan(seed: seed, rows: rows)
      let world = try World(plan, mutation: mutation, isTracing: isTracing)
      world.live()
      world.settle()
      (trace, restarts) = (world.trace, world.restarts)
      findings = try world.failure.map { [$0] } ?? Checks.findings(in: world)
    } catch {
      findings = ["the simulation itself failed: \(error)"]
    }
    (self.trace, self.restarts) = (trace, restarts)
  }
}
