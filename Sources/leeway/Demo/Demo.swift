import ArgumentParser
import EventLog
import Events
import Foundation
import Log
import Models

/// `leeway demo`: the whole loop on real data.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The whole loop on real data: a model goes wrong, is caught, retrained, checked, published.",
    discussion: """
      Without --csv it runs on six years of bank marketing calls (Moro, Cortez, Rita 2014; UCI, CC BY 4.0). The first \
      tenth of the rows trains version 1; the rest is served in order, labels come --label-delay rows later. Virtual \
      time: a run gives the same versions on any machine of the same build.
      """)

  @Option(help: "A CSV file (.gz too) with a header, instead of the built-in data; needs --label.")
  var csv: String?

  @OptionGroup var rows: TableOptions

  @Option(
    help: "triggered: retrained where a rule gives a reason; continuous: with every --retrain-every labels alone.")
  var policy = MonitorSection.Policy.triggered

  @Option(help: "New labels after which the model is retrained in any case.")
  var retrainEvery = 500

  @Option(help: "Write the result as JSON to this file.")
  var report: String?

  @Option(help: "Keep the log in this file, which must not exist (default: a temporary one).")
  var log: String?

  @Option(
    help: "Run on the Kafka cluster that this configuration names, under its prefix for topics, which must be new.")
  var config: String?

  @Flag(help: "Only the summary.")
  var quiet = false

  func validate() throws {
    try rows.check(with: csv)
    if config != nil, log != nil { throw ValidationError("--config names a cluster, --log a file: give one of them") }
    if retrainEvery < 1 { throw ValidationError("--retrain-every must be at least 1") }
  }

  func run() async throws {
    if let report { try OutputFile.check(report) }
    let plan = try self.plan()
    let table = try DemoTable(plan)
    var demo = DemoRun(
      table: table, plan: plan, learning: rows.learning, labelDelay: rows.labelDelay, retrainEvery: retrainEvery,
      quiet: quiet)
    demo.isContinuous = policy == .continuous
    try rows.learning.check(table.task, at: plan.path)
    for warning in table.warnings { Terminal.complain(warning) }
    introduce(table, plan, demo.served)
    let result: DemoRun.Result
    if let config {
      let file = try LeewayConfiguration.load(path: config)
      demo.topicPrefix = file.topics.prefix
      result = try await demo.run(on: cluster(file, config))
    } else {
      let place = try DemoLogPlace(log)
      let signals = try EndingSignals(making: place.make) { place.remove() }
      defer { withExtendedLifetime(signals) { place.remove() } }
      result = try await demo.run(on: EmbeddedLog(path: place.path))
    }
    DemoSummary(result: result, table: table).print()
    if let report { try DemoReport(result, rows: table.rows.count).write(to: report) }
  }

  private func cluster(_ file: LeewayConfiguration, _ path: String) throws -> any Log {
    guard file.log.kafka != nil else {
      throw CommandError("names no cluster", at: path, remedy: "put one under log.kafka, or use --log FILE")
    }
    let log = try file.log.open()
    if let topic = try Topic.specs(in: log, file.topics).first {
      throw CommandError(
        "topic \(topic.name) is there already", at: file.log.shown,
        remedy: "the demo needs topics of its own: choose another topics.prefix")
    }
    return log
  }

  private func plan() throws -> DemoTable.Plan {
    guard let csv else {
      guard let file = Bundle.module.url(forResource: "bank_marketing", withExtension: "csv.gz", subdirectory: "Data")
      else { throw CommandError("the built-in data is missing beside the program", remedy: "build again") }
      var plan = DemoTable.Plan(path: file.path, label: "label", task: .classification)
      plan.dropped = Set(rows.columns.drop.names)
      return plan
    }
    return rows.plan(of: csv)
  }

  private func introduce(_ table: DemoTable, _ plan: DemoTable.Plan, _ served: Range<Int>) {
    guard !quiet else { return }
    let name = csv ?? "bank marketing (Moro, Cortez, Rita 2014; UCI; CC BY 4.0)"
    print("\(name): \(Figures.grouped(table.rows.count)) rows, \(table.task.name)")
    for column in table.counters { print("column \(column) only counts the rows and is left out") }
    print(
      "rows 0–\(served.lowerBound - 1) train version 1; rows \(served.lowerBound)–\(served.upperBound - 1) are served"
        + (rows.labelTime == nil ? ", labels \(rows.labelDelay) rows later" : ""))
  }
}

extension MonitorSection.Policy: ExpressibleByArgument {}

/// Where the demo's log lies: a file that must not exist, or a temporary folder that goes away with the demo.
private struct DemoLogPlace: Sendable {
  let path: String
  private let folder: ScratchFolder?

  init(_ wanted: String?) throws {
    if let wanted {
      guard !FileManager.default.fileExists(atPath: wanted) else {
        throw CommandError("is there already", at: wanted, remedy: "name a file that does not exist")
      }
      (path, folder) = (wanted, nil)
    } else {
      let folder = ScratchFolder("leeway-demo")
      (path, self.folder) = (folder.file("leeway.db"), folder)
    }
  }

  func make() throws(CommandError) { try folder?.make() }

  func remove() {
    folder?.remove()
  }
}
