import ArgumentParser
import Backtest
import Engine
import Events
import Log
import Models

/// What is replayed: a file's rows, topics of a log, or a file that `leeway export` wrote.
struct BacktestSource: ParsableArguments {
  @Option(help: "A CSV file (.gz too) with a header, in time order or with --time; needs --label.")
  var csv: String?

  @Option(help: "A file that `leeway export` wrote, in place of a log.")
  var recording: String?

  @OptionGroup var common: CommonOptions

  @Option(help: "Of a log or a recording: the model that is tried (default: the configuration's only one).")
  var model: String?

  @OptionGroup var range: BacktestRange

  @Flag(
    help: "Of a log or a recording: take scores as they were recorded; else each policy's own version scores a row.")
  var asRecorded = false

  @Flag(help: "As recorded, and triggers alone: nothing is trained.")
  var monitorOnly = false

  @Flag(help: "Triggers alone, from the topic `summaries` without the events.")
  var summaries = false

  @OptionGroup var rows: TableOptions

  @Option(help: "The oldest rows, which train version 1 (default: a tenth, of topics at most 20,000).")
  var historyRows: Int?

  /// Rows of history that are taken where nobody says how many: they are held in memory, and topics can be long.
  private static let mostHistory = 20_000

  /// What is asked of recorded scores; nil where rows are scored anew.
  var depth: BacktestSettings.Depth? {
    summaries ? .summaries : monitorOnly ? .monitor : asRecorded ? .whole : nil
  }

  func validate() throws {
    let ofTopics = recording != nil || common.log != nil || common.config != nil
    if csv != nil, ofTopics {
      throw ValidationError("name one source: --csv, --recording, or a log by --log or --config")
    }
    try rows.check(with: csv)
    if csv != nil {
      if depth != nil { throw ValidationError("the rows of a file have no recorded scores: leave --as-recorded out") }
      if model != nil || !range.isWhole {
        throw ValidationError("--model, --from and --to go with a log or a recording")
      }
    }
    if let historyRows, historyRows < 1 { throw ValidationError("--history-rows must be at least 1") }
  }

  /// Files that are read, by the options that name them.
  var inputs: [(option: String, path: String?)] {
    [("--csv", csv), ("--recording", recording), ("--config", common.config), ("--log", common.log)]
  }

  /// Whether rows come at times that somebody recorded, and not a second apart.
  var hasTimes: Bool { csv == nil || rows.time != nil }

  /// The path of the embedded log that is read; nil where none is.
  func log() throws -> String? {
    guard csv == nil, recording == nil else { return nil }
    let log = try common.load().log
    return log.kafka == nil ? log.embedded : nil
  }

  /// What is known of a source once it has been looked at.
  struct Plan {
    enum Source {
      /// Every policy's own versions score the rows.
      case events(any EventRecording)
      case topics(any TopicRecording, BacktestSettings.Depth)
    }

    var source: Source
    /// What holds where a policy says nothing.
    let configuration: LeewayConfiguration
    let model: String
    let task: Models.Task
    let historyRows: Int
    /// What may tell how long runs took.
    var topics: (any TopicRecording)?

    /// How long runs took, where that is recorded and there will be any. Reads the recording's runs.
    func runTimes() throws -> RecordedRunTimes? {
      if case .topics(_, .monitor) = source { return nil }
      if case .topics(_, .summaries) = source { return nil }
      return try topics.flatMap { try RecordedRunTimes($0) }
    }

    /// Rows that pass by; nil where nobody knows before.
    var rows: Int? {
      switch source {
      case .events(let recording): recording.rows
      case .topics(_, .summaries): nil
      case .topics(let topics, _): topics.count(of: .predictions)
      }
    }
  }

  func plan() throws -> Plan {
    try csv.map(plan(of:)) ?? planOfTopics()
  }

  private func plan(of csv: String) throws -> Plan {
    let plan = rows.plan(of: csv)
    let table = try DemoTable(plan)
    try rows.learning.check(table.task, at: plan.path)
    var configuration = TableConfiguration.configuration(table, plan, labelDelay: rows.labelDelay, retrainEvery: 500)
    configuration.topics.partitions = 1
    rows.learning.enter(into: &configuration.models[0], without: plan.dropped.union(table.counters))
    for warning in table.warnings { Terminal.complain(warning) }
    let history = historyRows ?? table.rows.count / 10
    guard history < table.rows.count else {
      throw CommandError(
        "has \(table.rows.count) rows, and --history-rows takes \(history)", at: csv, remedy: "leave some to replay")
    }
    return Plan(
      source: .events(TableRecording(table, model: TableConfiguration.model, labelDelay: rows.labelDelay)),
      configuration: configuration, model: TableConfiguration.model, task: table.task, historyRows: history)
  }

