import Events
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import leeway

/// What the client makes of what servers do.
@Suite("MLflow: the client")
struct MLflowClientTests {
  private static func failure(
    _ answer: FakeServer.Answer, patience: Double = 5, isStopping: @escaping @Sendable () -> Bool = { false }
  ) throws -> MLflowFailure {
    nonisolated(unsafe) let answer = answer
    let server = try FakeServer { _ in answer }
    let client = MLflowClient(
      MLflowSection(url: server.url), authorization: nil, patience: patience, isStopping: isStopping)
    return try #require(throws: MLflowFailure.self) { _ = try client.experiment("x") }
  }

  @Test(arguments: Array(300..<600))
  func whatIsTriedAgain(_ status: Int) throws {
    let failure = try Self.failure(.json(status, ["error_code": "NO", "message": "words\nmore"]))
    let isRefusal = (400..<500).contains(status) && ![401, 407, 408, 425, 429].contains(status)
    #expect(failure.kind == (isRefusal ? .refused : .away), "\(status)")
    if isRefusal { #expect(failure.message == "\(status) NO: words") }
  }

  @Test func answersThatAreNotMLflows() throws {
    let answers: [FakeServer.Answer] = [
      .bytes(200, Array("<html>".utf8)), .bytes(200, []), .bytes(200, [0xff]), .json(200, ["a": 1]),
      .json(200, ["experiment": "text"]), .json(200, ["experiment": ["experiment_id": 7]]), .json(404, ["a": 1]),
      .bytes(404, Array("<html>404".utf8)), .bytes(200, Array("[".utf8) + Array(repeating: 0x5b, count: 100_000)),
      .nothing,
    ]
    for answer in answers { #expect(try Self.failure(answer).kind == .away, "\(answer)") }
  }

  @Test func answersHaveLimits() throws {
    let failure = try Self.failure(.bytes(200, [UInt8](repeating: 0x20, count: HTTPClient.mostBytes + 1)))
    #expect(failure == .away("an answer of more than 16 MB"))
  }

  @Test func silenceIsGivenUp() throws {
    #expect(try Self.failure(.silence, patience: 0.3) == .away("no answer within 0.3 s"))
  }

  @Test func nobodyIsWaitedForAtTheEnd() throws {
    #expect(try Self.failure(.silence, patience: 600, isStopping: { true }) == .stopped)
  }

  /// Tokens that change for ever, as those of a server that starts anew with each page.
  @Test func pagesHaveAnEnd() throws {
    let client = MLflowClient(MLflowSection(url: "http://127.0.0.1:1"), authorization: nil)
    let json = try JSON.read(Array(#"{"next_page_token":"a"}"#.utf8)[...]) { (json) throws(EventError) in json }
    let other = try JSON.read(Array(#"{"next_page_token":"b"}"#.utf8)[...]) { (json) throws(EventError) in json }
    var asked = 0
    let failure = #expect(throws: MLflowFailure.self) {
      try client.pages { (token) throws(MLflowFailure) in
        asked += 1
        guard asked < 100_000 else { throw .stopped }
        return token == "a" ? other : json
      } _: { (_) throws(MLflowFailure) in
      }
    }
    #expect(failure?.kind == .away && asked == MLflowClient.mostPages)
  }

  @Test func nobodyListens() throws {
    let section = MLflowSection(url: "http://127.0.0.1:\(try FakeServer.deadPort())")
    let client = MLflowClient(section, authorization: nil)
    let failure = #expect(throws: MLflowFailure.self) { _ = try client.experiment("x") }
    #expect(failure?.kind == .away && failure?.message.isEmpty == false)
  }

  /// A secret does not follow.
  @Test func redirectionsAreNotFollowed() throws {
    let reached = Mutex(false)
    let other = try FakeServer { _ in
      reached.withLock { $0 = true }
      return .json(200, [:])
    }
    for status in [301, 302, 307, 308] {
      let failure = try Self.failure(.bytes(status, [], headers: ["Location": "\(other.url)/there"]))
      #expect(failure.kind == .away && failure.message.contains("\(other.url)/there"), "\(status): \(failure)")
    }
    #expect(!reached.withLock { $0 })
  }

  @Test func namesArriveAsTheyAre() throws {
    for name in ["a b", "ä&=?#%/+", "it's \"odd\"", "名"] {
      let seen = Mutex("")
      let server = try FakeServer { request in
        seen.withLock { $0 = request.query["experiment_name"] ?? "" }
        return .json(200, ["experiment": ["experiment_id": "1"]])
      }
      let client = MLflowClient(MLflowSection(url: server.url), authorization: nil)
      #expect(try client.experiment(name) == MLflowClient.Experiment(id: "1", isDeleted: false))
      #expect(seen.withLock { $0 } == name)
    }
  }
}
