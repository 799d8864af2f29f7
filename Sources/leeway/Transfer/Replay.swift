import ArgumentParser
import Events
import Foundation
import Log
import Recording

/// `leeway replay`
struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy a range of topics to other topics or another log, at full speed or as it was recorded.",
    discussion: """
      Takes topics of a log, or an export with --recording. Partition, order, key and headers stay as they are; of several \
      topics and partitions the record with the earliest timestamp comes first. Topics that are missing are created.

      Times stay too, unless --shift moves them or --now gives every record the time at which it is written. The events' own \
      times (`time` in predictions, labels and features) move by as much with --event-times; nothing else in a value does.

      How far it has come is kept in the target's topic `transfers`: a replay that was stopped or killed goes on where it was \
      when the same command is given again, exactly once. --again begins anew.
      """)

  @Argument(help: "Topics, without the configured prefix.")
  var topics: [String] = []

  @Option(help: "Replay this file, which `leeway export` has written, instead of topics.")
  var recording: String?

  @Option(help: "The embedded log to copy to; it is created where there is none (default: the source's own).")
  var into: String?

  @Option(help: "The configuration that names the log to copy to, such as a cluster.")
  var intoConfig: String?

  @Option(
    name: .customLong("topic"), parsing: .singleValue,
    help: ArgumentHelp("Copy a topic under another name; can be given for several.", valueName: "old=new"))
  var renames: [TopicRename] = []

  @Option(help: "This many records a second.")
  var rate: Double?

  @Option(help: "This many times as fast as it was recorded, by the records' timestamps; 1 is as it was.")
  var speed: Double?

  @Option(parsing: .unconditional, help: "Move the timestamps by this much, such as 30d, or -12h for back.")
  var shift: String?

  @Flag(help: "Give each record the time at which it is written as its timestamp.")
  var now = false

  @Flag(help: "Move the times in predictions, labels and features as their records' timestamps are moved.")
  var eventTimes = false

  @Flag(help: "Begin anew, also where an earlier replay has come further.")
  var again = false

  @Flag(help: "Print the result as a JSON object.")
  var json = false

  @Flag(help: "No progress bar.")
  var quiet = false

  @OptionGroup var range: RangeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard topics.isEmpty == (recording != nil) else {
      throw ValidationError("Name either topics or a file with --recording.")
    }
    if recording != nil, range.from ?? range.to != nil || range.partition != nil {
      throw ValidationError("--from, --to and --partition go with topics; a recording is replayed whole.")
    }
    if into != nil, intoConfig != nil { throw ValidationError("--into and --into-config name two logs.") }
    if rate != nil, speed != nil { throw ValidationError("--rate and --speed are two paces: choose one.") }
    for (name, value) in [("--rate", rate), ("--speed", speed)] {
      if let value, !(value > 0 && value.isFinite) { throw ValidationError("\(name) \(value): expected more than 0.") }
    }
    if shift != nil, now { throw ValidationError("--shift and --now are two ways with times: choose one.") }
    if eventTimes, shift == nil, !now { throw ValidationError("--event-times goes with --shift or --now.") }
    if let shift {
      guard let moved = Self.milliseconds(shift), moved.magnitude <= Self.longestShift else {
        throw ValidationError(
          "--shift \(shift): expected a duration such as 90s, 12h, 30d or -12h, of 100 years at most.")
      }
    }
  }

  func run() async throws {
    let configuration = try common.load()
    let (target, source) = try endpoints(configuration)
    defer { target.close() }
    let pace = rate.map { Pace.rate($0) } ?? speed.map { Pace.speed($0) } ?? .full
    let transfer = Transfer(source: source, target: target, pace: pace, retiming: retiming, isQuiet: quiet)
    let result = try transfer.run()
    try result.report(
      "replayed", of: recording ?? source.topics.topics.map(\.name).joined(separator: ", "), target, json: json)
  }

  private func endpoints(_ configuration: LeewayConfiguration) throws -> (TransferTarget, any TransferSource) {
    var destination = configuration
    if let intoConfig { destination = try LeewayConfiguration.load(path: intoConfig) }
    if let into { (destination.log.embedded, destination.log.kafka) = (into, nil) }
    let origin = try origin(configuration)
    let names = try renames.names(of: origin.topics)
    try checkEvents(origin.topics, names)
    switch origin {
    case .log(let found):
      try checkApart(origin.topics, names, configuration, destination)
      // A range that is empty makes no log.
      if destination.log.kafka == nil, !FileManager.default.fileExists(atPath: destination.log.embedded) {
        try LogSource.check(found, range)
      }
    case .recording(let reader): try reader.verify()
    }
    let target = try TransferTarget(
      origin.topics, names: names, in: try destination.log.open(), prefix: destination.topics.prefix,
      key: key(origin, configuration, names), again: again)
    // Nor a topic.
    if case .log(let found) = origin, target.isNew { try LogSource.check(found, range) }
    try target.take()
    let source: any TransferSource =
      switch origin {
      case .log(let found): try LogSource(found, range, begun: target.begun)
      case .recording(let reader): RecordedSource(reader)
      }
    try target.prepare(destination.topics, earliest: stampedFrom(source.earliest ?? .max))
    return (target, source)
  }

  private func origin(_ configuration: LeewayConfiguration) throws -> Origin {
    if let recording { return .recording(try RecordingReader(path: recording)) }
    let found = try FoundTopics(topics, in: try configuration.log.openExisting(), configuration)
    try found.check(range.partition)
    return .log(found)
  }
}

