import Bytes
public import Events
public import Log
import Models
import Sketches

/// Join with Summarize chained behind it: one partition of predictions, labels, features and watermarks in; examples,
/// summaries and dead letters out.
public struct JoinStage: Stage {
  public static let name = "join"
  /// Records of one topic that may wait for the other topics.
  public static let queueLimit = 50_000

  public var inputs: [Topic] { [.watermarks] + lanes }
  public var leading: [Topic] { [.watermarks] }

  let partition: Int
  let configuration: IntakeConfiguration
  let modelPartitions: Int
  let intake: Intake
  let lanes: [Topic]
  private let firstFreeNumber: Int64
  private let versions: any VersionDirectory
  var merge: PartitionMerge<(Intake.Event, StoredRecord)>
  var join: Join
  var features: FeatureStore
  var summarize: Summarize
  private var layouts: [VersionName: VersionLayout] = [:]
  /// Watermarks that nobody but a stranger can have written, by offset, until their turn comes.
  private var refusedWatermarks: [Int64: DeadLetter] = [:]
  var counts: [String: ModelCounts] = [:]
  /// The pane boundary that the watermark has reached.
  var tick = Milliseconds.min
  var resolved = Milliseconds.min

  /// - Parameter firstFreeNumber: the number after the last example that the partition holds when the worker starts:
  ///   rows that were imported while no worker was at work have taken theirs.
  public init(
    partition: Int, configuration: EngineConfiguration, versions: any VersionDirectory, firstFreeNumber: Int64
  ) {
    let intake = configuration.intake
    self.partition = partition
    self.configuration = intake
    modelPartitions = configuration.modelPartitions
    self.versions = versions
    self.intake = Intake(
      configuration: intake, tasks: Dictionary(uniqueKeysWithValues: configuration.models.map { ($0.name, $0.task) }),
      partition: partition)
    // Features first: a value holds from its own time on, so it stands before a prediction of the same time.
    lanes = (intake.featuresTopic ? [.features] : []) + [.predictions, .labels]
    merge = PartitionMerge(lanes: lanes.count)
    join = Join(horizon: intake.labelHorizon, maximumOpen: intake.maximumOpen)
    self.firstFreeNumber = firstFreeNumber
    features = FeatureStore(timeToLive: intake.featureTimeToLive)
    summarize = Summarize(pane: intake.pane, partition: partition)
  }

  public mutating func process(
    _ records: some Sequence<StoredRecord>, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    if topic == .watermarks {
      for stored in records { queueWatermark(stored) }
      merge.advanceWatermarks(to: next)
    } else if let lane = lanes.firstIndex(of: topic) {
      for stored in records {
        let (event, time) = intake.read(stored, of: topic)
        merge.push((event, stored), time: time, offset: stored.offset, lane: lane)
      }
      merge.advance(lane: lane, to: next)
    }
    while let taken = merge.take() {
      switch taken {
      case .watermark(let offset, _):
        begin(.watermarks, at: offset, &outputs)
        if let letter = refusedWatermarks.removeValue(forKey: offset) { outputs.emit(letter) }
        try advance(into: &outputs)
      case .record(let lane, let entry):
        begin(lanes[lane], at: entry.offset, &outputs)
        try advance(into: &outputs)
        try act(on: entry.element.0, stored: entry.element.1, topic: lanes[lane], into: &outputs)
      }
    }
  }

  public mutating func damaged(
    _ letter: DeadLetter, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    if topic == .watermarks {
      queueWatermark(refusedFor: letter)
    } else if let lane = lanes.firstIndex(of: topic) {
      let nothing = StoredRecord(offset: letter.offset, record: Record(timestamp: letter.time, value: nil))
      merge.push((.bad(letter), nothing), time: nil, offset: letter.offset, lane: lane)
    }
    try process([], of: topic, next: next, into: &outputs)
  }

  private mutating func begin(_ topic: Topic, at offset: Int64, _ outputs: inout Outputs) {
    outputs.taking(topic, at: offset)
    if !outputs.isRepeating { join.nextSeq = max(join.nextSeq, firstFreeNumber) }
  }

