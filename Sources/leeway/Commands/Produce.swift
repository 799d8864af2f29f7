import ArgumentParser
import Events
import Foundation
import LeewayClient
import Synchronization

/// `leeway produce`
struct Produce: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Append events to predictions, labels or features, or labelled history to examples.",
    discussion: """
      Reads one JSON object per line from standard input, as the topic's contract has it, or a CSV file with --csv. \
      In a CSV the columns id, model, version, time, entity, prediction (predictions), prediction, model, time, label, \
      entity (labels), entity, time (features) and id, model, time, label, label_time (examples) are what they say; \
      segments.NAME is a segment; every other column of predictions, features and examples is a feature, also written \
      features.NAME. Times are RFC 3339 or milliseconds since 1970; \
      what can only be seconds is refused. What cannot be read is reported with its line and \
      left out; the status is 1 then.

      Predictions may also come in the compact binary form, one behind the other on standard input, which its first \
      byte, 0xb1, tells. Whatever they are read from, --binary writes predictions in that form instead of JSON.

      examples takes rows that were labelled before Leeway came, so that `leeway trigger` can train the first version \
      from them; a line of JSON needs time, features and label. Import them while no engine runs on the log. Rows of a \
      CSV without times are taken to lie a second apart, the last one now.
      """)

  @Argument(help: "predictions, labels, features or examples.")
  var topic: ProducedTopic

  @Option(help: "Read this CSV file, packed with gzip or not; - is standard input.")
  var csv: String?

  @Option(help: "The model of CSV rows without a column model, and of examples that name none.")
  var model: String?

  @Option(help: "examples: the CSV's column with the label (default: label).")
  var label: String?

  @Option(help: "examples: the CSV's column with the row's time (default: time, if there is one).")
  var time: String?

  @Option(help: "examples: the CSV's column with the time of the label (default: label_time, else the row's time).")
  var labelTime: String?

  @Flag(help: "Give records their events' own times as timestamps instead of the clock's, as when replaying history.")
  var eventTime = false

  @Flag(help: "predictions: write them in the compact binary form, which costs the engine less to read than JSON.")
  var binary = false

  @Flag(help: "Print the counts as a JSON object.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if model != nil, csv == nil, topic != .examples {
      throw ValidationError("--model goes with --csv; in JSON each event names its model.")
    }
    if binary, topic != .predictions {
      throw ValidationError("--binary goes with predictions: nothing else has a binary form.")
    }
    if label ?? time ?? labelTime != nil, topic != .examples || csv == nil {
      throw ValidationError("--label, --time and --label-time name columns of a CSV of examples: they go with --csv.")
    }
    if eventTime, topic == .examples {
      throw ValidationError("examples have their own times as timestamps in any case: leave out --event-time.")
    }
  }

  func run() async throws {
    let configuration = try common.load()
    if let topic = ServedTopic(rawValue: topic.rawValue) {
      try await produce(topic, configuration)
    } else {
      try importHistory(configuration)
    }
  }

  private func produce(_ topic: ServedTopic, _ configuration: LeewayConfiguration) async throws {
    var source = try events(topic)
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
    if binary { settings.form = .binary }
    return settings
  }

  private func events(_ topic: ServedTopic) throws(CommandError) -> any RowSource<ServingEvent> {
    guard let csv else {
      let input = try PeekedSource(try DataFile.open("-"), count: 1)
      if topic == .predictions, input.front.first == BinaryEvent.magic { return BinaryRows(input) }
      return LineRows(input, decode: topic.event)
    }
    let reader = try CSVReader(path: csv, badRows: .count)
    return TableRows(reader, make: try EventColumns(reader, topic: topic, model: model).event)
  }

  private func send(
    _ source: inout any RowSource<ServingEvent>, to producer: EventProducer, _ sent: inout Int
  ) async throws {
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

  func report(sent: Int, undelivered: Int, bad: Int) throws(CommandError) {
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
      var line = "\(sent - undelivered) \(topic == .examples ? "rows" : "events") appended to \(topic.rawValue)"
      if bad > 0 { line += ", \(bad) bad lines left out" }
      if undelivered > 0 { line += ", \(undelivered) not delivered" }
      try output.line(line)
    }
    try output.flush()
    if bad + undelivered > 0 { throw CommandError("not everything was appended", isReported: true) }
  }
}

/// The topics that can be written from outside.
enum ProducedTopic: String, CaseIterable, ExpressibleByArgument {
  case predictions, labels, features, examples
}

/// Those of them that serving systems write.
enum ServedTopic: String, CaseIterable {
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
