@testable import EventLog
import Foundation
import Log
import Simulation
import TestSupport
import Testing

/// An implementation of the port that the conformance suite is held against. Another one joins by one more line in
/// `every`.
struct LogUnderTest: Sendable, CustomTestStringConvertible {
  /// What an implementation can do beyond the port's bare promise, or does in a way of its own.
  enum Trait: CaseIterable {
    /// Topics are created and described through the log itself, with their retention and compaction.
    case administration
    /// Retention and compaction happen when `maintain` is called, and at no other time.
    case maintenance
    /// Finds offsets by time.
    case times
    /// Takes times before 1970.
    case earlyTimes
    /// Keeps the offsets and sequences that are committed with records.
    case committedOffsets
    /// Hides what is not committed, and what never will be.
    case isolation
    /// A group has one worker; otherwise workers share its partitions.
    case owners
    /// Refuses to commit an offset beyond a partition's end.
    case boundedOffsets
    /// Workers share the partitions of a group.
    case sharing
    /// Sees to it itself that records of compacted topics have keys.
    case keys
  }

  let testDescription: String
  /// The tests that this implementation has no part in, each with the reason: all others it has to pass.
  let lacks: [Trait: String]
  /// Offsets that the end of a transaction takes up in each partition that it wrote to.
  let marks: Int64
  /// Milliseconds within which a waiting reader typically wakes.
  let waking: Int
  /// Makes a place for a log of its own.
  let place: @Sendable () throws -> any LogPlace

  func has(_ trait: Trait) -> Bool { lacks[trait] == nil }

  static let every: [LogUnderTest] =
    [
      LogUnderTest(
        testDescription: "embedded", lacks: [.sharing: "on one machine one worker does the work of a group"],
        marks: 0, waking: 50
      ) { try FolderPlace() },
      LogUnderTest(
        testDescription: "simulated", lacks: [.owners: "it stands for a cluster, whose workers share a group"],
        marks: 0, waking: 50
      ) { SimulatedPlace(marksAppends: false) },
      LogUnderTest(
        testDescription: "simulated, with appends in transactions",
        lacks: [.owners: "it stands for a cluster, whose workers share a group"], marks: 1, waking: 50
      ) { SimulatedPlace(marksAppends: true) },
      // Which answers a fetch not when there is something but when its time is over.
      LogUnderTest(
        testDescription: "Kafka's mock cluster",
        lacks: [
          .administration: "it answers no request that creates or describes a topic",
          .maintenance: "it keeps everything, up to 5 MB a partition",
          .times: "it finds nothing by time",
          .earlyTimes: "Kafka has no times before 1970",
          .committedOffsets: "it keeps no offsets that come with a transaction",
          .isolation: "it shows what is not committed",
          .owners: "workers share a group",
          .boundedOffsets: "Kafka's groups take any offset",
          .keys: "it knows no compaction",
        ], marks: 0, waking: 150
      ) { try MockPlace() },
    ]
    + BrokerPlace.given.map { servers in
      LogUnderTest(
        testDescription: "Kafka at \(servers)",
        lacks: [
          .maintenance: "a cluster does it when it sees fit",
          .earlyTimes: "Kafka has no times before 1970",
          .owners: "workers share a group",
          .boundedOffsets: "Kafka's groups take any offset",
          .keys: "whether a record without a key is refused is the cluster's own matter",
        ], marks: 1, waking: 50
      ) { try BrokerPlace(servers) }
    }

  static var all: [LogUnderTest] { every }

  static func with(_ traits: Trait...) -> [LogUnderTest] { every.filter { traits.allSatisfy($0.has) } }

  func make(_ topics: TopicSpec...) throws -> Opened {
    let place = try place()
    let log = try place.open()
    for topic in topics { try log.create(topic) }
    return Opened(log: log, place: place, kind: self)
  }

  /// The offsets of records that are appended to an empty partition in appends of so many each.
  func offsets(_ counts: [Int]) -> [Int64] {
    var next: Int64 = 0
    var offsets: [Int64] = []
    for count in counts {
      offsets += (0..<Int64(count)).map { next + $0 }
      next += Int64(count) + (count > 0 ? marks : 0)
    }
    return offsets
  }

  struct Opened {
    let log: any Log
    let place: any LogPlace
    let kind: LogUnderTest

    /// The same log once more, as another process would see it.
    func again() throws -> any Log { try place.open() }
  }
}

/// Where a log lies while a test runs; it goes away with it.
protocol LogPlace: AnyObject, Sendable {
  func open() throws -> any Log
}

final class FolderPlace: LogPlace {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func open() throws -> any Log { try EmbeddedLog(path: folder.path("log.db")) }
}

/// A simulated log, whose clock stands still while callers wait in real time.
final class SimulatedPlace: LogPlace {
  private let log: SimulatedLog

  init(marksAppends: Bool) {
    var settings = SimulatedLogSettings()
    settings.marksAppends = marksAppends
    settings.patience = 10_000
    settings.pause = { Thread.sleep(forTimeInterval: 0.001) }
    log = SimulatedLog(settings)
  }

  func open() -> any Log { log }
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
  @discardableResult
  func start(_ topics: [String]) throws -> [TopicPartition: Int64] {
    guard case .assigned(let partitions, let committed) = try poll(topics, limit: ReadLimit()) else {
      Issue.record("the first poll assigned nothing")
      return [:]
    }
    try seek(topics, partitions, committed)
    return committed
  }

  func seek(_ topics: [String], _ partitions: [Int], _ committed: [TopicPartition: Int64]) throws {
    for topic in topics {
      for number in partitions {
        let partition = TopicPartition(topic, number)
        try seek(partition, to: committed[partition] ?? 0)
      }
    }
  }

  /// Polls until nothing comes.
  func drain(_ topics: [String]) throws -> [Fetch] {
    var fetches: [Fetch] = []
    while case .records(let more) = try poll(topics, limit: ReadLimit()) { fetches += more }
    // What held nothing but the marks of transactions says nothing here.
    return fetches.filter { !$0.records.isEmpty }
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
