import CRdKafka
import Foundation
import Log

extension KafkaOptions {
  /// Something with which no client can be made.
  public struct Flaw: Equatable, Sendable {
    public let property: String
    /// What is wrong with it, and what is allowed.
    public let problem: String
  }

  /// The first thing that is wrong with these options, alone or together with what Leeway needs.
  public var flaw: Flaw? {
    if let problem = Self.flaw(ofServers: servers) { return Flaw(property: "bootstrap.servers", problem: problem) }
    for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
      if let problem = Self.flaw(of: name, value, isSecret: isSecret(name)) {
        return Flaw(property: name, problem: secretValues.redacted(problem))
      }
    }
    return sessionFlaw ?? refusal(RD_KAFKA_CONSUMER) ?? refusal(RD_KAFKA_PRODUCER)
  }

  // MARK: One by one

  /// - Returns: what is wrong with a list of brokers, without a word of it: a password may stand there.
  public static func flaw(ofServers servers: String) -> String? {
    let brokers = servers.split(separator: ",", omittingEmptySubsequences: false)
    for (index, broker) in brokers.enumerated() {
      if let problem = flaw(ofBroker: broker.trimmingCharacters(in: .whitespaces)) {
        return "broker \(index + 1) of \(brokers.count) \(problem)"
      }
    }
    return nil
  }

  private static func flaw(ofBroker broker: String) -> String? {
    if broker.isEmpty { return "is empty" }
    if broker.contains("@") { return "holds a user: that is for the property sasl.username" }
    if broker.contains("/") { return "holds a protocol or a path: that is for the property security.protocol" }
    let isBracketed = broker.hasPrefix("[")
    let end =
      isBracketed ? broker.firstIndex(of: "]") ?? broker.endIndex : broker.firstIndex(of: ":") ?? broker.endIndex
    let host = broker[..<end].drop { $0 == "[" }
    let port = broker[end...].drop { $0 == "]" }
    if isBracketed {
      guard end < broker.endIndex, host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.%".contains($0) }) else {
        return "is no IPv6 address in brackets"
      }
    } else if !isHost(host) {
      return "does not begin with the name or the IPv4 address of a host"
    }
    guard port.isEmpty || port.first == ":" && Int(port.dropFirst()).map({ (1...65_535).contains($0) }) == true else {
      return "has no number from 1 to 65535 for its port"
    }
    return nil
  }

  private static func isHost(_ text: Substring) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let isNamed = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    guard isNamed, let last = labels.last(where: { !$0.isEmpty }), labels.dropLast().allSatisfy({ !$0.isEmpty }) else {
      return false
    }
    return Int(last) == nil || labels.count == 4 && labels.allSatisfy { Int($0).map { (0...255).contains($0) } == true }
  }

  /// - Parameter value: nil where it is not known yet.
  /// - Returns: what is wrong with it by itself; nothing of a secret's value.
  public static func flaw(of property: String, _ value: String?, isSecret: Bool = false) -> String? {
    guard !ownProperties.contains(property) else {
      return "is not to be set: Leeway's promises rest on its own choice of it"
    }
    let (result, text) = tried(property, value ?? "")
    switch result {
    case RD_KAFKA_CONF_OK: return flaw(ofBounded: property, value)
    case RD_KAFKA_CONF_UNKNOWN: return "is no property of librdkafka \(String(cString: rd_kafka_version_str()))"
    case _ where value == nil: return nil
    case _ where isSecret || Self.isSecret(property): return "its value is refused"
    default:
      let reason = KafkaHandle.string(text).trimmingCharacters(in: .init(charactersIn: ".\n"))
      guard let allowed = librarysOwn[property], !allowed.isEmpty, !reason.contains("allowed") else { return reason }
      return "\(reason); allowed: \(allowed)"
    }
  }

  /// Values that the library takes and that break what is promised, or with which nothing arrives.
  private static let bounds: [String: (allowed: ClosedRange<Int>, reason: String)] = [
    "transaction.timeout.ms": (
      1_000...KafkaLimits.transactionMilliseconds, "for so long a worker that was killed holds up those who read"
    ),
    "fetch.wait.max.ms": (0...10_000, "what else is asked of the same broker waits behind a fetch"),
    "message.timeout.ms": (1_000...Int(Int32.max), "records that have not arrived by then are given up"),
    "delivery.timeout.ms": (1_000...Int(Int32.max), "records that have not arrived by then are given up"),
  ]

  private static func flaw(ofBounded property: String, _ value: String?) -> String? {
    guard let (allowed, reason) = bounds[property], let number = value.flatMap({ Int($0) }), !allowed.contains(number)
    else { return nil }
    let limits =
      allowed.upperBound < Int(Int32.max)
      ? "from \(allowed.lowerBound) to \(allowed.upperBound)" : "\(allowed.lowerBound) at least"
    return "\(number) ms is not possible: \(reason); allowed: \(limits)"
  }

  private static func tried(_ property: String, _ value: String) -> (rd_kafka_conf_res_t, text: [CChar]) {
    let configuration = rd_kafka_conf_new()
    defer { rd_kafka_conf_destroy(configuration) }
    var text = [CChar](repeating: 0, count: 512)
    return (rd_kafka_conf_set(configuration, property, value, &text, text.count), text)
  }

  /// Whether the library knows a property of this name, be it to refuse it.
  public static func isKnown(_ property: String) -> Bool { tried(property, "").0 != RD_KAFKA_CONF_UNKNOWN }

  /// The properties that can be set.
  public static var knownProperties: [String] { librarysOwn.keys.sorted() }

  /// The values that each of the library's properties can have; empty where it can have any.
  private static let librarysOwn: [String: String] = {
    var (start, count): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
    guard let file = open_memstream(&start, &count) else { return [:] }
    rd_kafka_conf_properties_show(file)
    fclose(file)
    defer { free(start) }
    let rows = (start.map { String(cString: $0) } ?? "").split(separator: "\n").map {
      $0.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return Dictionary(rows.filter { $0.count > 5 }.map { ($0[0], $0[2]) }) { first, _ in first }
  }()

  // MARK: Together

  /// A group throws out whom it does not hear of: one heartbeat that is late must not be enough for that.
  private var sessionFlaw: Flaw? {
    let (session, heartbeat) = ("session.timeout.ms", "heartbeat.interval.ms")
    let set = [session, heartbeat].filter { properties[$0] != nil }
    let longest = properties[session].flatMap { Int($0) } ?? KafkaLimits.sessionMilliseconds
    let interval = properties[heartbeat].flatMap { Int($0) } ?? KafkaLimits.sessionMilliseconds / 10
    guard let property = set.first, longest < 3 * interval else { return nil }
    return Flaw(
      property: property,
      problem: "\(session) (\(longest)) has to be three times \(heartbeat) (\(interval)) at least, and no less than "
        + "the brokers' group.min.session.timeout.ms (6000 where it is not set)")
  }

  /// What the library says to a client of this kind with all the properties. It connects to nobody.
  private func refusal(_ kind: rd_kafka_type_t) -> Flaw? {
    var alone = self
    alone.servers = ""
    let settings = ["transactional.id": "check", "transaction.timeout.ms": "\(KafkaLimits.transactionMilliseconds)"]
    do throws(LogError) {
      let configuration = try KafkaHandle.configuration(kind, alone, kind == RD_KAFKA_PRODUCER ? settings : [:])
      rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
      var text = [CChar](repeating: 0, count: 512)
      if let client = rd_kafka_new(kind, configuration, &text, text.count) {
        rd_kafka_destroy(client)
        return nil
      }
      rd_kafka_conf_destroy(configuration)
      let reason = secretValues.redacted(KafkaHandle.string(text)).trimmingCharacters(in: .newlines)
      let named = properties.keys.filter { reason.contains($0) }.max { ($0.count, $0) < ($1.count, $1) }
      return Flaw(property: named ?? properties.keys.sorted().joined(separator: ", "), problem: reason)
    } catch {
      return Flaw(property: properties.keys.sorted().joined(separator: ", "), problem: error.message)
    }
  }
}
