import Control
import Events
import Log

/// What a log says of runs: one for each trigger, and how it stands.
struct RunListing {
  enum State: String {
    /// Its trigger's turn has not come.
    case waiting
    /// It has been given to whoever carries it out.
    case open
    case done, failed
  }

  struct Entry {
    let run: String
    let model: String
    /// The trigger's time.
    let since: Milliseconds
    var state = State.waiting
    /// Nil before its turn has come.
    var version: Int?
    /// Of an end.
    var report: RunFinished?
    /// Who wants it cancelled.
    var asked: RunRequest?

    var isOver: Bool { state == .done || state == .failed }
  }

  /// In the order of the triggers.
  private(set) var entries: [Entry] = []
  private var places: [String: Int] = [:]

  init() {}

  init(_ log: any Log, _ names: TopicNames) throws {
    let reader = try log.makeReader()
    defer { reader.close() }
    for topic in [Topic.triggers, .runs] {
      try reader.each(in: names[topic], of: log) { _, stored in
        guard let value = stored.record.value else { return }
        if topic == .triggers {
          if let trigger = try? Trigger.decode(value) { take(trigger) }
        } else if let record = try? RunRecord.decode(value) {
          take(record)
        }
      }
    }
  }

  mutating func take(_ trigger: Trigger) {
    guard places[trigger.id] == nil else { return }
    places[trigger.id] = entries.count
    entries.append(Entry(run: trigger.id, model: trigger.model, since: trigger.time))
  }

  /// After all triggers. The first end of a run is the one that counts.
  mutating func take(_ record: RunRecord) {
    switch record {
    case .started(let run):
      change(run.run) { $0.version = run.version }
      change(run.run) { if !$0.isOver { $0.state = .open } }
    case .finished(let report):
      change(report.run) { entry in
        guard !entry.isOver else { return }
        entry.state = report.result == nil ? .failed : .done
        (entry.report, entry.version) = (report, report.version)
      }
    case .requested(let request):
      guard request.kind == .cancel, let run = request.run else { return }
      change(run) { if !$0.isOver { $0.asked = request } }
    }
  }

  private mutating func change(_ run: String, _ body: (inout Entry) -> Void) {
    if let index = places[run] { body(&entries[index]) }
  }

  /// What is not over, in the order in which it is carried out: what is open, then what waits.
  func unfinished(_ priorities: [String: Int]) -> [Entry] {
    func key(_ entry: Entry) -> RunSchedule.Entry {
      RunSchedule.Entry(
        run: entry.run, model: entry.model, priority: priorities[entry.model] ?? 0, time: entry.since,
        isPreemptible: true)
    }
    return [State.open, .waiting].flatMap { state in
      entries.filter { $0.state == state && priorities[$0.model] != nil }.sorted { key($0).goesBefore(key($1)) }
    }
  }
}
