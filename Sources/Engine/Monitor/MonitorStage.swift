import Bytes
public import Events
public import Log

/// One partition of summaries in; drift reports and triggers out.
///
/// Acts tick by tick: a tick's summaries count once every source partition has passed it, source partitions in order,
/// so the outcome never depends on how their records lie in the topic.
public struct MonitorStage: Stage {
  public static let name = "monitor"

  struct Waiting {
    let tick: Milliseconds
    let source: Int
    /// Its offset in the topic.
    let order: Int64
    let record: SummaryRecord
  }

  let partition: Int
  private let sources: Int
  var models: [ModelMonitor]
  /// States of models that the configuration does not have at present.
  var absent: [String: ByteSlice] = [:]
  /// Summaries of ticks that some source partition has not passed.
  var waiting: [Waiting] = []
  var passed: [Int: Milliseconds] = [:]
  var numbers: ExampleNumbers
  private var next: Int64 = 0

  /// - Parameter reports: whether every window is reported in `drift`; without, the same triggers cost less.
  public init(partition: Int, configuration: EngineConfiguration, reports: Bool = true) {
    self.partition = partition
    sources = configuration.inputPartitions
    numbers = ExampleNumbers(sources: configuration.inputPartitions)
    models = configuration.models.map { ModelMonitor(configuration: $0, reports: reports) }
  }

  public var inputs: [Topic] { [.summaries] }
  public var outputTopics: [Topic] { [.drift, .triggers] }
  public var positions: [Topic: Int64] { [.summaries: next] }

  public mutating func start(at positions: [Topic: Int64]) {
    next = positions[.summaries, default: 0]
  }

  public mutating func process(
    _ records: some Sequence<StoredRecord>, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    for stored in records { take(ReadSummary(stored), into: &outputs) }
    self.next = next
  }

  /// The same for records that have been read.
  mutating func process(_ records: ArraySlice<ReadSummary>, next: Int64, into outputs: inout Outputs) {
    for read in records { take(read, into: &outputs) }
    self.next = next
  }

  private mutating func take(_ read: ReadSummary, into outputs: inout Outputs) {
    let stored = read.stored
    outputs.taking(.summaries, at: stored.offset)
    do throws(Refusal) {
      let record = try read.outcome.get()
      guard (0..<sources).contains(record.source) else {
        throw Refusal("bad_summary", "source partition \(record.source) of \(sources)")
      }
      waiting.append(Waiting(tick: record.tick, source: record.source, order: stored.offset, record: record))
      if case .progress(let progress) = record {
        passed[progress.partition] = max(passed[progress.partition] ?? .min, progress.tick)
        runTicks(into: &outputs)
      }
    } catch {
      outputs.emit(
        DeadLetter(
          topic: Topic.summaries.rawValue, partition: partition, offset: stored.offset, code: error.code,
          reason: error.reason, time: stored.record.timestamp,
          sample: DeadLetter.sample(of: stored.record.value)))
    }
  }

  /// Acts on every tick that all source partitions have passed.
  private mutating func runTicks(into outputs: inout Outputs) {
    guard passed.count == sources, let bound = passed.values.min() else { return }
    var due: [Waiting] = []
    if waiting.allSatisfy({ $0.tick <= bound }) {
      swap(&due, &waiting)
    } else {
      due = waiting.filter { $0.tick <= bound }
      waiting.removeAll { $0.tick <= bound }
    }
    due.sort { ($0.tick, $0.source, $0.order) < ($1.tick, $1.source, $1.order) }
    var first = 0
    while first < due.count {
      let tick = due[first].tick
      let end = due[first...].firstIndex { $0.tick != tick } ?? due.endIndex
      run(tick, Array(due[first..<end]), into: &outputs)
      first = end
    }
  }

  private mutating func run(_ tick: Milliseconds, _ entries: [Waiting], into outputs: inout Outputs) {
    let records = entries.map(\.record)
    for case .progress(let progress) in records { numbers.note(progress) }
    numbers.close(tick)
    for index in models.indices {
      let name = models[index].configuration.name
      let verdict = models[index].observe(records.filter { $0.model == name }, tick: tick, numbers: numbers)
      if let drift = verdict.drift { outputs.emit(drift, kind: "drift", to: .drift, key: name, time: tick) }
      if let trigger = verdict.trigger { outputs.emit(trigger, kind: "trigger", to: .triggers, key: name, time: tick) }
      for (record, reason) in verdict.refused {
        outputs.emit(
          DeadLetter(
            topic: Topic.summaries.rawValue, partition: partition,
            offset: entries.first { $0.record == record }?.order ?? -1, code: "bad_summary",
            reason: "a summary of \(name) \(reason)", time: tick,
            sample: DeadLetter.sample(of: record.encoded()[...])))
      }
    }
  }
}

extension SummaryRecord {
  var source: Int {
    switch self {
    case .pane(let pane): pane.partition
    case .judged(let pane): pane.partition
    case .progress(let progress): progress.partition
    }
  }

  var tick: Milliseconds {
    switch self {
    case .pane(let pane): pane.tick
    case .judged(let pane): pane.tick
    case .progress(let progress): progress.tick
    }
  }

  var model: String? {
    switch self {
    case .pane(let pane): pane.model
    case .judged(let pane): pane.model
    case .progress: nil
    }
  }
}

/// A record that a stage will not use, with the word and the sentence of its dead letter.
struct Refusal: Error {
  let code: String
  let reason: String

  init(_ code: String, _ reason: String) {
    self.code = code
    self.reason = reason
  }
}

func refusal(_ error: any Error) -> (code: String, reason: String) {
  switch error {
  case let refusal as Refusal: (refusal.code, refusal.reason)
  case let error as EventError: (error.code.rawValue, "\(error)")
  default: ("unreadable", "\(error)")
  }
}
