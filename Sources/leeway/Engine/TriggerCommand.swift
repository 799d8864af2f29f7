import ArgumentParser
import Bytes
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

  func run() async throws {
    let file = try common.load()
    let configuration = file.engineConfiguration
    guard configuration.model(named: model) != nil else {
      let near = Spelling.nearest(to: model, among: configuration.models.map(\.name)).map { "; did you mean \($0)?" }
      throw CommandError(
        "no model \(model)\(near ?? "")", at: common.config ?? LeewayConfiguration.usualFile,
        remedy: "the configuration lists them under models:")
    }
    let log = try file.log.openExisting()
    let reader = try log.makeReader()
    defer { reader.close() }
    let rows = try ExampleReader(reader: reader, names: configuration.names)
      .resolvedRows(partitions: configuration.inputPartitions)
    guard let rows else {
      throw CommandError(
        "no labelled rows are in \(configuration.names[.examples])", at: file.log.embedded,
        remedy: "run the engine, or put history there with: leeway produce examples")
    }
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    let trigger = Trigger(
      id: "\(model)/manual-\(UUID().uuidString.lowercased())/1", model: model, time: rows.before, rule: "manual",
      cause: "manual-\(now)", attempt: 1, reason: reason, rows: rows)
    let place = TopicPartition(
      configuration.names[.triggers], Murmur2.partition(of: model.utf8, among: configuration.modelPartitions))
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    try producer.append([
      AppendBatch(place, [Record(timestamp: now, key: Array(model.utf8)[...], value: trigger.encoded()[...])])
    ])
    print(json ? String(decoding: trigger.encoded(), as: UTF8.self) : "trigger \(trigger.id) written to \(place)")
  }
}
