import Events
import Log

/// A setting of a topic with which an engine would lose something.
struct TopicHazard: Equatable {
  let topic: String
  let problem: String
  let remedy: String
  /// Whether the loss is certain, so that no engine is to start.
  let isCertain: Bool

  /// In the order of the contracts.
  static func all(in present: [TopicSpec], _ configuration: LeewayConfiguration) -> [TopicHazard] {
    Topic.allCases.flatMap { topic -> [TopicHazard] in
      let name = topic.spec(configuration.topics).name
      return present.first { $0.name == name }.map { hazards(topic, $0, configuration.time) } ?? []
    }
  }

  private static func hazards(_ topic: Topic, _ found: TopicSpec, _ time: TimeSection) -> [TopicHazard] {
    var hazards: [TopicHazard] = []
    func add(_ problem: String, _ remedy: String, isCertain: Bool = false) {
      hazards.append(TopicHazard(topic: found.name, problem: problem, remedy: remedy, isCertain: isCertain))
    }
    let forever = "retention.ms=-1 and retention.bytes=-1"
    if topic == .checkpoints {
      if found.retention != .forever {
        add(
          "keeps snapshots for \(found.retention.shown) only\(found.compacted ? "" : " (cleanup.policy=delete)"): of a "
            + "partition without traffic the state is lost with them", "set cleanup.policy=compact",
          isCertain: !found.compacted)
      } else if !found.compacted {
        add("is not compacted: it grows with every snapshot, and so does each start", "set cleanup.policy=compact")
      }
      return hazards
    }
    if found.compacted {
      let isKeyedByModel = topic.partitionSetting == .models
      add(
        "is compacted: of all records of one key" + (isKeyedByModel ? ", which is the model," : "")
          + " the cluster keeps the newest alone", "set cleanup.policy=delete, \(forever)", isCertain: isKeyedByModel)
    }
    let horizon = time.labelHorizon + time.lateness
    switch topic {
    case .features where !time.featuresTopic: break
    case .predictions, .labels, .features:
      guard let kept = found.retention.milliseconds, kept < horizon else { break }
      add(
        "keeps records for \(Quantity.shown(milliseconds: kept)), less than time.label_horizon and lateness: what an "
          + "engine that stood still has not read by then is lost, and so is what it would have to read again",
        "set retention.ms=\(horizon) or more")
    case _ where found.retention != .forever:
      guard let loss = loss(topic) else { break }
      add("keeps records for \(found.retention.shown) only: \(loss)", "set \(forever)")
    default: break
    }
    return hazards
  }

  /// What is gone with the records that retention takes.
  private static func loss(_ topic: Topic) -> String? {
    switch topic {
    case .examples: "older rows cannot be learned from any more"
    case .summaries: "what Monitor has not read by then is lost, and so is what it would have to read again"
    case .triggers, .runs: "Train forgets what it has decided and what came of it"
    case .models, .artifacts:
      "older versions can neither be continued nor tell what their predictions are judged against"
    default: nil
    }
  }
}
