public import Events
import Foundation
public import Log
import Synchronization

/// All that a serving system needs for one model: scores rows with the present champion, tells Leeway what it said, and
/// changes over when a new version is published. Of models that a trainer outside makes it tells `onChange`, and goes on
/// as it was: those are scored by the library that made them.
///
/// ```swift
/// let serving = try await Serving(model: "term-deposit", log: log)
/// let said = try await serving.predict(
///   id: "p-1", features: [Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("clerk"))])
/// print(said.version as Any, said.score as Any)
/// try await serving.label("p-1", .number(1))
/// try await serving.close()
/// ```
public final class Serving: Sendable {
  public let model: String
  private let producer: EventProducer
  private let subscriber: ModelSubscriber
  private let current: Current

  /// The version in service, shared with the task that follows the changes.
  private final class Current: Sendable {
    private let scorer = Mutex<LocalScorer?>(nil)

    func take(_ change: ModelChange) {
      if let new = change.scorer { scorer.withLock { $0 = new } }
    }

    var value: LocalScorer? { scorer.withLock { $0 } }
  }

  /// Opens the producer and looks up the present champion, if there is one.
  ///
  /// - Parameters:
  ///   - configuration: its topic prefix holds for the models as well.
  ///   - trustedKeys: whose signatures of new versions to believe, as for a `ModelSubscriber`.
  ///   - onFailure: told of events that did not reach the log, as `EventProducer` does.
  ///   - onChange: told of every change, the refused and the present champion included, after it took effect.
  public init(
    model: String, log: any Log, configuration: ProducerConfiguration = ProducerConfiguration(),
    trustedKeys: [TrustedKey]? = nil, onFailure: @escaping @Sendable ([EventFailure]) -> Void = { _ in },
    onChange: @escaping @Sendable (ModelChange) -> Void = { _ in }
  ) async throws(ClientError) {
    let current = Current()
    let subscriber = ModelSubscriber(
      log: log, models: [model], topicPrefix: configuration.topicPrefix, trustedKeys: trustedKeys)
    producer = try await EventProducer(log: log, configuration: configuration, onFailure: onFailure)
    let present = await withCheckedContinuation { continuation in
      WorkThread.start("leeway-serving") {
        continuation.resume(returning: Result { () throws(ClientError) in try subscriber.poll() })
      }
    }
    let take: @Sendable (ModelChange) -> Void = { change in
      current.take(change)
      onChange(change)
    }
    for change in try present.get() { take(change) }
    Task {
      for await change in subscriber.changes { take(change) }
    }
    self.model = model
    self.subscriber = subscriber
    self.current = current
  }

  deinit {
    subscriber.close()
  }

  /// The version in service; `nil` before the first champion.
  public var champion: LocalScorer? { current.value }

  /// Scores a row with the version in service and sends the prediction.
  ///
  /// Before the first champion the row is sent without version and score: once it has its label, the first version
  /// can learn from it.
  /// - Parameter time: when the row was scored, in milliseconds since 1970; now where it is left out.
  /// - Throws: as `EventProducer.send` does.
  @discardableResult
  public func predict(
    id: String, features: [Feature], time: Milliseconds? = nil, entity: String? = nil, segments: [Segment] = []
  ) async throws(ClientError) -> Prediction {
    let scored = champion?.score(features)
    let prediction = Prediction(
      id: id, model: model, version: scored?.version, time: time ?? Self.now, entity: entity, features: features,
      score: scored?.score, segments: segments)
    try await producer.send(prediction)
    return prediction
  }

  /// Sends what became of a prediction.
  ///
  /// - Parameter time: when the label became known, in milliseconds since 1970; now where it is left out.
  public func label(
    _ prediction: String, _ value: LabelValue, time: Milliseconds? = nil, entity: String? = nil
  ) async throws(ClientError) {
    try await producer.send(
      Label(prediction: prediction, model: model, time: time ?? Self.now, value: value, entity: entity))
  }

  /// Waits until everything sent so far is in the log.
  public func flush() async throws(ClientError) {
    try await producer.flush()
  }

  /// Sends what is still on its way, then lets go of the log. Closing again does nothing.
  public func close() async throws(ClientError) {
    subscriber.close()
    try await producer.close()
  }

  private static var now: Milliseconds { Milliseconds(Date().timeIntervalSince1970 * 1_000) }
}
