import Events
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One exchange after the other, on the caller's thread. Redirections are handed out and not followed, so that a secret
/// goes nowhere else; there are no cookies, no cache, and no answers beyond a limit.
final class HTTPClient: Sendable {
  struct Answer {
    let status: Int
    let body: [UInt8]
    /// Where a redirection leads.
    let location: String?
  }

  /// Bytes of an answer, as of any JSON that is read here.
  static let mostBytes = Limits.recordBytes

  private let session: URLSession
  private let receiver = Receiver()

  init() {
    // A server that closes a connection must not end the process.
    signal(SIGPIPE, SIG_IGN)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpShouldSetCookies = false
    configuration.httpCookieAcceptPolicy = .never
    configuration.urlCache = nil
    session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
  }

  deinit { session.invalidateAndCancel() }

  /// - Parameters:
  ///   - seconds: after which it is given up.
  ///   - isStopping: whether nobody waits for it any more; asked twenty times a second.
  func answer(
    to request: URLRequest, within seconds: Double, isStopping: () -> Bool
  ) throws(MLflowFailure) -> Answer {
    var request = request
    // Later than ours, which holds for the answer as a whole.
    request.timeoutInterval = seconds + 5
    let task = session.dataTask(with: request)
    let ended = receiver.begin(task.taskIdentifier)
    task.resume()
    let limit = SteadyClock.seconds + seconds
    while ended.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      let isOver = SteadyClock.seconds > limit
      guard isOver || isStopping() else { continue }
      task.cancel()
      receiver.forget(task.taskIdentifier)
      throw isOver ? .away("no answer within \(Figures.short(seconds)) s") : .stopped
    }
    let received = receiver.end(task.taskIdentifier)
    guard !received.isTooLong else { throw .away("an answer of more than \(Self.mostBytes >> 20) MB") }
    guard received.error == nil, let response = task.response as? HTTPURLResponse else {
      throw .away(received.error ?? "no answer")
    }
    return Answer(
      status: response.statusCode, body: received.body, location: response.value(forHTTPHeaderField: "Location"))
  }
}

/// Gathers what comes in, by task. Called on the session's own queue.
private final class Receiver: NSObject, URLSessionDataDelegate, Sendable {
  struct Received {
    let ended = DispatchSemaphore(value: 0)
    var body: [UInt8] = []
    var isTooLong = false
    var error: String?
  }

  private let received = Mutex<[Int: Received]>([:])

  func begin(_ task: Int) -> DispatchSemaphore {
    let new = Received()
    received.withLock { $0[task] = new }
    return new.ended
  }

  func end(_ task: Int) -> Received {
    received.withLock { $0.removeValue(forKey: task) } ?? Received()
  }

  func forget(_ task: Int) {
    _ = end(task)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isTooLong = received.withLock { received in
      guard let count = received[dataTask.taskIdentifier]?.body.count else { return false }
      guard count + data.count <= HTTPClient.mostBytes else {
        received[dataTask.taskIdentifier]?.isTooLong = true
        return true
      }
      received[dataTask.taskIdentifier]?.body += data
      return false
    }
    if isTooLong { dataTask.cancel() }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    received.withLock { received in
      received[task.taskIdentifier]?.error = error?.localizedDescription
      received[task.taskIdentifier]?.ended.signal()
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }
}