  private mutating func queueWatermark(_ stored: StoredRecord) {
    guard let value = stored.record.value, let watermark = try? Watermark.decode(value),
      watermark.partition == partition
    else {
      queueWatermark(
        refusedFor: intake.deadLetter(
          stored, of: .watermarks, code: "bad_watermark",
          reason: "not a watermark of partition \(partition); only Leeway writes this topic"))
      return
    }
    let starts = lanes.map { lane in watermark.offsets.first { $0.topic == lane.rawValue }?.offset ?? .max }
    merge.push(watermark: watermark.time, starts: starts, offset: stored.offset)
  }

  /// One that promises nothing of any topic, so that the letter has its place in the order.
  private mutating func queueWatermark(refusedFor letter: DeadLetter) {
    refusedWatermarks[letter.offset] = letter
    merge.push(watermark: .min, starts: lanes.map { _ in .max }, offset: letter.offset)
  }

  private mutating func act(
    on event: Intake.Event, stored: StoredRecord, topic: Topic, into outputs: inout Outputs
  ) throws {
    switch event {
    case .bad(let letter): outputs.emit(letter)
    case .features(let update): features.update(update, settledBefore: closedUpTo)
    case .label(let label): try take(label, into: &outputs)
    case .prediction(var prediction):
      guard !join.knows(prediction) else {
        counts[prediction.model, default: ModelCounts(model: prediction.model)].duplicatePredictions += 1
        return
      }
      if let version = prediction.version, try layout(of: prediction.model, version: version) == nil {
        let reason = "model \(prediction.model) has no version \(version): versions are published before they serve"
        outputs.emit(intake.deadLetter(stored, of: topic, code: "unknown_version", reason: reason))
        outputs.wantsSnapshot = true
        return
      }
      guard prediction.time >= closedUpTo else {
        counts[prediction.model, default: ModelCounts(model: prediction.model)].late += 1
        let reason =
          "time \(RFC3339.format(prediction.time)) lies in a pane that closed at \(RFC3339.format(closedUpTo))"
        outputs.emit(intake.deadLetter(stored, of: topic, code: "late", reason: reason))
        return
      }
      if configuration.featuresTopic, let entity = prediction.entity {
        prediction.features += features.features(of: entity, at: prediction.time, beside: prediction.features)
      }
      try take(prediction, into: &outputs)
    }
  }

  private mutating func take(_ prediction: Prediction, into outputs: inout Outputs) throws {
    let outcome = join.take(prediction)
    counts[prediction.model, default: ModelCounts(model: prediction.model)].predictions += 1
    if case .accepted(afterLabel: true) = outcome {
      counts[prediction.model, default: ModelCounts(model: prediction.model)].orphanLabels += 1
    }
    if let version = prediction.version, let score = prediction.score,
      let layout = try layout(of: prediction.model, version: version)
    {
      summarize.count(prediction, version: version, score: score, layout: layout)
    }
    if case .completed(let example) = outcome { try write(example, into: &outputs) }
  }

  private mutating func take(_ label: Label, into outputs: inout Outputs) throws {
    switch join.take(label) {
    case .held: break
    case .duplicate: counts[label.model, default: ModelCounts(model: label.model)].duplicateLabels += 1
    case .completed(let example): try write(example, into: &outputs)
    }
  }

  private mutating func write(_ example: Example, into outputs: inout Outputs) throws {
    counts[example.model, default: ModelCounts(model: example.model)].examples += 1
    outputs.emit(
      ExampleRecord.example(example), kind: "example", to: .examples, partition: partition, key: example.id,
      time: merge.now)
    if let version = example.version, let score = example.score,
      let layout = try layout(of: example.model, version: version)
    {
      summarize.judge(example, version: version, score: score, layout: layout)
    }
  }
}

extension JoinStage {
  /// Predictions before this are late: their panes have closed.
  var closedUpTo: Milliseconds {
    tick == .min ? .min : tick.saturatingAdd(-configuration.lateness).floored(to: configuration.pane)
  }

