import Bytes
import Events
import Log
import Models

/// Turns raw records into events, or into dead letters that say why not. The first of the checks that keep bad input
/// from going further: form, model, times, and whether score and label fit the model's task.
struct Intake {
  enum Event {
    /// The next of the stage's queue of open predictions: it stays there, as its parts cost more to move than to read.
    case prediction
    case label(Label, model: Int)
    // Rare, and large: kept apart, so that the others are moved at less cost.
    indirect case features(FeatureUpdate)
    indirect case bad(DeadLetter)
  }

  /// An event in the merge, and its record's timestamp.
  struct Arrival {
    let event: Event
    let timestamp: Milliseconds
  }

  let configuration: IntakeConfiguration
  /// By number of the model.
  let tasks: [Task]
  let partition: Int

  /// The event, and the time at which it stands in the order: its own, or that of its record where a clock that is ahead
  /// gave it a later one, so that it closes no pane before its time. No time for a record that could not be read.
  ///
  /// - Parameters:
  ///   - scanner: has the cells of a prediction in its row afterwards, where the prediction names a layout.
  ///   - open: the prediction itself, where the event is one.
  func read(
    _ stored: StoredRecord, of topic: Topic, models: ModelNames, scanner: inout EventScanner,
    open: inout OpenPrediction?
  ) -> (Event, Milliseconds?) {
    guard let value = stored.record.value else {
      return bad(stored, topic, "null_value", "the record has no value; \(topic.rawValue) holds no tombstones")
    }
    do {
      let event: Event
      let time: Milliseconds
      switch topic {
      case .predictions:
        let scanned = try scanner.scan(value)
        if let (code, reason) = take(scanned, value, models, &scanner, &open) {
          return bad(stored, topic, code, reason)
        }
        (event, time) = (.prediction, scanned.time)
      case .labels:
        let label = try Label.decode(value)
        guard let model = known(models.find(label.model)) else {
          return bad(stored, topic, "unknown_model", Self.unknown(label.model))
        }
        guard (try? tasks[model].target(label.value.modelValue)) != nil else {
          return bad(stored, topic, "bad_label", "the label does not fit the task \(tasks[model].name)")
        }
        (event, time) = (.label(label, model: model), label.time)
      default:
        let update = try FeatureUpdate.decode(value)
        (event, time) = (.features(update), update.time)
      }
      guard time <= stored.record.timestamp.saturatingAdd(configuration.futureSlack) else {
        let slack = "\(configuration.futureSlack) ms"
        return bad(
          stored, topic, "future_time",
          "time \(RFC3339.format(time)) is more than \(slack) after the record's \(stored.record.timestamp)")
      }
      return (event, min(time, stored.record.timestamp))
    } catch {
      return bad(stored, topic, error.code.rawValue, "\(error)")
    }
  }

  /// What is wrong with a prediction; nil, and the prediction in `open`, where nothing is.
  @inline(__always)
  private func take(
    _ scanned: ScannedPrediction, _ value: ByteSlice, _ models: ModelNames, _ scanner: inout EventScanner,
    _ open: inout OpenPrediction?
  ) -> (String, String)? {
    func bytes(_ range: Range<Int>) -> ByteSlice {
      value[value.startIndex + range.lowerBound..<value.startIndex + range.upperBound]
    }
    let whole = scanned.form == .whole ? scanner.whole : nil
    let name = whole.map { Array($0.model.utf8)[...] } ?? bytes(scanned.model)
    guard let model = known(models.find(name)) else {
      return ("unknown_model", Self.unknown(String(decoding: name, as: UTF8.self)))
    }
    let score: Score? =
      switch scanned.scoreForm {
      case .none: nil
      case .number: .number(scanned.number)
      case .other: scanner.otherScore
      }
    if let score, !tasks[model].accepts(score) {
      return ("bad_score", "the prediction does not fit the task \(tasks[model].name)")
    }
    if configuration.featuresTopic, whole.map({ $0.entity == nil }) ?? scanned.entity.isEmpty {
      return ("missing_field", "a prediction needs its entity where features come from their own topic")
    }
    open = OpenPrediction(
      key: Join.Key(model: model, id: whole?.id ?? String(decoding: bytes(scanned.id), as: UTF8.self)),
      version: scanned.version, time: scanned.time, score: score, value: value, layout: scanned.schema,
      hasUnlisted: scanned.hasUnlisted)
    return nil
  }

  /// The number of a model of the configuration.
  private func known(_ model: Int?) -> Int? { model.flatMap { $0 < tasks.count ? $0 : nil } }

  private static func unknown(_ model: String) -> String {
    "no model \(model.prefix(80).debugDescription) in the configuration"
  }

  private func bad(
    _ stored: StoredRecord, _ topic: Topic, _ code: String, _ reason: String
  ) -> (Event, Milliseconds?) {
    let letter = deadLetter(
      stored.record.value, timestamp: stored.record.timestamp, offset: stored.offset, of: topic, code: code,
      reason: reason)
    return (.bad(letter), nil)
  }

  func deadLetter(
    _ value: ByteSlice?, timestamp: Milliseconds, offset: Int64, of topic: Topic, code: String, reason: String
  ) -> DeadLetter {
    DeadLetter(
      topic: topic.rawValue, partition: partition, offset: offset, code: code, reason: reason, time: timestamp,
      sample: DeadLetter.sample(of: value))
  }
}
