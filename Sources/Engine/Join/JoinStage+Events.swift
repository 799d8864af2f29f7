import Bytes
import Events
import Log
import Models

extension JoinStage {
  /// Does what an event asks for, in its turn.
  mutating func act(
    on entry: PartitionMerge<Intake.Arrival>.Entry, topic: Topic,
    into outputs: inout Outputs
  ) throws {
    switch entry.element.event {
    case .bad(let letter): outputs.emit(letter)
    case .features(let update): features.update(update, settledBefore: closedUpTo)
    case .label(let label, let model): try take(label, model: model, into: &outputs)
    case .prediction:
      let prediction = queue.first
      defer { queue.removeFirst(cells: width(of: prediction)) }
      func refuse(_ code: String, _ reason: String) {
        outputs.emit(
          intake.deadLetter(
            prediction.value, timestamp: entry.element.timestamp, offset: entry.offset, of: topic, code: code,
            reason: reason))
      }
      let model = prediction.key.model
      let place = join.find(prediction.key)
      guard !join.knows(place) else { return counts.change(model, models[model]) { $0.duplicatePredictions += 1 } }
      let layout = try layout(of: prediction)
      if prediction.version > 0, layout == nil {
        refuse(
          "unknown_version",
          "model \(models[model]) has no version \(prediction.version): versions are published before they serve")
        outputs.wantsSnapshot = true
        return
      }
      guard prediction.time >= closedUpTo else {
        counts.change(model, models[model]) { $0.late += 1 }
        refuse(
          "late",
          "time \(RFC3339.format(prediction.time)) lies in a pane that closed at \(RFC3339.format(closedUpTo))")
        return
      }
      try take(prediction, at: place, layout, into: &outputs)
    }
  }

  private mutating func take(
    _ prediction: OpenPrediction, at place: Int?, _ layout: VersionLayout?, into outputs: inout Outputs
  ) throws {
    let joined = configuration.featuresTopic ? try withFeatures(prediction) : nil
    if let layout, let score = prediction.score { try count(prediction, score, layout, joined) }
    let outcome = join.take(
      prediction.key, at: place, time: prediction.time, version: prediction.version,
      value: joined?.encoded()[...] ?? prediction.value)
    counts.change(prediction.key.model, models[prediction.key.model]) { $0.predictions += 1 }
    switch outcome {
    case .accepted(let afterLabel):
      if afterLabel { counts.change(prediction.key.model, models[prediction.key.model]) { $0.orphanLabels += 1 } }
    case .completed(let completed): try write(completed, into: &outputs)
    }
  }

  /// The event with what its entity's features were at its time.
  private func withFeatures(_ prediction: OpenPrediction) throws -> Prediction {
    var event = try Prediction.decode(prediction.value)
    if let entity = event.entity {
      event.features += features.features(of: entity, at: event.time, beside: event.features)
    }
    return event
  }

  private mutating func count(
    _ prediction: OpenPrediction, _ score: Score, _ layout: VersionLayout, _ joined: Prediction?
  ) throws {
    let (time, hash, width) = (prediction.time, prediction.hash, layout.names.count)
    if joined == nil, prediction.layout > 0 {
      let whole = prediction.hasUnlisted ? try Prediction.decode(prediction.value) : nil
      return summarize.count(
        queue.firstCells(width), time: time, hash: hash, score: score, layout: layout, whole: whole)
    }
    // Read before its version was known: once more, now for its columns.
    if joined == nil, case let scanned = try scanner.scan(prediction.value), scanned.schema == layout.number {
      let whole = scanned.hasUnlisted ? try Prediction.decode(prediction.value) : nil
      return summarize.count(
        scanner.row[..<width], time: time, hash: hash, score: score, layout: layout, whole: whole)
    }
    let whole = try joined ?? Prediction.decode(prediction.value)
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
}