/// Where records are replayed from.
private enum Origin {
  case log(FoundTopics)
  case recording(RecordingReader)

  var topics: RecordedTopics {
    switch self {
    case .log(let found): found.topics
    case .recording(let reader): reader.topics
    }
  }
}

extension Replay {
  /// 100 years in milliseconds.
  private static let longestShift: UInt64 = 36_525 * 86_400_000

  private var retiming: Retiming {
    Retiming(stamp: now ? .now : shift.flatMap(Self.milliseconds).map { .moved($0) } ?? .kept, movesEvents: eventTimes)
  }

  private static func milliseconds(_ text: String) -> Int64? {
    text.hasPrefix("-") ? Quantity.milliseconds(String(text.dropFirst())).map { -$0 } : Quantity.milliseconds(text)
  }

  /// What the replay is known by when the same command is given again.
  private func key(_ origin: Origin, _ configuration: LeewayConfiguration, _ names: [String: String]) -> String {
    let source =
      switch origin {
      case .recording(let reader): "recording \(reader.summary.contentText)"
      case .log:
        "\(configuration.log.kafka?.servers ?? Self.place(configuration.log.embedded)) \(configuration.topics.prefix)"
      }
    let pairs = names.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    let edges = [range.from, range.to].map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
    let times = "\(retiming.stamp)\(eventTimes ? " with events" : "")"
    return "replay \(source) \(pairs) \(edges) \(range.partition.map(String.init) ?? "-") \(times)"
  }

  private static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }

  private func checkApart(
    _ topics: RecordedTopics, _ names: [String: String], _ source: LeewayConfiguration, _ target: LeewayConfiguration
  ) throws(CommandError) {
    let isSame =
      switch (source.log.kafka, target.log.kafka) {
      case (let source?, let target?): source.servers == target.servers
      case (nil, nil): Self.place(source.log.embedded) == Self.place(target.log.embedded)
      default: false
      }
    guard isSame, source.topics.prefix == target.topics.prefix else { return }
    for topic in topics.topics where names.values.contains(topic.name) {
      throw CommandError(
        "would be copied into a topic that is read", at: "topic \(topic.name)",
        remedy: "give it another name with --topic \(topic.name)=NAME, or another log with --into")
    }
  }

  private func checkEvents(_ topics: RecordedTopics, _ names: [String: String]) throws(CommandError) {
    guard eventTimes else { return }
    for topic in topics.topics {
      let known = [topic.name, names[topic.name] ?? topic.name].contains { ServedTopic(rawValue: $0) != nil }
      guard !known else { continue }
      throw CommandError(
        "--event-times moves the times of predictions, labels and features", at: "topic \(topic.name)",
        remedy: "replay it in a command of its own")
    }
  }

  /// The earliest timestamp that copies will have.
  private func stampedFrom(_ earliest: Int64) -> Int64 {
    switch retiming.stamp {
    case .kept: return earliest
    case .moved(let milliseconds):
      // One that cannot be moved so far is kept, and where there is none it stays none.
      let (moved, overflow) = earliest.addingReportingOverflow(milliseconds)
      return overflow ? earliest : moved
    case .now: return .max
    }
  }
}
