import Events
import Foundation

/// MLflow's REST API 2.0, as far as it is needed. Used by one thread at a time.
struct MLflowClient {
  enum Method: String { case get = "GET", post = "POST", patch = "PATCH", delete = "DELETE" }

  /// Seconds for one answer.
  static let patience = 10.0

  private let address: String
  private let authorization: String?
  private let http = HTTPClient()
  private let patience: Double
  private let isStopping: @Sendable () -> Bool

  /// - Parameters:
  ///   - patience: seconds for one answer.
  ///   - isStopping: whether nobody waits for answers any more.
  init(
    _ section: MLflowSection, authorization: String?, patience: Double = Self.patience,
    isStopping: @escaping @Sendable () -> Bool = { false }
  ) {
    address = section.url
    self.authorization = authorization
    self.patience = patience
    self.isStopping = isStopping
  }

  /// - Parameters:
  ///   - path: behind `api/2.0/mlflow/`.
  ///   - fields: of the query of a GET.
  ///   - body: the fields of the JSON object that is sent with all else.
  func call(
    _ method: Method, _ path: String, _ fields: [(String, String)] = [],
    _ body: ((inout JSONWriter) -> Void)? = nil
  ) throws(MLflowFailure) -> JSON {
    let answer = try exchange(method, "api/2.0/mlflow/\(path)", fields, body)
    let json = try? JSON.read(answer.body[...]) { (json) throws(EventError) in json }
    switch answer.status {
    case 200..<300:
      guard let json else { throw .away("an answer to \(path) that is no JSON") }
      return json
    case 300..<400:
      throw .away("it sends us on to \(answer.location.map { Words.cut($0, bytes: 200) } ?? "nowhere")")
    case 401, 407:
      throw .away("\(answer.status): it wants to know who asks, or does not believe it")
    case 408, 425, 429: throw .away("it answers \(answer.status)")
    case 400..<500:
      guard let code = try? json?["error_code"]?.text() else {
        throw .away("it answers \(answer.status) to \(path), and not as MLflow does")
      }
      throw .refused(answer.status, code: code, (try? json?["message"]?.text()) ?? "")
    default: throw .away("it answers \(answer.status)")
    }
  }

  /// What the server says of its version; nil where it has no word for it.
  func version() throws(MLflowFailure) -> String? {
    let answer = try exchange(.get, "version", [], nil)
    guard answer.status == 200, answer.body.count <= 40 else { return nil }
    return String(validating: answer.body, as: UTF8.self)?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func exchange(
    _ method: Method, _ path: String, _ fields: [(String, String)], _ body: ((inout JSONWriter) -> Void)?
  ) throws(MLflowFailure) -> HTTPClient.Answer {
    var text = "\(address)/\(path)"
    if !fields.isEmpty {
      text += "?" + fields.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
    }
    var headers = ["User-Agent: leeway/\(Leeway.version)"]
    if let authorization { headers.append("Authorization: \(authorization)") }
    var request = HTTPClient.Request(method: method.rawValue, url: text, headers: headers)
    if let body {
      var writer = JSONWriter()
      writer.object(body)
      request.body = writer.bytes
      request.headers.append("Content-Type: application/json")
    }
    return try http.answer(to: request, within: patience, isStopping: isStopping)
  }

  /// A text as a part of a query or of a path.
  static func escaped(_ text: String) -> String {
    let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }

  /// Reads an answer; one that lacks what every tracking server says comes from something else.
  func read<T>(_ json: JSON, _ body: (JSON) throws(EventError) -> T) throws(MLflowFailure) -> T {
    do throws(EventError) {
      return try body(json)
    } catch {
      throw .away("an answer that is not MLflow's (\(error))")
    }
  }

  /// Pages of one search, at the most: of 200 entries each.
  static let mostPages = 5_000

  /// All pages of a search.
  ///
  /// - Throws: where there is no end of them.
  func pages(
    _ page: (_ token: String?) throws(MLflowFailure) -> JSON, _ take: (JSON) throws(MLflowFailure) -> Void
  ) throws(MLflowFailure) {
    var token: String?
    var count = 0
    repeat {
      count += 1
      guard count <= Self.mostPages else { throw .away("a search of more than \(Self.mostPages) pages") }
      let json = try page(token)
      try take(json)
      let next = try read(json) { (json) throws(EventError) in try json["next_page_token"]?.text() }
      // One that comes again would come for ever.
      token = next == token || next == "" ? nil : next
    } while token != nil
  }
}

extension JSON {
  /// A list of `{key, value}` as MLflow writes tags.
  func entries() throws(EventError) -> [String: String] {
    let pairs = try list { (json) throws(EventError) in
      (try json.need("key").text(), try json["value"]?.text() ?? "")
    }
    return Dictionary(pairs, uniquingKeysWith: { _, last in last })
  }
}

extension JSONWriter {
  /// The same, as a field.
  mutating func entries(_ name: StaticString, _ entries: [MirrorEntry]) {
    self.name(name)
    array(entries) { writer, entry in
      writer.object {
        $0.field("key", entry.name)
        $0.field("value", entry.value)
      }
    }
  }
}
