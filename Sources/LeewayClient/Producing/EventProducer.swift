public import Events
public import Log

/// Sends predictions, labels and feature updates to Leeway's topics.
///
/// Events are checked and encoded where they are sent, gathered into batches, and appended by one thread that owns the
/// connection to the log, so no log call ever blocks a task. An event that was accepted is in the log once, or is
/// reported:
///
/// - order: events of one key reach the log in the order in which they were accepted;
/// - retries: errors that may pass are tried again, with growing pauses, under the same sequence numbers, so that a
///   try of which the acknowledgement was lost does not become a duplicate;
/// - memory: the buffer is bounded. When it is full `send` suspends and `trySend` says no;
/// - failures: every event that does not reach the log comes to `onFailure`, and the next `flush()` or `close()`
///   throws. Later events are still tried.
///
/// ```swift
/// let producer = try await EventProducer(log: log) { failures in
///   for failure in failures { print(failure) }
/// }
/// try await producer.send(
///   Prediction(
///     id: "p-1", model: "term-deposit", version: 7, time: 1_762_345_678_901,
///     features: [Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("technician"))],
///     score: .number(0.183)))
/// try await producer.send(
///   Label(prediction: "p-1", model: "term-deposit", time: 1_762_349_999_000, value: .number(1)))
/// try await producer.close()
/// ```
///
/// A producer may be shared by any number of tasks. One that is dropped without `close()` still sends what it
/// accepted, but nobody hears whether it arrived.
public final class EventProducer: Sendable {
  private let queue: SendQueue
  private let routes: Routes
  private let configuration: ProducerConfiguration

  /// Opens a producer on `log`.
  ///
  /// - Parameter onFailure: called with the events of a batch that did not reach the log, in order, on the producer's
  ///   own thread: nothing is sent until it returns.
  /// - Throws: where the configuration is impossible, a topic is missing, or topics that are joined differ in their
  ///   number of partitions.
  public init(
    log: any Log, configuration: ProducerConfiguration = ProducerConfiguration(),
    onFailure: @escaping @Sendable ([EventFailure]) -> Void = { _ in }
  ) async throws(ClientError) {
    try configuration.check()
    let queue = SendQueue(batch: configuration.batch, limits: configuration.buffer)
    let opened = await withCheckedContinuation { continuation in
      WorkThread.start("leeway-producer") {
        Self.run(queue, log: log, configuration, onFailure: onFailure) { continuation.resume(returning: $0) }
      }
    }
    self.queue = queue
    self.routes = try opened.get()
    self.configuration = configuration
  }

  deinit {
    queue.close()
  }

  /// Accepts an event, waiting for room in the buffer where there is none.
  ///
  /// Returning means that the event is in the buffer; `flush()` says when it is in the log.
  /// - Throws: `invalidEvent` for an event that could never be read, `closed`, or `cancelled` where the task was
  ///   cancelled while it waited. The event was not accepted then.
  public func send(_ event: ServingEvent) async throws(ClientError) {
    let prepared = try prepare(event)
    var admission = queue.offer(prepared)
    if admission == nil { admission = await queue.admit(prepared) }
    switch admission {
    case .accepted, nil: return
    case .closed: throw .closedProducer
    case .cancelled: throw ClientError(.cancelled, "event \"\(event.id)\" was not sent: its task was cancelled")
    }
  }

  /// Accepts an event if there is room for it now.
  ///
  /// - Returns: whether the event was accepted.
  /// - Throws: as `send` does.
  public func trySend(_ event: ServingEvent) throws(ClientError) -> Bool {
    switch queue.offer(try prepare(event)) {
    case .accepted: true
    case .closed: throw .closedProducer
    case .cancelled, nil: false
    }
  }

  /// Waits until everything accepted so far is in the log.
  ///
  /// - Throws: `undelivered` where events failed for good since the last `flush()`, or `cancelled`.
  public func flush() async throws(ClientError) {
    if let error = await queue.flush() { throw error }
  }

  /// Sends what was accepted, then lets go of the log. Senders that still wait for room are refused.
  ///
  /// Closing again waits for the same end and tells the same outcome.
  /// - Throws: `undelivered` where events failed for good since the last `flush()`.
  public func close() async throws(ClientError) {
    queue.close()
    if let error = await queue.finished() { throw error }
  }
}

extension EventProducer {
  public func send(_ prediction: Prediction) async throws(ClientError) {
    try await send(.prediction(prediction))
  }

  public func send(_ label: Label) async throws(ClientError) {
    try await send(.label(label))
  }

  public func send(_ update: FeatureUpdate) async throws(ClientError) {
    try await send(.features(update))
  }
}

extension EventProducer {
  private func prepare(_ event: ServingEvent) throws(ClientError) -> PreparedEvent {
    try event.check(keyedBy: configuration.key)
    let key = Array(event.key(configuration.key).utf8)
    let time =
      switch configuration.timestamps {
      case .eventTime: event.time
      case .clock(let now): now()
      }
    let prepared = PreparedEvent(
      topic: event.topic, id: event.id, partition: try routes.partition(of: event.topic, key: key),
      record: Record(timestamp: time, key: key[...], value: event.encoded(configuration.form)[...]))
    guard prepared.bytes <= configuration.buffer.eventBytes else {
      throw ClientError(
        .invalidEvent,
        "\(event.topic.rawValue) event \"\(event.id.prefix(100))\" has \(prepared.bytes) bytes, more than "
          + "buffer.eventBytes allows, \(configuration.buffer.eventBytes)")
    }
    return prepared
  }

  /// The life of the producer's thread.
  private static func run(
    _ queue: SendQueue, log: any Log, _ configuration: ProducerConfiguration,
    onFailure: ([EventFailure]) -> Void, opened: (Result<Routes, ClientError>) -> Void
  ) {
    var delivery: Delivery
    do throws(ClientError) {
      let routes = try Routes(log: log, names: TopicNames(prefix: configuration.topicPrefix), key: configuration.key)
      delivery = try open(log, configuration)
      opened(.success(routes))
    } catch {
      queue.finish()
      opened(.failure(error))
      return
    }
    while true {
      switch queue.next() {
      case .send(let batch):
        let failures = delivery.deliver(batch)
        if !failures.isEmpty { onFailure(failures) }
        queue.settle(batch, failures: failures)
      case .wait(let limit):
        queue.wait(atMost: limit)
      case .finish:
        delivery.close()
        queue.finish()
        return
      }
    }
  }

  private static func open(_ log: any Log, _ configuration: ProducerConfiguration) throws(ClientError) -> Delivery {
    do throws(LogError) {
      return Delivery(producer: try log.makeProducer(id: configuration.id), retry: configuration.retry)
    } catch {
      throw ClientError("cannot open a producer on the log", error)
    }
  }
}

extension ServingEvent {
  fileprivate func key(_ key: ProducerConfiguration.Key) -> String {
    switch (self, key) {
    case (.features(let event), _): event.entity
    case (.prediction(let event), .entity): event.entity ?? ""
    case (.label(let event), .entity): event.entity ?? ""
    case (_, .prediction): id
    }
  }

  fileprivate func encoded(_ form: ProducerConfiguration.Form) -> [UInt8] {
    switch self {
    case .prediction(let event): (form == .binary ? BinaryEvent.encode(event) : nil) ?? event.encoded()
    case .label(let event): event.encoded()
    case .features(let event): event.encoded()
    }
  }
}
