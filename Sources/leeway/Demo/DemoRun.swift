import Drift
import Engine
import EventLog
import Events
import Foundation
import LeewayClient
import Log
import Models

/// The whole loop over one file: history, then blocks of rows served, the engine stepped until idle, the subscriber
/// asked. In virtual time: a block's outcome never depends on how fast the machine is.
struct DemoRun {
  /// Rows that are served between two looks at the engine.
  static let blockRows = 10
  static let partitions = 2
  /// A commit is small here, ten rows: a snapshot with every fiftieth would be most of the work.
  static let snapshotCommits = 500

  let table: DemoTable
  let plan: DemoTable.Plan
  let learning: LearningOptions
  let labelDelay: Int
  let retrainEvery: Int
  let quiet: Bool
  /// Whether labels alone are reason to retrain.
  var isContinuous = false
  /// Stands before the names of its topics.
  var topicPrefix = ""

  struct Result {
    let served: Range<Int>
    let journal: DemoJournal
    let serving: DemoServing
    let examples: Int
    let seconds: Double
  }

  var served: Range<Int> { table.rows.count / 10..<table.rows.count }

  func run(on log: any Log) async throws -> Result {
    let start = Date()
    let configuration = self.configuration
    try Topic.createAll(in: log, configuration: configuration, keepsAll: true)
    let model = configuration.models[0].name
    try DemoHistory(table: table, model: model, configuration: configuration)
      .write(0..<served.lowerBound, to: log)
    let journal = try DemoJournal(log: log, configuration: configuration)
    let history = try journal.countExamples(partitions: configuration.inputPartitions)
    let clock = { Date().timeIntervalSince(start) }
    let engine = try LockstepEngine(
      log: log, configuration: configuration, settings: WorkerSettings(snapshotCommits: Self.snapshotCommits),
      trainer: LogTrainer(log: log, configuration: configuration), clock: clock)
    let serving = try await DemoServing(
      table: table, served: served, model: model, labelDelay: labelDelay, log: log, topicPrefix: topicPrefix)
    try engine.drain()
    try serving.look()
    let bar = ProgressBar(total: served.count, quiet: quiet)
    try show(journal.look(atRow: served.lowerBound), bar)
    guard serving.current != nil else {
      let reason = journal.failures.last?.failure.map { ": \($0)" } ?? ""
      throw CommandError("no first version came of \(served.lowerBound) rows\(reason)", at: plan.path)
    }
    try await serveAll(engine, serving, journal, bar)
    let end = try await serving.finish(served, step: table.step)
    try engine.drain(upTo: end + 3 * configuration.intake.pane + configuration.intake.lateness)
    try show(journal.look(atRow: served.upperBound - 1), bar)
    bar.clear()
    let examples = try journal.countExamples(partitions: configuration.inputPartitions)
    try engine.close()
    try await serving.close()
    return Result(
      served: served, journal: journal, serving: serving, examples: examples - history, seconds: clock())
  }

  private func serveAll(
    _ engine: LockstepEngine, _ serving: DemoServing, _ journal: DemoJournal, _ bar: ProgressBar
  ) async throws {
    var row = served.lowerBound
    while row < served.upperBound {
      let block = row..<min(row + Self.blockRows, served.upperBound)
      try await serving.serve(block, firstServed: served.lowerBound)
      try engine.drain(upTo: table.rows[block.upperBound - 1].time)
      try serving.look()
      try show(journal.look(atRow: block.upperBound - 1), bar)
      row = block.upperBound
      bar.update(row - served.lowerBound, "row \(row) · version \(serving.current?.version ?? 0)")
    }
  }

  private func show(_ lines: [String], _ bar: ProgressBar) {
    guard !quiet, !lines.isEmpty else { return }
    bar.clear()
    for line in lines { print(line) }
  }

  private var configuration: EngineConfiguration {
    var file = TableConfiguration.configuration(
      table, plan, labelDelay: labelDelay, retrainEvery: retrainEvery, isContinuous: isContinuous)
    file.topics.prefix = topicPrefix
    file.topics.partitions = Self.partitions
    learning.enter(into: &file.models[0], without: plan.dropped.union(table.counters))
    return file.engineConfiguration
  }
}
