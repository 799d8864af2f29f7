import ArgumentParser
import Engine
import Events
import Foundation
import Log

/// `leeway trigger MODEL`
struct TriggerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trigger", abstract: "Ask for a model to be trained now, on everything labelled so far.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The model's name.")
  var model: String

  @Option(help: "Why, for the record.")
  var reason: String?

  @Flag(help: "Print the trigger as JSON.")
  var json = false

  @Flag(help: "Train and judge without a word to the log, and print what would be decided.")
  var dryRun = false

  func validate() throws {
    if dryRun, json { throw ValidationError("--json prints a trigger, and --dry-run makes none") }
  }

  func run() async throws {
    let file = try common.load()
    let configuration = file.engineConfiguration
    try Produce.find(model, in: configuration, common)
    let log = try file.log.openExisting()
    let reader = try log.makeReader()
    defer { reader.close() }
    let rows = try ExampleReader(reader: reader, names: configuration.names)
      .resolvedRows(partitions: configuration.inputPartitions)
    guard let rows else {
      throw CommandError(
        "no labelled rows are in \(configuration.names[.examples])", at: file.log.shown,
        remedy:
          "import history with: leeway produce examples --model \(model) --csv FILE --label COLUMN; or run the engine "
          + "until labels have come in")
    }
    let request = TriggerRequest(model: model, name: UUID().uuidString.lowercased(), reason: reason, rows: rows)
    if dryRun { return try DryRun(file: file, log: log, reader: reader).carryOut(request.trigger) }
    let batch = request.batch(configuration)
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    try producer.append([batch])
    let trigger = request.trigger
    print(
      json ? String(decoding: trigger.encoded(), as: UTF8.self) : "trigger \(trigger.id) written to \(batch.partition)")
  }
}
