import Bytes
public import Events
public import Log

/// What a person asks for: a trigger like those that Monitor writes.
public struct TriggerRequest: Sendable {
  public let trigger: Trigger

  /// The cause of the trigger for a model's first version.
  public static let first = "manual-first"

  /// - Parameters:
  ///   - name: tells this request from every other one for the model.
  ///   - rows: what to train on; the request's time is the one before which they are labelled.
  public init(model: String, name: String, reason: String?, rows: RowSet) {
    trigger = Trigger(
      id: "\(model)/manual-\(name)/1", model: model, time: rows.before, rule: Trigger.manual, cause: "manual-\(name)",
      attempt: 1, reason: reason, rows: rows)
  }

  /// The record, where Train looks for it.
  public func batch(_ configuration: EngineConfiguration) -> AppendBatch {
    let key = Array(trigger.model.utf8)
    let partition = Murmur2.partition(of: key, among: configuration.modelPartitions)
    let event = CloudEvent(id: trigger.id, source: "leeway/request", kind: "trigger", time: trigger.time)
    return AppendBatch(
      TopicPartition(configuration.names[.triggers], partition), [event.record(trigger.encoded(), key: key[...])])
  }
}
