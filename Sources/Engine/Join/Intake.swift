import Bytes
import Events
import Log
import Models

/// Turns raw records into events, or into dead letters that say why not. The first of the checks that keep bad input
/// from going further: form, model, times, and whether score and label fit the model's task.
struct Intake {
  enum Event {
    case prediction(Prediction)
    case label(Label)
    case features(FeatureUpdate)
    case bad(DeadLetter)
  }

  let configuration: IntakeConfiguration
  let tasks: [String: Task]
  let partition: Int

  /// The event, and the time at which it stands in the order: its own, or that of its record where a clock that is ahead
  /// gave it a later one, so that it closes no pane before its time. No time for a record that could not be read.
  func read(_ stored: StoredRecord, of topic: Topic) -> (Event, Milliseconds?) {
    func bad(_ code: String, _ reason: String) -> (Event, Milliseconds?) {
      (.bad(deadLetter(stored, of: topic, code: code, reason: reason)), nil)
    }
    guard let value = stored.record.value else {
      return bad("null_value", "the record has no value; \(topic.rawValue) holds no tombstones")
    }
    do {
      let event: Event
      let time: Milliseconds
      switch topic {
      case .predictions:
        let prediction = try Prediction.decode(value)
        if let (code, reason) = fault(in: prediction) { return bad(code, reason) }
        (event, time) = (.prediction(prediction), prediction.time)
      case .labels:
        let label = try Label.decode(value)
        if let (code, reason) = fault(in: label) { return bad(code, reason) }
        (event, time) = (.label(label), label.time)
      default:
        let update = try FeatureUpdate.decode(value)
        (event, time) = (.features(update), update.time)
      }
      guard time <= stored.record.timestamp.saturatingAdd(configuration.futureSlack) else {
        let slack = "\(configuration.futureSlack) ms"
        return bad(
          "future_time",
          "time \(RFC3339.format(time)) is more than \(slack) after the record's \(stored.record.timestamp)")
      }
      return (event, min(time, stored.record.timestamp))
    } catch {
      return bad(error.code.rawValue, "\(error)")
    }
  }

  private func fault(in prediction: Prediction) -> (String, String)? {
    guard let task = tasks[prediction.model] else { return unknown(prediction.model) }
    if let score = prediction.score {
      guard prediction.version != nil else { return ("missing_field", "a prediction with a score needs its version") }
      guard task.accepts(score) else { return ("bad_score", "the prediction does not fit the task \(task.name)") }
    }
    if configuration.featuresTopic, prediction.entity == nil {
      return ("missing_field", "a prediction needs its entity where features come from their own topic")
    }
    return nil
  }

  private func fault(in label: Label) -> (String, String)? {
    guard let task = tasks[label.model] else { return unknown(label.model) }
    guard (try? task.target(label.value.modelValue)) != nil else {
      return ("bad_label", "the label does not fit the task \(task.name)")
    }
    return nil
  }

  private func unknown(_ model: String) -> (String, String) {
    ("unknown_model", "no model \(model.prefix(80).debugDescription) in the configuration")
  }

  func deadLetter(_ stored: StoredRecord, of topic: Topic, code: String, reason: String) -> DeadLetter {
    let sample = DeadLetter.sample(of: stored.record.value)
    return DeadLetter(
      topic: topic.rawValue, partition: partition, offset: stored.offset, code: code, reason: reason,
      time: stored.record.timestamp, sample: sample)
  }
}
