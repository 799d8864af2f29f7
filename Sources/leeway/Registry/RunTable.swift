import Control
import Events
import Log

/// The runs of one model or of all, a line for each, as topics tell of them. Of a run some 500 bytes are kept, whatever
/// its records hold.
struct RunTable {
  enum State: String {
    /// Its trigger's turn has not come.
    case waiting
    /// It has been given to whoever carries it out.
    case open
    case done, failed
  }

  struct Line {
    let run: String
    let model: String
    /// The trigger's time.
    let time: Milliseconds
    /// Nil before its turn has come.
    var version: Int?
    var trainedRows: Int?
    var validatedRows: Int?
    var challenger: MetricsRecord?
    var champion: MetricsRecord?
    var seconds: Double?
    var failure: String?
    /// Who wants it cancelled.
    var asked: RunRequest?
    /// The version's status as the run left it, and as it is now.
    var outcome: ModelStatus?
    var status: ModelStatus?

    var isOver: Bool { seconds != nil }

    var state: State {
      guard isOver else { return version == nil ? .waiting : .open }
      return trainedRows == nil ? .failed : .done
    }

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
      return isOver ? "not judged yet" : "open"
    }
  }

  /// In the order of the triggers where those are read, else in that in which the runs began, model by model where those
  /// have partitions of their own.
  private(set) var lines: [Line] = []
  private var places: [String: Int] = [:]
  /// By model and version, the run that made it.
  private var makers: [String: [Int: Int]] = [:]

  /// - Parameters:
  ///   - model: nil for all.
  ///   - topics: `runs`; before it `triggers`, for what waits; behind it `models`, for what became of versions.
  init(_ log: any Log, names: TopicNames, model: String? = nil, topics: [Topic]) throws {
    let reader = try log.makeReader()
    defer { reader.close() }
    func isWanted(_ other: String) -> Bool { model == nil || other == model }
    for topic in topics {
      try reader.each(in: names[topic], of: log) { _, stored in
        guard let value = stored.record.value else { return }
        switch topic {
        case .triggers:
          if let trigger = try? Trigger.decode(value), isWanted(trigger.model) { take(trigger) }
        case .runs:
          guard let record = try? RunRecord.decode(value), isWanted(record.model) else { return }
          take(record, stored.record.timestamp)
        default:
          if let record = try? ModelRecord.decode(value) { take(record) }
        }
      }
    }
  }

  private mutating func take(_ trigger: Trigger) {
    guard places[trigger.id] == nil else { return }
    _ = place(of: trigger.id, trigger.model, trigger.time)
  }

  private mutating func take(_ record: RunRecord, _ time: Milliseconds) {
    switch record {
    case .started(let run):
      let place = place(of: run.run, run.model, run.time)
      if lines[place].version == nil { lines[place].version = run.version }
    case .finished(let run): take(run, time)
    case .requested(let request):
      guard request.kind == .cancel, let place = request.run.flatMap({ places[$0] }) else { return }
      if !lines[place].isOver, lines[place].asked == nil { lines[place].asked = request }
    }
  }

  private mutating func take(_ run: RunFinished, _ time: Milliseconds) {
    // Without a beginning there was nothing to learn: it ended as it began.
    let place = place(of: run.run, run.model, time)
    // A report that comes after the end counts for nothing, and so does one of a run that was cancelled before it was read.
    let isCancelled = run.failure.map { $0 == lines[place].asked?.cancellation } ?? false
    guard !lines[place].isOver || isCancelled else { return }
    (lines[place].version, lines[place].seconds, lines[place].failure) = (run.version, run.seconds, run.failure)
    guard let result = run.result else {
      (lines[place].trainedRows, lines[place].validatedRows) = (nil, nil)
      (lines[place].challenger, lines[place].champion) = (nil, nil)
      return
    }
    makers[run.model, default: [:]][run.version] = place
    (lines[place].trainedRows, lines[place].validatedRows) = (result.trainedRows, result.validatedRows)
    (lines[place].challenger, lines[place].champion) = (result.challenger, result.champion)
  }

  private mutating func take(_ record: ModelRecord) {
    guard let place = makers[record.model]?[record.version] else { return }
    if lines[place].outcome == nil { lines[place].outcome = record.status }
    lines[place].status = record.status
  }

  /// Where a run's line stands; the last, where it has had none.
  private mutating func place(of run: String, _ model: String, _ time: Milliseconds) -> Int {
    if let place = places[run] { return place }
    places[run] = lines.count
    lines.append(Line(run: run, model: model, time: time))
    return lines.count - 1
  }

  /// What is not over, in the order in which it is carried out: what is open, then what waits.
  func unfinished(_ priorities: [String: Int]) -> [Line] {
    func key(_ line: Line) -> RunSchedule.Entry {
      RunSchedule.Entry(
        run: line.run, model: line.model, priority: priorities[line.model] ?? 0, time: line.time, isPreemptible: true)
    }
    return [State.open, .waiting].flatMap { state in
      lines.filter { $0.state == state && priorities[$0.model] != nil }.sorted { key($0).goesBefore(key($1)) }
    }
  }
}

extension RunRecord {
  fileprivate var model: String {
    switch self {
    case .started(let run): run.model
    case .finished(let run): run.model
    case .requested(let request): request.model
    }
  }
}
