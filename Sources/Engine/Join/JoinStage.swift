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
  /// Records that are read before any of them is taken: few enough for what they leave in the queues to stay in the cache.
  private static let block = 256

  public var inputs: [Topic] { [.watermarks] + lanes }
  public var leading: [Topic] { [.watermarks] }
  public var outputTopics: [Topic] { [.examples, .summaries, .sketches] }

  let partition: Int
  let configuration: IntakeConfiguration
  let modelPartitions: Int
  /// Whether somebody wants examples; else less is kept of the predictions that wait for their labels.
  let makesExamples: Bool
  let intake: Intake
  let lanes: [Topic]
  private let firstFreeNumber: Int64
  private let versions: any VersionDirectory
  var merge: PartitionMerge<Intake.Arrival>
  var join: Join
  var features: FeatureStore
  var summarize: Summarize
  var models: ModelNames
  var scanner = EventScanner()
  /// Of the next events, how many the join is prepared for.
  private var prepared = 0
  /// What waits in the merge, in its order.
  var events = OpenEvents()
  /// Room for the cells of one row.
  var row: [Double] = []
  var layouts = LayoutTable()
  /// Watermarks that nobody but a stranger can have written, by offset, until their turn comes.
  private var refusedWatermarks: [Int64: DeadLetter] = [:]
  var counts = ModelTally()
  /// The pane boundary that the watermark has reached.
  var tick = Milliseconds.min {
    didSet { closedUpTo = tick.saturatingAdd(-configuration.lateness).floored(to: configuration.pane) }
  }
  /// Predictions before this are late: their panes have closed.
  private(set) var closedUpTo = Milliseconds.min
  var resolved = Milliseconds.min

  /// - Parameters:
  ///   - firstFreeNumber: the number after the last example that the partition holds when the worker starts: rows that
  ///     were imported while no worker was at work have taken theirs.
  ///   - unwanted: output topics that nobody reads: what only they need is not kept and not computed.
  ///   - absent: topics of events that nothing will ever come of: no event waits for them.
  public init(
    partition: Int, configuration: EngineConfiguration, versions: any VersionDirectory, firstFreeNumber: Int64,
    unwanted: Set<Topic> = [], absent: Set<Topic> = []
  ) {
    let intake = configuration.intake
    self.partition = partition
    self.configuration = intake
    modelPartitions = configuration.modelPartitions
    self.versions = versions
    self.intake = Intake(
      configuration: intake, tasks: configuration.models.map(\.task), families: configuration.models.map(\.family),
      partition: partition)
    models = ModelNames(configuration.models.map(\.name))
    lanes = intake.topics.filter { !absent.contains($0) }
    merge = PartitionMerge(lanes: lanes.count)
    join = Join(horizon: intake.labelHorizon, maximumOpen: intake.maximumOpen)
    self.firstFreeNumber = firstFreeNumber
    features = FeatureStore(timeToLive: intake.featureTimeToLive)
    summarize = Summarize(
      pane: intake.pane, sketch: unwanted.contains(.sketches) ? nil : intake.sketch, partition: partition)
    makesExamples = !unwanted.contains(.examples)
  }

  public mutating func process(
    _ records: ArraySlice<StoredRecord>, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    if topic == .watermarks {
      for stored in records { queueWatermark(stored) }
      merge.advanceWatermarks(to: next)
    } else if let lane = lanes.firstIndex(of: topic) {
      var rest = records
      while rest.count > Self.block {
        push(rest.prefix(Self.block), of: topic, lane: lane)
        rest = rest.dropFirst(Self.block)
        try takeAll(into: &outputs)
      }
      push(rest, of: topic, lane: lane)
      merge.advance(lane: lane, to: next)
    }
    try takeAll(into: &outputs)
  }

  private mutating func push(_ records: ArraySlice<StoredRecord>, of topic: Topic, lane: Int) {
    // By index and field, and what is only read taken out before: else all that they hold is retained for every record.
    let (intake, models, layouts) = (intake, models, layouts)
    for index in records.indices {
      let (offset, timestamp) = (records[index].offset, records[index].record.timestamp)
      let (kind, time) = intake.read(
        records[index].record.value, timestamp: timestamp, offset: offset, of: topic, models, layouts, &scanner,
        into: &events)
      merge.push(Intake.Arrival(kind: kind, timestamp: timestamp), time: time, offset: offset, lane: lane)
    }
  }

  /// For the predictions of the next block.
  /// - Returns: how many.
  private static func prepare(_ events: inout OpenEvents, _ join: inout Join) -> Int {
    events.withNext(Self.block) { next in
      join.prepare(next)
      return next.count
    }
  }

  private mutating func takeAll(into outputs: inout Outputs) throws {
    while let taken = merge.take() {
      if prepared == 0 { prepared = max(Self.prepare(&events, &join), 1) }
      prepared -= 1
      switch taken {
      case .watermark(let offset, _):
        begin(.watermarks, at: offset, &outputs)
        if let letter = refusedWatermarks.removeValue(forKey: offset) { outputs.emit(letter) }
        try advance(into: &outputs)
      case .record(let lane, let entry):
        begin(lanes[lane], at: entry.offset, &outputs)
        try advance(into: &outputs)
        try act(on: entry, topic: lanes[lane], into: &outputs)
      }
    }
  }

  public mutating func damaged(
    _ letter: DeadLetter, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    if topic == .watermarks {
      queueWatermark(refusedFor: letter)
    } else if let lane = lanes.firstIndex(of: topic) {
      events.append(letter, of: topic)
      merge.push(Intake.Arrival(kind: .bad, timestamp: letter.time), time: nil, offset: letter.offset, lane: lane)
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
          stored.record.value, timestamp: stored.record.timestamp, offset: stored.offset, of: .watermarks,
          code: "bad_watermark",
          reason: "not a watermark of partition \(partition); only Leeway writes this topic"))
      return
    }
    do throws(Intake.Refusal) { try intake.checkTime(watermark.time, stored.record.timestamp) } catch {
      return queueWatermark(
        refusedFor: intake.deadLetter(
          stored.record.value, timestamp: stored.record.timestamp, offset: stored.offset, of: .watermarks,
          code: error.code, reason: error.reason))
    }
    let starts = lanes.map { lane in watermark.offsets.first { $0.topic == lane.rawValue }?.offset ?? .max }
    merge.push(watermark: watermark.time, starts: starts, offset: stored.offset)
  }

  /// One that promises nothing of any topic, so that the letter has its place in the order.
  private mutating func queueWatermark(refusedFor letter: DeadLetter) {
    refusedWatermarks[letter.offset] = letter
    merge.push(watermark: .min, starts: lanes.map { _ in .max }, offset: letter.offset)
  }
}

