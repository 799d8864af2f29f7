import ArgumentParser
import Foundation
import Simulation

/// Runs the engine in simulated clusters, one a seed, and checks what it wrote.
@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leeway-simulate",
    abstract: "Run the engine under seeded faults, and check what it writes.",
    discussion: """
      Each seed is a cluster of its own: workers that die, lose their place or go on after losing it, commits that fail \
      before or after they took effect, producers that send twice, slow partitions, damaged snapshots. What comes out is \
      held against a plain computation over the whole input and against a run without faults. A seed's run is the same \
      every time. Exit status 1 where something is wrong; with a mutation, where it goes unnoticed.
      """)

  @Option(help: "Seeds, as 1...300.")
  var seeds = SeedRange(1...300)

  @Option(help: ArgumentHelp("Do something wrong on purpose: \(Mutation.names), or all.", valueName: "name"))
  var mutation: String?

  @Flag(help: "Print what happens, step by step; for one seed.")
  var trace = false

  @Option(help: "Rows that are predicted in each run.")
  var events = 40

  func validate() throws {
    guard (1...10_000).contains(events) else { throw ValidationError("--events takes a number from 1 to 10,000") }
    guard !trace || seeds.seeds.count == 1 else { throw ValidationError("--trace takes one seed, as --seeds 7") }
    guard let mutation, mutation != "all", Mutation(rawValue: mutation) == nil else { return }
    throw ValidationError("no mutation \(mutation); there are \(Mutation.names), and all")
  }

  func run() throws {
    if mutation == "all" { return try tryMutations() }
    let chosen = mutation.flatMap { Mutation(rawValue: $0) }
    if trace { return try follow(chosen) }
    let start = Date()
    let outcome = SeedRun(
      rows: events, mutation: chosen, enough: chosen == nil ? 20 : 1, progress: { Self.tell("\($0) seeds …") }
    ).run(seeds.seeds)
    let seconds = String(format: "%.1f", Date().timeIntervalSince(start))
    for (seed, findings) in outcome.failed {
      print("seed \(seed):")
      for finding in findings { print("  \(finding)") }
      print("  again, step by step: \(command(seed))")
    }
    print("\(outcome.tried) seeds in \(seconds) s, \(outcome.failed.count) with findings")
    if outcome.failed.isEmpty != (chosen != nil) { return }
    throw ExitCode.failure
  }

  private func command(_ seed: UInt64) -> String {
    "leeway-simulate --seeds \(seed)" + (mutation.map { " --mutation \($0)" } ?? "")
      + (events == 40 ? "" : " --events \(events)") + " --trace"
  }

  private func follow(_ mutation: Mutation?) throws {
    let simulation = Simulation(seed: seeds.seeds.lowerBound, rows: events, mutation: mutation, isTracing: true)
    for line in simulation.trace.lines { print(line) }
    for finding in simulation.findings { print("FINDING \(finding)") }
    if !simulation.findings.isEmpty { throw ExitCode.failure }
  }

  /// Tries every mutation until a seed notices it.
  private func tryMutations() throws {
    var isUnnoticed = false
    for mutation in Mutation.allCases {
      let run = SeedRun(rows: events, mutation: mutation, enough: 1, progress: { _ in })
      let outcome = run.run(seeds.seeds)
      let name = mutation.rawValue.padding(toLength: 24, withPad: " ", startingAt: 0)
      if let first = outcome.failed.first {
        Self.tell("\(name) seed \(first.seed): \(first.findings.first?.prefix(90) ?? "")", to: .standardOutput)
      } else {
        Self.tell("\(name) NOT NOTICED in \(outcome.tried) seeds", to: .standardOutput)
        isUnnoticed = true
      }
    }
    if isUnnoticed { throw ExitCode.failure }
  }

  /// At once, as a run takes a while.
  private static func tell(_ line: String, to file: FileHandle = .standardError) {
    file.write(Data((line + "\n").utf8))
  }
}

extension SeedRange {
  init(_ seeds: ClosedRange<UInt64>) { self.seeds = seeds }
}

extension Mutation {
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
