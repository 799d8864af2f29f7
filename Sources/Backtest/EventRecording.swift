public import Events

/// What happened, in the order in which it became known.
public enum RecordedEvent: Hashable, Sendable {
  /// Its score and version say who served when it was recorded; another policy's version scores its features anew.
  case prediction(Prediction)
  case label(Label)
  /// What cannot be read, and why.
  case unreadable(String)
}

public struct TimedEvent: Hashable, Sendable {
  /// When it became known: milliseconds that never go back along a recording.
  public var time: Milliseconds
  public var event: RecordedEvent

  public init(time: Milliseconds, event: RecordedEvent) {
    self.time = time
    self.event = event
  }
}

/// Recorded events that can be read again and again, always the same. Its rows are its predictions, numbered from 0.
public protocol EventRecording: Sendable {
  /// Its rows; what is not known is estimated from above.
  var rows: Int { get }
  /// Hands over every event in order. What `take` throws ends reading.
  func read(_ take: (TimedEvent) throws -> Void) throws
}

/// A recording held in memory.
public struct EventList: EventRecording {
  public let events: [TimedEvent]

  /// - Parameter events: put in order of time; those of one time stay in theirs.
  public init(_ events: [TimedEvent]) {
    self.events = events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element)
  }

  public var rows: Int {
    events.count { event in if case .prediction = event.event { true } else { false } }
  }

  public func read(_ take: (TimedEvent) throws -> Void) throws {
    for event in events { try take(event) }
  }
}

/// Stops the reading of a recording, and is no error.
struct ReadingDone: Error {}

extension EventRecording {
  /// The first rows with their labels, as rows of history.
  ///
  /// - Parameters:
  ///   - model: whose rows.
  ///   - count: rows, labelled or not. Reading ends with the last of their labels.
  /// - Returns: those that are labelled, in order, and the time at which the first row after them became known.
  func history(of model: String, rows count: Int) throws -> (rows: [Example], end: Milliseconds) {
    var open: [String: Prediction] = [:]
    var order: [String] = []
    var labels: [String: Label] = [:]
    var end: Milliseconds?
    do {
      try read { event in
        switch event.event {
        case .prediction(let prediction) where prediction.model == model:
          if order.count < count {
            order.append(prediction.id)
            open[prediction.id] = prediction
          } else if end == nil {
            end = event.time
          }
        case .label(let label) where label.model == model:
          if open[label.prediction] != nil, labels[label.prediction] == nil { labels[label.prediction] = label }
        default: break
        }
        if end != nil, labels.count == open.count { throw ReadingDone() }
      }
    } catch is ReadingDone {}
    let rows = order.compactMap { id -> Example? in
      guard let row = open[id], let label = labels[id] else { return nil }
      return Example(
        seq: 0, id: id, model: model, time: row.time, labelTime: label.time, features: row.features, label: label.value,
        segments: row.segments)
    }
    return (rows, end ?? .max)
  }
}