extension JoinStage {
  /// Lets go of what is overdue at the merge's time and, where that has reached another pane boundary, closes panes.
  @inline(__always)
  private mutating func advance(into outputs: inout Outputs) throws {
    while let overdue = join.nextOverdue(at: merge.now) { letGo(overdue, into: &outputs) }
    if !tick.distanceNotBeyond(configuration.pane - 1, to: merge.now) { try moveOn(into: &outputs) }
  }

  private mutating func letGo(_ overdue: Join.Overdue, into outputs: inout Outputs) {
    switch overdue {
    case .orphan(let model): counts.change(model, models[model]) { $0.orphanLabels += 1 }
    case .expired(let id, let model, let version, let time):
      let expiry = Expiry(id: id, model: models[model], version: version > 0 ? version : nil, time: time)
      counts.change(model, models[model]) { $0.expired += 1 }
      if version > 0 { summarize.expire(expiry, version: version) }
      outputs.emit(
        ExampleRecord.expired(expiry), kind: "expiry", to: .examples, partition: partition, key: id, time: merge.now)
    }
  }

  @inline(never)
  private mutating func moveOn(into outputs: inout Outputs) throws {
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
    for name in summarize.openVersions { _ = try layout(of: name.model, version: name.version, into: &outputs) }
    let layouts = layouts
    let records = summarize.close(
      watermark: closedUpTo, resolved: resolved, lateness: configuration.lateness, tick: tick,
      layout: { layouts[$0] })
    for record in records {
      let (model, kind) =
        switch record {
        case .pane(let pane): (pane.model, "pane")
        case .judged(let pane): (pane.model, "judged")
        case .progress: ("", "progress")
        }
      outputs.emit(record, kind: kind, to: .summaries, key: model, time: merge.now)
    }
    for record in summarize.closeStretches(watermark: closedUpTo) {
      outputs.emit(record, kind: "sketch", to: .sketches, key: record.model, time: merge.now)
    }
    let told = counts.all
    for target in 0..<modelPartitions {
      let progress = Progress(
        partition: partition, tick: tick, resolved: resolved, nextSeq: join.nextSeq,
        counts: told.filter { Murmur2.partition(of: $0.model.utf8, among: modelPartitions) == target })
      outputs.emit(
        SummaryRecord.progress(progress), kind: "progress", to: .summaries, partition: target,
        key: "progress-\(partition)", time: merge.now)
    }
    counts.removeAll()
  }

