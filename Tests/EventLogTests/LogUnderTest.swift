import EventLog
import Foundation
import Log
import TestSupport
import Testing

/// An implementation of the port that the conformance suite is held against. Another one joins by one more line in
/// `all`.
struct LogUnderTest: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Opens the log that is kept in a folder.
  let open: @Sendable (URL) throws -> any Log

  static let all = [
    LogUnderTest(testDescription: "embedded") { folder in
      try EmbeddedLog(path: folder.appending(path: "log.db").path)
    }
  ]

  func make(_ topics: TopicSpec...) throws -> Opened {
    let folder = try TemporaryFolder()
    let log = try open(folder.url)
    for topic in topics { try log.create(topic) }
    return Opened(log: log, folder: folder, open: open)
  }

  struct Opened {
    let log: any Log
    let folder: TemporaryFolder
    let open: @Sendable (URL) throws -> any Log

    /// The same log once more, as another process would see it.
    func again() throws -> any Log { try open(folder.url) }
  }
}

// MARK: Shorthand

extension Record {
  init(_ timestamp: Int64, key: String? = nil, _ value: String?) {
    self.init(timestamp: timestamp, key: key.map { Array($0.utf8)[...] }, value: value.map { Array($0.utf8)[...] })
  }

  var text: String? { value.map { String(decoding: $0, as: UTF8.self) } }
  var keyText: String? { key.map { String(decoding: $0, as: UTF8.self) } }
}

extension LogReader {
  /// All records of a partition from `offset` on.
  func all(_ partition: TopicPartition, from offset: Int64? = nil, limit: ReadLimit = ReadLimit()) throws
    -> [StoredRecord]
  {
    var position = try offset ?? bounds(of: partition).lowerBound
    var records: [StoredRecord] = []
    while true {
      let fetch = try read(partition, from: position, limit: limit)
      records += fetch.records
      if fetch.records.isEmpty { return records }
      position = fetch.next
    }
  }
}

extension LogConsumer {
  /// Takes the assignment and starts every partition of `topics` where the group is, or at the beginning.
  func start(_ topics: [String]) throws -> [TopicPartition: Int64] {
    guard case .assigned(let partitions, let committed) = try poll(topics, limit: ReadLimit()) else {
      Issue.record("the first poll assigned nothing")
      return [:]
    }
    for topic in topics {
      for number in partitions {
        let partition = TopicPartition(topic, number)
        try seek(partition, to: committed[partition] ?? 0)
      }
    }
    return committed
  }

  /// Polls until nothing comes.
  func drain(_ topics: [String]) throws -> [Fetch] {
    var fetches: [Fetch] = []
    while case .records(let more) = try poll(topics, limit: ReadLimit()) { fetches += more }
    return fetches
  }
}

func code(_ body: () throws -> Void) -> LogError.Code? {
  do {
    try body()
    return nil
  } catch {
    return (error as? LogError)?.code
  }
}