  /// Lets go of what is overdue at the merge's time and, where that has reached another pane boundary, closes panes.
  private mutating func advance(into outputs: inout Outputs) throws {
    for overdue in join.overdue(at: merge.now) {
      switch overdue {
      case .orphan(let model): counts[model, default: ModelCounts(model: model)].orphanLabels += 1
      case .expired(let expiry):
        counts[expiry.model, default: ModelCounts(model: expiry.model)].expired += 1
        if let version = expiry.version { summarize.expire(expiry, version: version) }
        outputs.emit(
          ExampleRecord.expired(expiry), kind: "expiry", to: .examples, partition: partition, key: expiry.id,
          time: merge.now)
      }
    }
    let boundary = merge.now.floored(to: configuration.pane)
    guard boundary > tick else { return }
    tick = boundary
    features.sweep(now: closedUpTo)
    try tell(into: &outputs)
  }

  private mutating func tell(into outputs: inout Outputs) throws {
    let earliest = join.earliestWaiting() ?? .max
    if min(earliest, closedUpTo) > resolved {
      resolved = min(earliest, closedUpTo)
      outputs.emit(
        ExampleRecord.resolved(Resolved(upTo: resolved, nextSeq: join.nextSeq)), kind: "resolved", to: .examples,
        partition: partition, key: nil, time: merge.now)
    }
    for name in summarize.openVersions { _ = try layout(of: name.model, version: name.version) }
    let layouts = layouts
    let records = summarize.close(
      watermark: closedUpTo, resolved: resolved, lateness: configuration.lateness, tick: tick,
      facts: { layouts[$0]?.facts })
    for record in records {
      let (model, kind) =
        switch record {
        case .pane(let pane): (pane.model, "pane")
        case .judged(let pane): (pane.model, "judged")
        case .progress: ("", "progress")
        }
      outputs.emit(record, kind: kind, to: .summaries, key: model, time: merge.now)
    }
    let told = counts.values.sorted { $0.model < $1.model }
    for target in 0..<modelPartitions {
      let progress = Progress(
        partition: partition, tick: tick, resolved: resolved, nextSeq: join.nextSeq,
        counts: told.filter { Murmur2.partition(of: $0.model.utf8, among: modelPartitions) == target })
      outputs.emit(
        SummaryRecord.progress(progress), kind: "progress", to: .summaries, partition: target,
        key: "progress-\(partition)", time: merge.now)
    }
    counts = [:]
  }

  /// Known versions stay known; an unknown one is looked up in `models`.
  private mutating func layout(of model: String, version: Int) throws -> VersionLayout? {
    let name = VersionName(model: model, version: version)
    if let layout = layouts[name] { return layout }
    guard let task = intake.tasks[model], let facts = try versions.facts(of: model, version: version) else {
      return nil
    }
    let layout = VersionLayout(facts: facts, task: task)
    layouts[name] = layout
    return layout
  }
}

extension JoinStage {
  public var positions: [Topic: Int64] {
    var positions = Dictionary(uniqueKeysWithValues: zip(lanes, merge.positions))
    positions[.watermarks] = merge.watermarkPosition
    return positions
  }

  public func isSaturated(_ topic: Topic) -> Bool {
    lanes.firstIndex(of: topic).map { merge.queued(in: $0) >= Self.queueLimit } ?? false
  }

  public var eventTime: Milliseconds { merge.now }

  /// The time of the newest prediction read. Labels are no measure of how far predictions have got: they are later.
  public var newestTime: Milliseconds { lanes.firstIndex(of: .predictions).map { merge.newest(in: $0) } ?? .min }

  /// Where each topic of events is read on.
  public var reads: [Topic: Int64] { Dictionary(uniqueKeysWithValues: zip(lanes, merge.reads)) }

  /// What the owner of the partition may promise at `time` of the topics that have gone silent: that they have passed
  /// it where reading stands now. Nil where that would move none of them by at least a pane.
  public func watermark(at time: Milliseconds, silent: Set<Topic>) -> Watermark? {
    let behind = lanes.indices.filter { lane in
      silent.contains(lanes[lane]) && merge.frontier(of: lane).saturatingAdd(configuration.pane) <= time
    }
    guard !behind.isEmpty else { return nil }
    let offsets = behind.map { TopicOffset(topic: lanes[$0].rawValue, offset: merge.reads[$0]) }
    return Watermark(partition: partition, time: time, offsets: offsets)
  }
}
