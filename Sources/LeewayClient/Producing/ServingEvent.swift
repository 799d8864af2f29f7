public import Events

/// What a serving system tells Leeway.
public enum ServingEvent: Hashable, Sendable {
  case prediction(Prediction)
  case label(Label)
  case features(FeatureUpdate)

  public var topic: Topic {
    switch self {
    case .prediction: .predictions
    case .label: .labels
    case .features: .features
    }
  }

  public var time: Milliseconds {
    switch self {
    case .prediction(let event): event.time
    case .label(let event): event.time
    case .features(let event): event.time
    }
  }

  /// The prediction's id, or the entity of a feature update.
  public var id: String {
    switch self {
    case .prediction(let event): event.id
    case .label(let event): event.prediction
    case .features(let event): event.entity
    }
  }
}

/// An accepted event that did not reach the log.
public struct EventFailure: Error, Sendable, CustomStringConvertible {
  /// The event's running number: 0 for the first that the producer accepted.
  public let number: Int64
  public let topic: Topic
  /// The prediction's id, or the entity of a feature update.
  public let id: String
  public let error: ClientError

  public var description: String { "event \(number) (\(topic.rawValue), \(id)): \(error.message)" }
}