  /// The layout of the version that scored; that of the cells, where there are any.
  mutating func layout(of prediction: OpenPrediction, into outputs: inout Outputs) throws -> VersionLayout? {
    if prediction.layout > 0 { return layouts[prediction.layout] }
    guard prediction.version > 0 else { return nil }
    return try layout(of: models[prediction.key.model], version: prediction.version, into: &outputs)
  }

  /// A version in use stays known; another is looked up in `models`.
  mutating func layout(of model: String, version: Int, into outputs: inout Outputs) throws -> VersionLayout? {
    if let layout = layouts.use(VersionName(model: model, version: version)) { return layout }
    guard let place = models.find(model), place < intake.tasks.count,
      let facts = try versions.facts(of: model, version: version)
    else { return nil }
    let old = replaceableLayout
    let layout = VersionLayout(
      facts: facts, task: intake.tasks[place], model: model, version: version, number: old ?? layouts.count + 1)
    guard let layout,
      scanner.register(layout.schema, model: model, version: version, replacing: old) == layout.number
    else { return nil }
    layouts.enter(layout, model: place)
    letGoOfPanes(unlike: layout, into: &outputs)
    return layout
  }

  /// The number of a layout that no cells and no open pane are counted by.
  private var replaceableLayout: Int? {
    lazy var waiting = events.layouts
    lazy var open = summarize.openVersions
    return layouts.replaceable { waiting.contains($0.number) || open.contains(VersionName($0)) }
  }

  /// Panes from a snapshot can be of other columns or bins than the version now has only where `models` tells something
  /// else of the version than when they were opened, as after an exchange of the log beneath its checkpoints. Their rows
  /// cannot be told from what follows, so they are left out, and a letter says how many.
  private mutating func letGoOfPanes(unlike layout: VersionLayout, into outputs: inout Outputs) {
    let rows = summarize.letGo(unlike: layout)
    guard rows > 0 else { return }
    outputs.emit(
      intake.deadLetter(
        nil, timestamp: merge.now, offset: reads[.predictions] ?? 0, of: .predictions, code: "stale_panes",
        reason: "\(rows) rows of \(layout.model) version \(layout.version) in panes still open when the stage was "
          + "restored are left out: they were counted over other bins than its reference now has"))
    outputs.wantsSnapshot = true
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

  /// The time that each topic of events is known to have passed; `.min` for one of which nothing is known.
  var frontiers: [(topic: Topic, time: Milliseconds)] {
    lanes.indices.map { (lanes[$0], merge.frontier(of: $0)) }
  }

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
