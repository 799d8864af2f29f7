import CCurl
import Events
import Foundation

/// One exchange after the other, on the caller's thread. Redirections are handed out and not followed, so that a secret
/// goes nowhere else; there are no cookies, and no answers beyond a limit.
final class HTTPClient {
  struct Request {
    let method: String
    let url: String
    /// Lines of `Name: value`.
    var headers: [String]
    var body: [UInt8]?
  }

  struct Answer {
    let status: Int
    let body: [UInt8]
    /// Where a redirection leads.
    let location: String?
  }

  /// Bytes of an answer, as of any JSON that is read here.
  static let mostBytes = Limits.recordBytes

  /// Keeps its connection for the next exchange. Owned.
  private let handle: UnsafeMutableRawPointer?

  init() {
    // A server that closes a connection must not end the process.
    signal(SIGPIPE, SIG_IGN)
    handle = CurlLibrary.shared?.initialize()
  }

  deinit {
    if let handle { CurlLibrary.shared?.release(handle) }
  }

  /// - Parameters:
  ///   - seconds: after which it is given up.
  ///   - isStopping: whether nobody waits for it any more; asked about once a second.
  func answer(
    to request: Request, within seconds: Double, isStopping: @escaping () -> Bool
  ) throws(MLflowFailure) -> Answer {
    guard let curl = CurlLibrary.shared, let handle else { throw .away("libcurl is not there") }
    let exchange = Exchange(isStopping)
    let code = Self.perform(curl, handle, request, seconds, exchange)
    if exchange.isStopped { throw .stopped }
    if exchange.isTooLong { throw .away("an answer of more than \(Self.mostBytes >> 20) MB") }
    guard code == 0 else {
      // 28: out of time.
      throw .away(
        code == 28
          ? "no answer within \(Figures.short(seconds)) s"
          : curl.describe(code).map { String(cString: $0) } ?? "error \(code)")
    }
    var status = 0
    var location: UnsafePointer<CChar>?
    _ = leeway_curl_get_long(curl.getInfo, handle, 0x20_0002, &status)
    _ = leeway_curl_get_text(curl.getInfo, handle, 0x10_001f, &location)
    return Answer(status: status, body: exchange.body, location: location.map { String(cString: $0) })
  }

  private static func perform(
    _ curl: CurlLibrary, _ handle: UnsafeMutableRawPointer, _ request: Request, _ seconds: Double, _ exchange: Exchange
  ) -> Int32 {
    func set(_ option: CurlLibrary.Option, _ value: Int) {
      _ = leeway_curl_set_long(curl.setOption, handle, option.rawValue, value)
    }
    func set(_ option: CurlLibrary.Option, _ value: UnsafeRawPointer?) {
      _ = leeway_curl_set_pointer(curl.setOption, handle, option.rawValue, value)
    }
    // "Expect" would have a server asked before a long body.
    let list = (request.headers + ["Expect:"]).reduce(nil) { curl.append($0, $1) }
    defer {
      set(.headers, nil)
      set(.body, nil)
      curl.releaseList(list)
    }
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    set(.noSignals, 1)
    set(.milliseconds, Int(seconds * 1_000))
    set(.headers, list)
    set(.noProgress, 0)
    set(.context, context)
    set(.progressContext, context)
    _ = leeway_curl_set_write(curl.setOption, handle, CurlLibrary.Option.write.rawValue) {
      bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let length = Int(size * count)
      let chunk = UnsafeRawBufferPointer(start: bytes, count: length)
      return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().take(chunk) ? UInt(length) : 0
    }
    _ = leeway_curl_set_progress(curl.setOption, handle, CurlLibrary.Option.progress.rawValue) { context, _, _, _, _ in
      guard let context else { return 1 }
      return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().mayGoOn() ? 0 : 1
    }
    return request.url.withCString { url in
      request.method.withCString { method in
        set(.url, url)
        // The method's name comes last: the rest decides how a request is made, and by what name.
        guard let body = request.body else {
          set(.isGet, 1)
          set(.method, method)
          return withExtendedLifetime(exchange) { curl.perform(handle) }
        }
        return body.withUnsafeBytes { bytes in
          set(.bodyBytes, bytes.count)
          set(.body, bytes.baseAddress)
          set(.method, method)
          return withExtendedLifetime(exchange) { curl.perform(handle) }
        }
      }
    }
  }
}

/// What comes of one exchange; called back on the thread that waits for it.
private final class Exchange {
  private(set) var body: [UInt8] = []
  private(set) var isTooLong = false
  private(set) var isStopped = false
  private let isStopping: () -> Bool

  init(_ isStopping: @escaping () -> Bool) {
    self.isStopping = isStopping
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    isTooLong = body.count + bytes.count > HTTPClient.mostBytes
    if !isTooLong { body.append(contentsOf: bytes) }
    return !isTooLong
  }

  func mayGoOn() -> Bool {
    isStopped = isStopping()
    return !isStopped
  }
}
