import CRdKafka
import Foundation
import Log
import Synchronization

/// One client of librdkafka: its configuration, its log and its end.
///
/// Any thread may call the library with it. It is ended by its owner, when nobody else calls any more.
final class KafkaHandle: Sendable {
  /// What the library's threads leave for ours.
  final class Context: Sendable {
    struct State {
      /// The last thing that went wrong with a connection.
      var trouble: String?
      /// What looks as if the two ends spoke different protocols, and since when nothing else has come of connecting.
      var misfit: (text: String, since: Int64)?
      /// Whether a call has ever come through.
      var hasAnswer = false
      var denial: KafkaFailure?
      /// Why a record could not be delivered, since it was last asked for.
      var undelivered: KafkaFailure?
      /// The offsets of the records that a writer asked for, by its number.
      var firstOffsets: [Int: Int64] = [:]
      /// What the group has decided and the consumer has not looked at yet.
      var changes: [GroupChange] = []
      var isClosing = false
      /// Answers to the library that have not been taken yet.
      var openAnswers = 0
      /// Whether the client is being ended, and what becomes of its connections says nothing.
      var isEnding = false
      /// When a connection or the place in the group was last in trouble.
      var disturbance: Int64?
    }

    let options: KafkaOptions
    let secrets: KafkaSecrets
    let state = Mutex(State())
    /// Wakes the owner: something lies in one of its queues.
    let bell = KafkaBell()

    init(_ options: KafkaOptions) { (self.options, secrets) = (options, options.secretValues) }

    func noteDisturbance() { state.withLock { $0.disturbance = SystemCalls.steadyMilliseconds() } }

    /// Whether the cluster has been out of reach lately, for this client.
    var isDisturbed: Bool {
      let last = state.withLock { $0.disturbance }
      return last.map { SystemCalls.steadyMilliseconds() - $0 < KafkaLimits.disturbanceMilliseconds } ?? false
    }

    /// - Parameter failure: nil for a line of the library's log.
    func note(trouble text: String, _ failure: KafkaFailure? = nil) {
      state.withLock { state in
        state.trouble = text
        if let failure, failure.isDenial { state.denial = failure }
        if text.contains("security.protocol") || text.contains("SSL_HANDSHAKE") {
          state.misfit = (text, state.misfit?.since ?? SystemCalls.steadyMilliseconds())
        } else if text.contains("Connect to") {
          state.misfit = nil
        }
      }
    }
  }

  let options: KafkaOptions
  let context: Context
  /// Whether it takes part in a group: what the library has to say lies among the consumer's messages then.
  private let isMember: Bool
  nonisolated(unsafe) private(set) var pointer: OpaquePointer?