  /// Recorded scores are judged with what is known of the versions that gave them; summaries bring that along.
  private func checkVersions(_ topics: any TopicRecording, at place: String) throws(CommandError) {
    guard let depth, depth != .summaries, topics.count(of: .models) == 0,
      depth != .whole || topics.count(of: .examples) == 0
    else { return }
    throw CommandError(
      "holds no models, and of recorded scores nothing can be told without their versions", at: place,
      remedy: "export models and artifacts with the rest, or leave --as-recorded and --monitor-only out")
  }

  /// Where watermarks tell of labels or features that are not there, everything would wait for them to the end, and be said
  /// of the last row.
  private func checkTold(
    _ topics: any TopicRecording, _ configuration: LeewayConfiguration, at place: String
  ) throws {
    struct Told: Error { let topic: Topic }
    guard depth == .monitor || depth == .whole else { return }
    let missing = configuration.engineConfiguration.intake.topics.filter { topics.count(of: $0) == 0 }
    guard !missing.isEmpty else { return }
    do {
      try topics.read([.watermarks]) { run in
        for case let value? in run.records.map(\.record.value) {
          let told = (try? Watermark.decode(value).offsets)?.filter { $0.offset > 0 }.map(\.topic) ?? []
          if let topic = missing.first(where: { told.contains($0.rawValue) }) { throw Told(topic: topic) }
        }
      }
    } catch let told as Told {
      throw CommandError(
        "its watermarks tell of \(told.topic.rawValue) that are not there", at: place,
        remedy: recording == nil
          ? "begin earlier with --from"
          : "export \(told.topic.rawValue) with the rest, or leave watermarks out; or begin earlier")
    }
  }

  private func planOfTopics() throws -> Plan {
    var configuration = try common.load()
    let place = recording ?? configuration.log.shown
    guard let model = model ?? (configuration.models.count == 1 ? configuration.models[0].name : nil),
      let section = configuration.model(model)
    else {
      let names = configuration.models.map(\.name).joined(separator: ", ")
      throw CommandError(
        configuration.models.isEmpty ? "the configuration names no model" : "the configuration's models are \(names)",
        at: common.config ?? LeewayConfiguration.usualFile, remedy: "name one with --model, and its task under models")
    }
    var topics: any TopicRecording =
      if let recording { try FileRecording(recording, times: range.times(at: recording)) } else {
        try LogRecording(
          configuration.log.openExisting(), TopicNames(prefix: configuration.topics.prefix), range)
      }
    if topics.partitions > 0 { configuration.topics.partitions = topics.partitions }
    let needed = depth == .summaries ? Topic.summaries : .predictions
    guard topics.count(of: needed) > 0 else {
      throw CommandError(
        range.isWhole ? "holds no \(needed.rawValue)" : "no \(needed.rawValue) in that range", at: place,
        remedy: "leeway tail \(needed.rawValue) shows what a log holds")
    }
    try checkVersions(topics, at: place)
    try checkTold(topics, configuration, at: place)
    topics = AheadRecording(base: topics)
    let events = RecordedEvents(topics, model: model)
    return Plan(
      source: depth.map { .topics(topics, $0) } ?? .events(events), configuration: configuration, model: model,
      task: section.engineTask,
      historyRows: depth == nil ? try historyRows ?? Self.usualHistory(of: topics) : 0, topics: topics)
  }

  /// Counts records, as far as they matter: a log tells by its offsets alone, of which Kafka's transactions take some.
  private static func usualHistory(of topics: any TopicRecording) throws -> Int {
    struct Enough: Error {}
    var rows = 0
    do {
      try topics.read([.predictions]) { run in
        rows += run.records.count
        if rows >= 10 * mostHistory { throw Enough() }
      }
    } catch is Enough {}
    return min(max(rows / 10, 1), mostHistory)
  }
}
