import ArgumentParser
import Backtest
import Foundation

/// `leeway backtest`: recorded events under policies, in virtual time.
struct BacktestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "What a policy would have done: recorded events under one or several of them, in virtual time.",
    discussion: """
      The first rows train version 1; every row behind them is scored by the version that the policy has in service then. \
      A policy is a configuration file of which monitoring, windows, training and the gate count. Nothing is written but \
      the files that are named here.
      """)

  @OptionGroup var source: BacktestSource

  @Option(name: .customLong("policy"), help: "A policy's configuration file; may be given several times.")
  var policies: [String] = []

  @OptionGroup var baselines: BaselineOptions

  @OptionGroup var options: TrialOptions

  @Option(help: "Write the result as JSON to this file.")
  var report: String?

  @Option(help: "Write a page with charts to this file.")
  var html: String?

  @Option(help: "Write policy, row, label and score of every row as CSV to this file.")
  var predictions: String?

  @Flag(help: "Put seconds and rows per second of this machine into the result.")
  var timings = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    if predictions != nil, let depth = source.depth, depth != .whole {
      throw ValidationError("--predictions: triggers alone are asked for, and no row is scored")
    }
  }

  func run() throws {
    let outputs = [("--report", report), ("--html", html), ("--predictions", predictions)]
    try OutputFile.checkDistinct(
      outputs, from: source.inputs + policies.map { ("--policy", $0) }, log: source.log())
    for (_, path) in outputs { if let path { try OutputFile.check(path) } }
    let plan = try source.plan()
    let files = try policyFiles(plan)
    let plain = files[0].policy
    let all =
      files + (try baselines.policies(of: plain, isServed: source.depth == nil).map { PolicyFile($0, files[0].file) })
    if let name = Dictionary(grouping: all, by: { $0.policy.name }).first(where: { $0.value.count > 1 })?.key {
      throw CommandError("two policies are called \(name)", remedy: "rename a file")
    }
    let book = PictureBook(html == nil ? [] : files.map(\.policy), model: plan.model)
    let trial = try BacktestTrial(plan, all, options, observer: { book.observer(of: $0) })
    let start = SteadyClock.seconds
    let file = try predictions.map { try PredictionsFile($0, task: plan.task, policies: true) }
    let outcomes = try trial.outcomes(rows: file.map { file in { try file.append($0, $1, $2, $3) } })
    try file?.close()
    guard outcomes.contains(where: { $0.rows > 0 }) else {
      throw source.range.isWhole
        ? CommandError("tells of no rows", at: source.name, remedy: "leeway tail shows what a log holds")
        : CommandError("no rows in that range", at: source.name, remedy: "widen --from and --to")
    }
    let seconds = SteadyClock.seconds - start
    let oracle = all.first { $0.policy.extra != Policy.Extra.nothing }
    let comparison = PolicyComparison(outcomes, oracle: oracle?.policy.name)
    let result = BacktestReport(
      comparison, changes: try baselines.rows(), from: plan.historyRows, seconds: timings ? seconds : nil)
    if let report { try OutputFile.replace(report, with: result.encoded()) }
    if let html {
      let page = BacktestPage(
        title: "Backtest of \(source.name)", source: source.text(of: plan), report: result, outcomes: outcomes,
        pictures: book.pictures, times: source.hasTimes ? book.times : nil)
      try OutputFile.replace(html, with: Array(page.html().utf8))
    }
    let output = StandardOutput()
    try output.line(json ? String(decoding: try result.encoded(), as: UTF8.self) : BacktestTable(result).text)
    try output.flush()
  }

  private func policyFiles(_ plan: BacktestSource.Plan) throws -> [PolicyFile] {
    guard !policies.isEmpty else { return [.plain(plan.configuration)] }
    return try policies.map { try PolicyFile($0, base: plan.configuration, isTable: source.csv != nil) }
  }
}
