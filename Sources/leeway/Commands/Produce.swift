import ArgumentParser
import Events
import Foundation
import LeewayClient
import Synchronization

/// `leeway produce`
struct Produce: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Append events to predictions, labels or features.",
    discussion: """
      Reads one JSON object per line from standard input, as the topic's contract has it, or a CSV file with --csv. \
      In a CSV the columns id, model, version, time, entity, prediction (predictions), prediction, model, time, label, \
      entity (labels) and entity, time (features) are what they say; segments.NAME is a segment; every other column of \
      predictions and features is a feature, also written features.NAME. Times are RFC 3339 or milliseconds since 1970. \
      What cannot be read is reported with its line and left out; the status is 1 then.
      """)

  @Argument(help: "predictions, labels or features.")
  var topic: ProducedTopic

  @Option(help: "Read this CSV file, packed with gzip or not; - is standard input.")
  var csv: String?

  @Option(help: "The model of CSV rows without a column model.")
  var model: String?

  @Flag(help: "Give records their events' own times as timestamps instead of the clock's, as when replaying history.")
  var eventTime = false

  @Flag(help: "Print the counts as a JSON object.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if model != nil, csv == nil {
      throw ValidationError("--model goes with --csv; in JSON each event names its model.")
    }
  }

  func run() async throws {
    let configuration = try common.load()
    var source = try events()
    let log = try configuration.log.openExisting()
    let failures = Failures()
    let producer = try await EventProducer(log: log, configuration: producing(configuration)) { failures.add($0) }
    var sent = 0
    do {
      try await send(&source, to: producer, &sent)
    } catch {
      // What was accepted before the source failed still goes out.
      try await close(producer)
      Terminal.complain("stopped after \(sent - failures.count) events")
      throw error
    }
    try await close(producer)
    try report(sent: sent, undelivered: failures.count, bad: source.badLines)
  }

  /// Events that were not delivered have been reported one by one.
  private func close(_ producer: EventProducer) async throws(ClientError) {
    do throws(ClientError) {
      try await producer.close()
    } catch {
      guard error.code == .undelivered else { throw error }
    }
  }

  private func producing(_ configuration: LeewayConfiguration) -> ProducerConfiguration {
    var settings = ProducerConfiguration()
    settings.topicPrefix = configuration.topics.prefix
    settings.key = configuration.time.featuresTopic ? .entity : .prediction
    if eventTime { settings.timestamps = .eventTime }
    return settings
  }

  private func events() throws(CommandError) -> any EventSource {
    guard let csv else { return LineEvents(try DataFile.open("-"), topic: topic) }
    return try RowEvents(CSVReader(path: csv, badRows: .count), topic: topic, model: model)
  }

  private func send(_ source: inout any EventSource, to producer: EventProducer, _ sent: inout Int) async throws {
    while let event = try source.next() {
      do throws(ClientError) {
        try await producer.send(event)
        sent += 1
      } catch {
        guard error.code == .invalidEvent else { throw error }
        source.reject(error.message)
      }
    }
  }

  private func report(sent: Int, undelivered: Int, bad: Int) throws(CommandError) {
    let output = StandardOutput()
    if json {
      var writer = JSONWriter()
      writer.object {
        $0.field("topic", topic.rawValue)
        $0.field("appended", sent - undelivered)
        $0.field("bad", bad)
        $0.field("undelivered", undelivered)
      }
      try output.line(writer.bytes)
    } else {
      var line = "\(sent - undelivered) events appended to \(topic.rawValue)"
      if bad > 0 { line += ", \(bad) bad lines left out" }
      if undelivered > 0 { line += ", \(undelivered) not delivered" }
      try output.line(line)
    }
    try output.flush()
    if bad + undelivered > 0 { throw CommandError("not everything was appended", isReported: true) }
  }
}

/// The topics that serving systems write.
enum ProducedTopic: String, CaseIterable, ExpressibleByArgument {
  case predictions, labels, features
}

/// Gathers what the producer could not deliver; it reports from a thread of its own.
private final class Failures: Sendable {
  private static let shown = 20
  private let total = Mutex(0)

  var count: Int { total.withLock { $0 } }

  func add(_ failures: [EventFailure]) {
    let before = total.withLock { total in
      defer { total += failures.count }
      return total
    }
    for failure in failures.prefix(max(0, Self.shown - before)) { Terminal.complain(failure.description) }
  }
}
