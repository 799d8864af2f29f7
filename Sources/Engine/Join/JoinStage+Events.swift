import Bytes
import Events
import Log
import Models

extension JoinStage {
  typealias Arrived = PartitionMerge<Intake.Arrival>.Entry

  /// Bytes of an event whose example keeps to the limit, whatever its label: in JSON an event grows some ten times at most.
  private static let surelySmall = Limits.recordBytes / 64

  /// Does what an event asks for, in its turn.
  @inline(__always)
  mutating func act(
    on entry: Arrived, topic: Topic, into outputs: inout Outputs
  ) throws {
    switch entry.element.kind {
    case .prediction:
      guard let prediction = events.prediction else { return }
      defer { events.remove(prediction, cells: layouts.width(prediction.layout)) }
      try take(prediction, entry, into: &outputs)
    case .label:
      if let open = events.takeLabel() { try take(open.label, model: open.model, entry, into: &outputs) }
    case .features:
      if let update = events.takeUpdate() { features.update(update, settledBefore: closedUpTo) }
    case .bad:
      if let letter = events.takeLetter(of: topic) { outputs.emit(letter) }
    }
  }

  private mutating func take(_ prediction: OpenPrediction, _ entry: Arrived, into outputs: inout Outputs) throws {
    let model = prediction.key.model
    let place = join.find(prediction.key, events.id(of: prediction))
    guard !join.knows(place) else { return counts.change(model, models[model]) { $0.duplicatePredictions += 1 } }
    let layout = try layout(of: prediction, into: &outputs)
    if prediction.version > 0, layout == nil {
      refuse(
        events.event(of: prediction), entry, "unknown_version",
        "model \(models[model]) has no version \(prediction.version): versions are published before they serve",
        into: &outputs)
      outputs.wantsSnapshot = true
      return
    }
    guard prediction.time >= closedUpTo else {
      counts.change(model, models[model]) { $0.late += 1 }
      return refuse(
        events.event(of: prediction), entry, "late",
        "time \(RFC3339.format(prediction.time)) lies in a pane that closed at \(RFC3339.format(closedUpTo))",
        into: &outputs)
    }
    if configuration.featuresTopic {
      let joined: (whole: Prediction, bytes: [UInt8])
      do throws(Intake.Refusal) { joined = try withFeatures(events.event(of: prediction)) } catch {
        return refuse(events.event(of: prediction), entry, error.code, error.reason, into: &outputs)
      }
      if let layout, let score = events.score(of: prediction) { count(prediction, score, layout, as: joined.whole) }
      let kept = kept(of: prediction, joined.bytes.count) { joined.bytes }
      try settle(enter(prediction, kept, at: place), prediction.key.model, entry, into: &outputs)
    } else {
      if let layout, let score = events.score(of: prediction) {
        do throws(Intake.Refusal) { try count(prediction, score, layout) } catch {
          return refuse(events.event(of: prediction), entry, error.code, error.reason, into: &outputs)
        }
      }
      let kept = kept(of: prediction, prediction.size.event) { events.withEvent(of: prediction) { Array($0) } }
      try settle(enter(prediction, kept, at: place), prediction.key.model, entry, into: &outputs)
    }
  }

  private func refuse(
    _ event: ByteSlice, _ entry: Arrived, of topic: Topic = .predictions, _ code: String, _ reason: String,
    into outputs: inout Outputs
  ) {
    outputs.emit(
      intake.deadLetter(
        event, timestamp: entry.element.timestamp, offset: entry.offset, of: topic, code: code, reason: reason))
  }

  /// - Parameter event: the event, of `size` bytes, with its features as of its time.
  @inline(__always)
  private func kept(of prediction: OpenPrediction, _ size: Int, event: () -> [UInt8]) -> Join.Kept {
    guard !makesExamples, size <= Self.surelySmall else { return .event(event()) }
    return prediction.scoreForm == .number ? .number(prediction.number) : .score(events.score(of: prediction))
  }

  /// By way of a static method, so that the id can be read in place while the join changes.
  @inline(__always)
  private mutating func enter(
    _ prediction: OpenPrediction, _ kept: Join.Kept, at place: Int?
  ) -> Join.PredictionOutcome {
    Self.enter(prediction, kept, at: place, &events, &join)
  }

  @inline(__always)
  private static func enter(
    _ prediction: OpenPrediction, _ kept: Join.Kept, at place: Int?, _ events: inout OpenEvents,
    _ join: inout Join
  ) -> Join.PredictionOutcome {
    events.withID(of: prediction) { join.take(prediction, at: place, id: $0, kept) }
  }

  private mutating func settle(
    _ outcome: Join.PredictionOutcome, _ model: Int, _ entry: Arrived, into outputs: inout Outputs
  ) throws {
    counts.change(model, models[model]) { $0.predictions += 1 }
    switch outcome {
    case .accepted(let afterLabel):
      if afterLabel { counts.change(model, models[model]) { $0.orphanLabels += 1 } }
    case .completed(let completed): try write(completed, entry, of: .predictions, into: &outputs)
    }
  }

