import Bytes
import Events
import Log
import Models

extension JoinStage {
  /// Does what an event asks for, in its turn.
  @inline(__always)
  mutating func act(
    on entry: PartitionMerge<Intake.Arrival>.Entry, topic: Topic, into outputs: inout Outputs
  ) throws {
    switch entry.element.kind {
    case .prediction:
      guard let prediction = events.prediction else { return }
      defer { events.remove(prediction, cells: layouts.width(prediction.layout)) }
      try take(prediction, entry, into: &outputs)
    case .label:
      if let open = events.takeLabel() { try take(open.label, model: open.model, into: &outputs) }
    case .features:
      if let update = events.takeUpdate() { features.update(update, settledBefore: closedUpTo) }
    case .bad:
      if let letter = events.takeLetter(of: topic) { outputs.emit(letter) }
    }
  }

  private mutating func take(
    _ prediction: OpenPrediction, _ entry: PartitionMerge<Intake.Arrival>.Entry, into outputs: inout Outputs
  ) throws {
    let model = prediction.key.model
    let bytes = events.bytes(of: prediction)
    let place = join.find(prediction.key, bytes.dropFirst(prediction.size.event))
    guard !join.knows(place) else { return counts.change(model, models[model]) { $0.duplicatePredictions += 1 } }
    let layout = try layout(of: prediction)
    if prediction.version > 0, layout == nil {
      refuse(
        bytes.prefix(prediction.size.event), entry, "unknown_version",
        "model \(models[model]) has no version \(prediction.version): versions are published before they serve",
        into: &outputs)
      outputs.wantsSnapshot = true
      return
    }
    guard prediction.time >= closedUpTo else {
      counts.change(model, models[model]) { $0.late += 1 }
      return refuse(
        bytes.prefix(prediction.size.event), entry, "late",
        "time \(RFC3339.format(prediction.time)) lies in a pane that closed at \(RFC3339.format(closedUpTo))",
        into: &outputs)
    }
    try take(prediction, bytes, at: place, layout, into: &outputs)
  }

  private func refuse(
    _ event: ByteSlice, _ entry: PartitionMerge<Intake.Arrival>.Entry, _ code: String, _ reason: String,
    into outputs: inout Outputs
  ) {
    outputs.emit(
      intake.deadLetter(
        event, timestamp: entry.element.timestamp, offset: entry.offset, of: .predictions, code: code,
        reason: reason))
  }

  /// - Parameter bytes: the event, and behind it the id.
  private mutating func take(
    _ prediction: OpenPrediction, _ bytes: ByteSlice, at place: Int?, _ layout: VersionLayout?,
    into outputs: inout Outputs
  ) throws {
    let model = prediction.key.model
    let joined = configuration.featuresTopic ? try withFeatures(bytes.prefix(prediction.size.event)) : nil
    if let layout, let score = events.score(of: prediction) { try count(prediction, bytes, score, layout, joined) }
    var (kept, size) = (bytes, prediction.size.event)
    if let joined {
      let event = joined.encoded()
      (kept, size) = (event + bytes.dropFirst(size), event.count)
    }
    let outcome = join.take(
      prediction.key, at: place, time: prediction.time, version: prediction.version, bytes: kept, size: size)
    counts.change(model, models[model]) { $0.predictions += 1 }
    switch outcome {
    case .accepted(let afterLabel):
      if afterLabel { counts.change(model, models[model]) { $0.orphanLabels += 1 } }
    case .completed(let completed): try write(completed, into: &outputs)
    }
  }

  /// The event with what its entity's features were at its time.
  private func withFeatures(_ event: ByteSlice) throws -> Prediction {
    var event = try Prediction.decode(event)
    if let entity = event.entity {
      event.features += features.features(of: entity, at: event.time, beside: event.features)
    }
    return event
  }

  private mutating func count(
    _ prediction: OpenPrediction, _ bytes: ByteSlice, _ score: Score, _ layout: VersionLayout, _ joined: Prediction?
  ) throws {
    let (time, width) = (prediction.time, layouts.width(layout.number))
    let hash = layout.derived.isEmpty ? 0 : Self.hash(bytes.dropFirst(prediction.size.event))
    if joined == nil, prediction.layout > 0 {
      let whole = prediction.hasUnlisted ? try Prediction.decode(bytes.prefix(prediction.size.event)) : nil
      return summarize.count(
        events.cells(width), time: time, hash: hash, score: score, layout: layout, whole: whole)
    }
    // Read before its version was known: once more, now for its columns.
    let event = bytes.prefix(prediction.size.event)
    if joined == nil, case let scanned = try scanner.scan(event), scanned.schema == layout.number {
      let whole = scanned.hasUnlisted ? try Prediction.decode(event) : nil
      return summarize.count(
        scanner.row[..<width], time: time, hash: hash, score: score, layout: layout, whole: whole)
    }
    let whole = try joined ?? Prediction.decode(event)
    if row.count < width { row = [Double](repeating: 0, count: width) }
    let hasUnlisted = scanner.fill(&row, from: whole.features, schema: layout.number)
    summarize.count(
      row[..<width], time: time, hash: hash, score: score, layout: layout, whole: hasUnlisted ? whole : nil)
  }

  private mutating func take(_ label: Label, model: Int, into outputs: inout Outputs) throws {
    switch join.take(label, model: model) {
    case .held: break
    case .duplicate: counts.change(model, models[model]) { $0.duplicateLabels += 1 }
    case .completed(let completed): try write(completed, into: &outputs)
    }
  }

  private mutating func write(_ completed: Join.Completed, into outputs: inout Outputs) throws {
    let prediction = try Prediction.decode(completed.value)
    let example = Example(
      seq: completed.seq, id: prediction.id, model: prediction.model, version: prediction.version,
      time: prediction.time, labelTime: completed.labelTime, features: prediction.features, score: prediction.score,
      label: completed.label, segments: prediction.segments)
    counts.change(completed.model, models[completed.model]) { $0.examples += 1 }
    outputs.emit(
      ExampleRecord.example(example), kind: "example", to: .examples, partition: partition, key: example.id,
      time: merge.now)
    if let version = example.version, let score = example.score,
      let layout = try layout(of: models[completed.model], version: version)
    {
      summarize.judge(example, version: version, score: score, layout: layout)
    }
  }

  /// A hash of an id, the same on every machine (FNV-1a by Fowler, Noll and Vo, then mixed).
  private static func hash(_ id: ByteSlice) -> UInt64 {
    let hash = id.withUnsafeBytes { $0.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 } }
    return (hash ^ hash >> 32) &* 0x9e37_79b9_7f4a_7c15
  }
}
