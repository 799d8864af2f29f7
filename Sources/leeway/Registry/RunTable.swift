import Events
import Log

/// The runs of one model or of all, a line for each, as `runs` and `models` tell of them. Of a run some 500 bytes are kept,
/// whatever its records hold.
struct RunTable {
  struct Line {
    let run: String
    let model: String
    var time: Milliseconds
    var version: Int
    var trainedRows: Int?
    var validatedRows: Int?
    var challenger: MetricsRecord?
    var champion: MetricsRecord?
    var seconds: Double?
    var failure: String?
    /// The version's status as the run left it, and as it is now.
    var outcome: ModelStatus?
    var status: ModelStatus?

    /// What asked for it, by the id of its trigger: model/rule-…/attempt.
    var rule: String? {
      let cause = run.dropFirst(model.count + 1).split(separator: "/").dropLast().joined(separator: "/")
      let rule = cause.prefix { $0 != "-" }
      return run.hasPrefix("\(model)/") && !rule.isEmpty ? String(rule) : nil
    }

    /// What came of it, in words.
    var result: String {
      if let failure { return "failed: \(failure)" }
      if let outcome { return outcome == .champion ? "promoted" : outcome.rawValue }
      return seconds == nil ? "open" : "not judged yet"
    }
  }

  /// In the order in which they began, model by model where those have partitions of their own.
  private(set) var lines: [Line] = []
  private var places: [String: Int] = [:]

  init(_ log: any Log, names: TopicNames, model: String?) throws {
    let reader = try log.makeReader()
    defer { reader.close() }
    try reader.each(in: names[.runs], of: log) { _, stored in
      guard let value = stored.record.value, let record = try? RunRecord.decode(value) else { return }
      switch record {
      case .started(let run) where model == nil || run.model == model: take(run)
      case .finished(let run) where model == nil || run.model == model: take(run, stored.record.timestamp)
      default: break
      }
    }
    try reader.each(in: names[.models], of: log) { _, stored in
      guard let value = stored.record.value, let record = try? ModelRecord.decode(value) else { return }
      take(record)
    }
  }

  /// By model and version, the run that made it.
  private var makers: [String: [Int: Int]] = [:]

  private mutating func take(_ run: RunStarted) {
    guard places[run.run] == nil else { return }
    places[run.run] = lines.count
    lines.append(Line(run: run.run, model: run.model, time: run.time, version: run.version))
  }

  private mutating func take(_ run: RunFinished, _ time: Milliseconds) {
    let place = places[run.run] ?? lines.count
    if place == lines.count {
      // Nothing to learn: it ended as it began.
      places[run.run] = place
      lines.append(Line(run: run.run, model: run.model, time: time, version: run.version))
    }
    // A report that comes after the end, such as that of a cancelled run, counts for nothing.
    guard lines[place].seconds == nil else { return }
    lines[place].seconds = run.seconds
    lines[place].failure = run.failure
    guard let result = run.result else { return }
    makers[run.model, default: [:]][run.version] = place
    (lines[place].trainedRows, lines[place].validatedRows) = (result.trainedRows, result.validatedRows)
    (lines[place].challenger, lines[place].champion) = (result.challenger, result.champion)
  }

  private mutating func take(_ record: ModelRecord) {
    guard let place = makers[record.model]?[record.version] else { return }
    if lines[place].outcome == nil { lines[place].outcome = record.status }
    lines[place].status = record.status
  }
}
