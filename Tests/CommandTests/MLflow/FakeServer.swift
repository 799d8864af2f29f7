import Foundation
import Synchronization

/// An HTTP server on a free port of the loopback: one connection, one request, one answer. Ends with this object.
final class FakeServer: Sendable {
  struct Request {
    var method = ""
    /// Without the query.
    var path = ""
    var query: [String: String] = [:]
    var headers: [String: String] = [:]
    var body: [UInt8] = []
  }

  enum Answer {
    case json(Int, Any)
    case bytes(Int, [UInt8], headers: [String: String] = [:])
    /// The connection is closed without a word.
    case nothing
    /// Nothing comes, and the connection stays open.
    case silence
  }

  let port: UInt16
  private let descriptor: Int32
  private let open = Mutex<[Int32]>([])
  private let handle: @Sendable (Request) -> Answer

  var url: String { "http://127.0.0.1:\(port)" }

  /// - Parameter port: 0 for a free one.
  init(at port: UInt16 = 0, _ handle: @escaping @Sendable (Request) -> Answer) throws {
    self.handle = handle
    (descriptor, self.port) = try Self.listen(at: port)
    Thread.detachNewThread { [weak self, descriptor] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0, let self else { return }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  deinit {
    for connection in open.withLock({ $0 }) { close(connection) }
    // Wakes the thread that waits for connections.
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// A port at which nobody listens.
  static func deadPort() throws -> UInt16 {
    let (descriptor, port) = try listen(at: 0)
    close(descriptor)
    return port
  }

  private static func listen(at port: UInt16) throws -> (Int32, UInt16) {
    #if canImport(Darwin)
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var reuses: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuses, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard isBound, Foundation.listen(descriptor, 16) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  private func serve(_ connection: Int32) {
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let request = Self.read(connection) else { return _ = close(connection) }
    switch handle(request) {
    case .json(let status, let object):
      let body = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
      Self.write(connection, status, Array(body), ["Content-Type": "application/json"])
    case .bytes(let status, let bytes, let headers): Self.write(connection, status, bytes, headers)
    case .nothing: break
    case .silence: return open.withLock { $0.append(connection) }
    }
    close(connection)
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var request: Request?
    while true {
      if request == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
        request = parse(String(decoding: bytes[..<end.lowerBound], as: UTF8.self))
        bytes.removeFirst(end.upperBound)
      }
      if var whole = request, bytes.count >= Int(whole.headers["content-length"] ?? "0") ?? 0 {
        whole.body = bytes
        return whole
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }

  private static func parse(_ head: String) -> Request {
    let lines = head.components(separatedBy: "\r\n")
    let words = lines[0].components(separatedBy: " ")
    let parts = URLComponents(string: words.count > 1 ? words[1] : "")
    var request = Request(method: words[0], path: parts?.path ?? "")
    for item in parts?.queryItems ?? [] { request.query[item.name] = item.value ?? "" }
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      request.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return request
  }

  private static func write(_ connection: Int32, _ status: Int, _ body: [UInt8], _ headers: [String: String]) {
    var head = "HTTP/1.1 \(status) Fine\r\nContent-Length: \(body.count)\r\nConnection: close\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    let bytes = Array((head + "\r\n").utf8) + body
    var sent = 0
    while sent < bytes.count {
      #if canImport(Darwin)
        let flags: Int32 = 0
      #else
        let flags = Int32(MSG_NOSIGNAL)
      #endif
      let count = bytes[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, flags) }
      guard count > 0 else { return }
      sent += count
    }
  }
}