  /// - Parameters:
  ///   - settings: Leeway's own; the user's properties go before them where both may be set.
  ///   - prepare: sets callbacks; the opaque pointer that they get is the `Context`'s.
  init(
    _ kind: rd_kafka_type_t, _ options: KafkaOptions, settings: [String: String],
    prepare: (OpaquePointer) -> Void = { _ in }
  ) throws(LogError) {
    self.options = options
    context = Context(options)
    isMember = settings["group.id"] != nil
    let configuration = try Self.configuration(kind, options, settings)
    rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(context).toOpaque())
    Self.listen(configuration)
    prepare(configuration)
    var text = [CChar](repeating: 0, count: 512)
    pointer = rd_kafka_new(kind, configuration, &text, text.count)
    guard pointer != nil else {
      rd_kafka_conf_destroy(configuration)
      throw LogError(.invalidArgument, "Kafka's client refuses its configuration: \(Self.string(text, options)).")
    }
  }

  deinit { destroy() }

  /// Ends the client; a consumer must have left its group before, as here nobody waits for that.
  func destroy() {
    guard let pointer else { return }
    self.pointer = nil
    context.state.withLock { $0.isEnding = true }
    rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  }

  /// Lets go of a client that cannot be destroyed; what its threads talk to stays.
  func abandon() {
    guard pointer != nil else { return }
    pointer = nil
    options.report(
      KafkaOptions.Line(
        level: 4, text: "CLOSE: a client that the cluster does not let go is left behind; it ends with this process"))
    _ = Unmanaged.passRetained(context)
  }

  /// The client, or the error that it has been closed.
  func open() throws(LogError) -> OpaquePointer {
    guard let pointer else { throw LogError(.closed, "This handle has been closed. Make a new one.") }
    return pointer
  }

  /// What the library said last about its connections, for the end of an error's text.
  var trouble: String? {
    hear()
    return context.state.withLock { $0.misfit?.text ?? $0.trouble }
  }

  /// Takes in what the library has to say. A member of a group polls for that by itself: here its own errors would be lost.
  private func hear() {
    if let pointer, !isMember { rd_kafka_poll(pointer, 0) }
  }

  /// - Throws: `denied` where a broker has refused the credentials: no waiting mends that.
  func checkAccess(_ doing: String) throws(LogError) {
    hear()
    let (denial, trouble) = context.state.withLock { ($0.denial, $0.trouble) }
    if let denial { throw denial.error(doing, hint: trouble) }
  }

  /// - Throws: `denied` where a cluster that has never answered does nothing but end connections that it has taken.
  func checkFit(_ doing: String) throws(LogError) {
    let misfit = context.state.withLock { $0.hasAnswer ? nil : $0.misfit }
    // A broker that is just coming up may do so for a while.
    let bound = Int64(options.patienceMilliseconds / 3)
    guard let misfit, SystemCalls.steadyMilliseconds() - misfit.since > bound else { return }
    let protocolName = options.properties["security.protocol"] ?? "plaintext"
    throw LogError(
      .denied,
      "\(doing): it takes connections, but nothing comes of them. Its listener probably does not speak "
        + "\(protocolName): set the property security.protocol, and what SASL or TLS needs, to what it asks for "
        + "(\(misfit.text)).")
  }

  /// Takes note that a call has come through: what was refused before, as while a certificate was renewed, has passed.
  func noteAccess() {
    // A refusal from before that nobody has heard yet has passed too.
    hear()
    context.state.withLock { ($0.denial, $0.misfit, $0.hasAnswer) = (nil, nil, true) }
  }

  // MARK: Configuration

  /// The caller's to use or to destroy.
  static func configuration(
    _ kind: rd_kafka_type_t, _ options: KafkaOptions, _ settings: [String: String]
  ) throws(LogError) -> OpaquePointer {
    guard let configuration = rd_kafka_conf_new() else {
      throw LogError(.unavailable, "librdkafka has no memory for a client.", retriable: true)
    }
    var merged = [
      "client.id": "leeway", "reconnect.backoff.max.ms": "\(KafkaLimits.reconnectMilliseconds)",
      "topic.metadata.refresh.interval.ms": "\(KafkaLimits.metadataMilliseconds)",
      "socket.connection.setup.timeout.ms": "\(KafkaLimits.connectMilliseconds)",
    ]
    if kind == RD_KAFKA_CONSUMER { merged["session.timeout.ms"] = "\(KafkaLimits.sessionMilliseconds)" }
    if !options.servers.isEmpty { merged["bootstrap.servers"] = options.servers }
    merged.merge(settings) { $1 }
    merged.merge(options.properties.filter { concerns($0.key, kind) }) { $1 }
    do throws(LogError) {
      for (name, value) in merged.sorted(by: { $0.key < $1.key }) { try set(name, value, configuration, options) }
    } catch {
      rd_kafka_conf_destroy(configuration)
      throw error
    }
    return configuration
  }

  private static func set(
    _ name: String, _ value: String, _ configuration: OpaquePointer, _ options: KafkaOptions
  ) throws(LogError) {
    var text = [CChar](repeating: 0, count: 512)
    guard rd_kafka_conf_set(configuration, name, value, &text, text.count) != RD_KAFKA_CONF_OK else { return }
    // The library's own text may hold the value.
    let reason = options.isSecret(name) ? "its value is refused" : string(text, options)
    throw LogError(.invalidArgument, "Kafka property \(name): \(reason).")
  }

  private static let ofConsumers: Set<String> = [
    "partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms", "group.protocol.type",
    "max.poll.interval.ms", "queued.min.messages", "queued.max.messages.kbytes", "check.crcs",
  ]
  private static let ofProducers: Set<String> = [
    "acks", "request.required.acks", "linger.ms", "transaction.timeout.ms", "message.timeout.ms",
    "delivery.timeout.ms", "compression.codec", "compression.type", "compression.level", "batch.size",
    "batch.num.messages", "partitioner", "retries", "message.send.max.retries", "request.timeout.ms",
    "sticky.partitioning.linger.ms", "delivery.report.only.error",
  ]

  /// The library warns of properties that the other kind of client takes.
  private static func concerns(_ name: String, _ kind: rd_kafka_type_t) -> Bool {
    if kind == RD_KAFKA_PRODUCER { return !ofConsumers.contains(name) && !name.hasPrefix("fetch.") }
    return !ofProducers.contains(name) && !name.hasPrefix("queue.buffering.")
  }

  static func string(_ text: [CChar], _ options: KafkaOptions) -> String {
    options.secretValues.redacted(string(text))
  }

  /// As it is, secrets and all.
  static func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Callbacks

  static func context(_ opaque: UnsafeMutableRawPointer?) -> Context? {
    opaque.map { Unmanaged<Context>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func listen(_ configuration: OpaquePointer) {
    rd_kafka_conf_set_log_cb(configuration) { client, level, facility, text in
      guard let client, let context = KafkaHandle.context(rd_kafka_opaque(client)), let text else { return }
      let plain = context.secrets.redacted(KafkaHandle.plain(String(cString: text), level: level))
      let kind = facility.map { String(cString: $0) } ?? ""
      if kind == "FAIL", context.state.withLock({ $0.isEnding }) { return }
      if kind == "FAIL" || kind == "SESSTMOUT" { context.noteDisturbance() }
      if level <= 4, kind == "FAIL" || kind == "ERROR" { context.note(trouble: plain) }
      context.options.report(
        kind == "FAIL"
          ? KafkaOptions.Line(level: Int(level), text: plain, isConnection: true)
          : KafkaOptions.Line(level: Int(level), text: "\(kind): \(plain)"))
    }
    rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
      guard let context = KafkaHandle.context(opaque) else { return }
      guard !context.state.withLock({ $0.isEnding }) else { return }
      let failure = KafkaFailure(rd_kafka_resp_err_t(code))
      let said = reason.map { String(cString: $0) } ?? failure.text
      let text = context.secrets.redacted(KafkaHandle.plain(said, level: 3))
      guard failure.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN else {
        // That a connection failed stands in the library's log already.
        return context.note(trouble: text, failure)
      }
      context.options.report(KafkaOptions.Line(level: 3, text: text, isOutage: true))
    }
  }

  /// Without the thread that speaks, and how long a connection lasted: the same trouble in the same words.
  private static func plain(_ text: String, level: Int32) -> String {
    guard level < 7 else { return text }
    let start = text.hasPrefix("[thrd:") ? text.range(of: "]: ")?.upperBound : nil
    let end = text.range(of: " (after ", options: .backwards)?.lowerBound
    return String(text[(start ?? text.startIndex)..<(end ?? text.endIndex)])
  }
}
