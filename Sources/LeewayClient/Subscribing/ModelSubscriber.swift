public import Log

/// Follows which version of a model serves.
///
/// A subscriber begins with the present champion, the version that the newest change of champion in `models` names,
/// and then tells every change. A version is told as a champion only once its artifact was fetched, has the SHA-256
/// that its record states, and could be read; otherwise it is refused, with the reason, and serving stays with the
/// former. Records that cannot be read are skipped and reported.
///
/// With trusted keys a record counts only where one of them has signed it (`ModelSignature`), and was not signed before
/// one that was read already. A champion that is unsigned, altered, signed by another key or written anew is refused.
///
/// ```swift
/// let subscriber = ModelSubscriber(log: log, models: ["term-deposit"])
/// for await change in subscriber.changes {
///   switch change {
///   case .champion(let served): print("serving version", served.version)
///   case .external(let other): print("version", other.version, "is", other.artifact.count, "bytes of", other.record.family)
///   case .refused(let refused): print(refused.reason)
///   case .skipped(let skipped): print(skipped.partition, skipped.offsets, skipped.reason)
///   case .interrupted(let error): print(error)
///   }
/// }
/// ```
///
/// Use it in one of two ways: iterate `changes`, where a thread of the subscriber's own waits on the log; or call
/// `poll()` where the caller decides when to look, as tests and simulations do.
public final class ModelSubscriber: Sendable {
  private let core: SubscriberCore

  /// - Parameters:
  ///   - models: the models to follow; `nil` follows all.
  ///   - trustedKeys: whose signatures to believe; several while keys change over. `nil` asks for no signatures, and none
  ///     at all believes nobody.
  ///
  /// The log is first read when changes are asked for.
  public init(
    log: any Log, models: Set<String>? = nil, topicPrefix: String = "", trustedKeys: [TrustedKey]? = nil
  ) {
    core = SubscriberCore(
      ModelFollower(
        log: log, names: TopicNames(prefix: topicPrefix), models: models, trustedKeys: trustedKeys))
  }

  deinit {
    core.close()
  }

  /// What changed since the last look; blocks while it reads. The same log gives the same changes: models in order of
  /// name, and of several changes of champion since the last look only the last. Nothing once the subscriber is closed.
  ///
  /// - Throws: `log` where the log cannot be read. Nothing is lost then: the next call goes on from there. `inUse`
  ///   where `changes` is iterated.
  public func poll() throws(ClientError) -> [ModelChange] {
    try core.poll()
  }

  /// The changes from now on, the present champions first. Ends when the task that iterates is cancelled, or when the
  /// subscriber is closed. Each change is told once: several iterations share them.
  ///
  /// A slow reader is never far behind: of several changes of champion since its last look it is told only the last.
  public var changes: ModelChanges { ModelChanges(subscriber: self) }

  /// Ends every iteration and lets go of the log. Closing again does nothing.
  public func close() {
    core.close()
  }

  fileprivate func next() async -> ModelChange? {
    await core.next()
  }
}

/// The changes that a `ModelSubscriber` sees, as they come.
public struct ModelChanges: AsyncSequence, Sendable {
  public typealias Failure = Never

  fileprivate let subscriber: ModelSubscriber

  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let subscriber: ModelSubscriber

    public mutating func next() async -> ModelChange? {
      await subscriber.next()
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async -> ModelChange? {
      await subscriber.next()
    }
  }

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(subscriber: subscriber)
  }
}
