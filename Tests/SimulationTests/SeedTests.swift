import Testing

@testable import Simulation

struct SeedTests {
  /// In blocks, so that they run side by side.
  @Test(arguments: 0..<10) func nothingIsFound(block: UInt64) {
    for seed in block * 15 + 1...block * 15 + 15 {
      let findings = Simulation(seed: seed).findings
      #expect(findings.isEmpty, "leeway-simulate --seeds \(seed) --trace")
    }
  }

  @Test(arguments: [3, 12, 45]) func aSeedIsTheSameEveryTime(seed: UInt64) {
    let (one, other) = (Simulation(seed: seed, isTracing: true), Simulation(seed: seed, isTracing: true))
    #expect(one.trace.lines == other.trace.lines && one.restarts == other.restarts)
    #expect(one.trace.lines.count > 100)
    #expect(Simulation(seed: seed + 1, isTracing: true).trace.lines != one.trace.lines)
  }

  /// Seeds at which each is noticed, found by `leeway-simulate --mutation all`.
  @Test(
    arguments: [
      (Mutation.dropOffsets, 2), (.offsetsFirst, 11), (.outputsFirst, 117), (.dropOutput, 1), (.noSuppression, 2),
      (.ignoreFenced, 1), (.takeDuplicates, 1), (.trainTwice, 1),
    ] as [(Mutation, UInt64)])
  func mutationsAreNoticed(mutation: Mutation, seed: UInt64) {
    #expect(!Simulation(seed: seed, mutation: mutation).findings.isEmpty)
    #expect(Simulation(seed: seed).findings.isEmpty)
  }

  @Test func longTracesLoseTheirMiddle() {
    var trace = SimulationTrace(isOn: true)
    for line in 0..<50_000 { trace.note("\(line)") }
    #expect(trace.lines.count == 2 * SimulationTrace.kept + 1)
    #expect(trace.lines.first == "0" && trace.lines.last == "49999")
    #expect(trace.lines[SimulationTrace.kept] == "… \(50_000 - 2 * SimulationTrace.kept) lines …")
  }
}