  /// The event with what its entity's features were at its time, and its bytes, which are read again when its label
  /// comes: so it must keep to the limits of an event.
  private func withFeatures(_ event: ByteSlice) throws(Intake.Refusal) -> (whole: Prediction, bytes: [UInt8]) {
    var event = try read(event)
    if let entity = event.entity {
      event.features += features.features(of: entity, at: event.time, beside: event.features)
    }
    guard event.features.count <= Limits.features else {
      throw Intake.Refusal(
        "too_large",
        "features: \(event.features.count) names with those of its entity, \(Limits.features) at most")
    }
    let bytes = event.encoded()
    guard bytes.count <= Limits.recordBytes else {
      throw Intake.Refusal(
        "too_large", "\(bytes.count) bytes with the features of its entity, \(Limits.recordBytes) at most")
    }
    return (event, bytes)
  }

  /// Reads bytes that the stage has kept.
  private func read(_ event: ByteSlice) throws(Intake.Refusal) -> Prediction {
    try Intake.Refusal.catching { () throws(EventError) in try Prediction.decode(event) }
  }

  private mutating func count(
    _ prediction: OpenPrediction, _ score: Score, _ layout: VersionLayout
  ) throws(Intake.Refusal) {
    let width = layouts.width(layout.number)
    if prediction.layout > 0 {
      return summarize.count(
        events.cells(width), time: prediction.time, hash: hash(of: prediction, layout), score: score, layout: layout,
        whole: prediction.hasUnlisted ? try read(events.event(of: prediction)) : nil)
    }
    // Read before its version was known: once more, now for its columns.
    let event = events.event(of: prediction)
    let scanned = try Intake.Refusal.catching { () throws(EventError) in try scanner.scan(event) }
    guard scanned.schema == layout.number else {
      return count(prediction, score, layout, as: try read(event))
    }
    summarize.count(
      scanner.row[..<width], time: prediction.time, hash: hash(of: prediction, layout), score: score, layout: layout,
      whole: scanned.hasUnlisted ? try read(event) : nil)
  }

  private mutating func count(
    _ prediction: OpenPrediction, _ score: Score, _ layout: VersionLayout, as whole: Prediction
  ) {
    let width = layouts.width(layout.number)
    if row.count < width { row = [Double](repeating: 0, count: width) }
    let hasUnlisted = scanner.fill(&row, from: whole.features, schema: layout.number)
    summarize.count(
      row[..<width], time: prediction.time, hash: hash(of: prediction, layout), score: score, layout: layout,
      whole: hasUnlisted ? whole : nil)
  }

  private mutating func take(
    _ label: Label, model: Int, _ entry: Arrived, into outputs: inout Outputs
  ) throws {
    switch join.take(label, model: model) {
    case .held: break
    case .duplicate: counts.change(model, models[model]) { $0.duplicateLabels += 1 }
    case .completed(let completed): try write(completed, entry, of: .labels, into: &outputs)
    }
  }

  /// - Parameter entry: the record that completes the example, of `topic`.
  private mutating func write(
    _ completed: Join.Completed, _ entry: Arrived, of topic: Topic, into outputs: inout Outputs
  ) throws {
    let made: (example: Example, bytes: [UInt8])
    do throws(Intake.Refusal) { made = try example(of: completed) } catch {
      return refuse(
        completed.event, entry, of: topic, error.code,
        "no example can be made of the prediction and its label: \(error.reason)", into: &outputs)
    }
    let example = made.example
    join.nextSeq += 1
    counts.change(completed.model, models[completed.model]) { $0.examples += 1 }
    outputs.emit(
      encoded: made.bytes, kind: "example", to: .examples, partition: partition, key: example.id, time: merge.now)
    if let version = example.version, let score = example.score,
      let layout = try layout(of: models[completed.model], version: version, into: &outputs)
    {
      summarize.judge(example, version: version, score: score, layout: layout)
    }
  }

  /// The example with the next number, and its bytes: none, and no features, where of the event the score alone was kept.
  /// Throws where the prediction, which a snapshot of another build may have brought, cannot be read, and where nobody
  /// could read the example.
  private func example(of completed: Join.Completed) throws(Intake.Refusal) -> (Example, [UInt8]) {
    guard case .event(let event) = completed.kept else {
      return (
        Example(
          seq: join.nextSeq, id: completed.id, model: models[completed.model],
          version: completed.version > 0 ? completed.version : nil, time: completed.time,
          labelTime: completed.labelTime, features: [], score: completed.kept.score, label: completed.label), []
      )
    }
    let prediction = try read(event[...])
    let example = Example(
      seq: join.nextSeq, id: prediction.id, model: prediction.model, version: prediction.version,
      time: prediction.time, labelTime: completed.labelTime, features: prediction.features, score: prediction.score,
      label: completed.label, segments: prediction.segments)
    let bytes = ExampleRecord.example(example).encoded()
    guard bytes.count <= Limits.recordBytes else {
      throw Intake.Refusal("too_large", "\(bytes.count) bytes, \(Limits.recordBytes) at most")
    }
    return (example, bytes)
  }

  /// A hash of the id, the same on every machine (FNV-1a by Fowler, Noll and Vo, then mixed), where a column asks for
  /// it; else 0.
  private func hash(of prediction: OpenPrediction, _ layout: VersionLayout) -> UInt64 {
    guard !layout.derived.isEmpty else { return 0 }
    let id = events.id(of: prediction)
    let hash = id.withUnsafeBytes { $0.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 } }
    return (hash ^ hash >> 32) &* 0x9e37_79b9_7f4a_7c15
  }
}
