import ArgumentParser
import Backtest
import Foundation

/// `leeway tune`: thresholds and windows searched on the first part of a recording, and judged on the rest.
struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Searches thresholds and windows on the first part of a recording, and reports on the rest.",
    discussion: """
      Every trial is a backtest of the policy with other windows, cooldowns, label counts and thresholds. Of those whose \
      losses on the first part cannot be told from the lowest, the one that trains least is taken; beside the policy as it \
      was and a model that is left alone it is then replayed over everything and scored on the rows that the search never saw.
      """)

  @OptionGroup var source: BacktestSource

  @Option(help: "The policy's configuration file (default: what `leeway backtest` calls default).")
  var policy: String?

  @Option(help: "Settings that are tried, the policy's own among them.")
  var trials = 20

  @Option(help: "The share of the rows that is searched, such as 50% or 0.5.")
  var first = "50%"

  @Option(help: "Of the draw of the settings.")
  var seed: UInt64 = 1

  @OptionGroup var options: TrialOptions

  @Option(help: "Write the result as JSON to this file.")
  var report: String?

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(trials) else { throw ValidationError("--trials must be 1 to 10000") }
    guard let share = Quantity.fraction(first), (0.05...0.95).contains(share) else {
      throw ValidationError("--first must be 5% to 95%")
    }
  }

  func run() throws {
    try OutputFile.checkDistinct(
      [("--report", report)], from: source.inputs + [("--policy", policy)], log: source.log())
    if let report { try OutputFile.check(report) }
    let plan = try source.plan()
    guard case .events(let recording) = plan.source else {
      throw ValidationError("tune scores every row anew: leave --as-recorded, --monitor-only and --summaries out")
    }
    let base =
      try policy.map { try PolicyFile($0, base: plan.configuration, isTable: source.csv != nil) }
      ?? PolicyFile.plain(plan.configuration)
    let split = Int(Double(recording.rows) * (Quantity.fraction(first) ?? 0.5))
    guard split > plan.historyRows, split < recording.rows else {
      throw CommandError(
        "\(split) rows to search of \(recording.rows), of which \(plan.historyRows) train version 1",
        remedy: "search a larger share, or name fewer --history-rows")
    }
    let search = TuneSearch(
      plan: plan, recording: recording, base: base, split: split, options: options)
    let result = try search.result(of: TuneCandidate.drawn(trials, seed: seed))
    if let report { try OutputFile.replace(report, with: result.encoded()) }
    let output = StandardOutput()
    try output.line(json ? String(decoding: try result.encoded(), as: UTF8.self) : result.text)
    try output.flush()
  }
}
