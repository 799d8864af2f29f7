import ArgumentParser
import EventLog
import Foundation
import Log
import Recording
import Simulation
import TestSupport
import Testing

@testable import leeway

/// Copies between logs, in this process: from and to the embedded log, and one whose transactions take up offsets as a
/// cluster's do.
@Suite("Copies")
struct TransferTests {
  enum Kind: CaseIterable {
    case embedded, simulated

    func make(_ folder: Scratch, _ name: String) throws -> any Log {
      switch self {
      case .embedded: try EmbeddedLog(path: folder.file(name))
      case .simulated:
        SimulatedLog(
          {
            var settings = SimulatedLogSettings()
            settings.marksAppends = true
            return settings
          }())
      }
    }
  }

  private static let names = ["predictions": "predictions", "labels": "labels"]
  private let folder: Scratch

  init() throws { folder = try Scratch() }

  private func source(_ log: any Log, begun: [Int: Int64] = [:]) throws -> LogSource {
    try LogSource(
      try FoundTopics(Depot.topics, in: log, LeewayConfiguration()), try RangeOptions.parse([]), begun: begun)
  }

  /// One that has taken the copy over.
  private func target(_ log: any Log) throws -> TransferTarget {
    let target = try untaken(log)
    try target.take()
    return target
  }

  private func untaken(_ log: any Log) throws -> TransferTarget {
    let topics = try RecordedTopics(Depot.topics.map { RecordedTopic(name: $0, partitions: 2) })
    return try TransferTarget(topics, names: Self.names, in: log, prefix: "", key: "test", again: false)
  }

  private func record(_ log: any Log, _ name: String, renumber: Bool) throws -> RecordingReader {
    let source = try source(log)
    let writer = try RecordingWriter(path: folder.file(name), topics: source.topics)
    var next = Array(repeating: Int64(0), count: source.topics.places.count)
    while let (place, stored) = try source.next() {
      try writer.append(
        StoredRecord(offset: renumber ? next[place] : stored.offset, record: stored.record), place: place)
      next[place] += 1
    }
    try writer.finish()
    return try RecordingReader(path: folder.file(name))
  }

  @Test(
    "From any log to any other all comes over, in order, and its renumbered recording is the same",
    arguments: Kind.allCases, Kind.allCases)
  func copies(from: Kind, to: Kind) throws {
    let (log, other) = (try from.make(folder, "a.db"), try to.make(folder, "b.db"))
    try Depot.fill(log, 3_000)
    let target = try target(other)
    try target.prepare(TopicsSection(), earliest: 0)
    let result = try Transfer(source: try source(log), target: target, isQuiet: true).run()
    #expect(target.counts.reduce(0, +) == 3_000 && result.before == 0 && !result.isStopped)
    #expect(try Depot.contents(of: other) == Depot.contents(of: log))
    let plain = try [record(log, "a.lwr", renumber: false), record(other, "b.lwr", renumber: false)]
    #expect(plain[0].summary.content == plain[1].summary.content)
    _ = try [record(log, "c.lwr", renumber: true), record(other, "d.lwr", renumber: true)]
    #expect(FileManager.default.contentsEqual(atPath: folder.file("c.lwr"), andPath: folder.file("d.lwr")))
  }

  @Test("A copy that was broken off anywhere goes on exactly there", arguments: Kind.allCases)
  func resumed(kind: Kind) throws {
    let (log, other) = (try Kind.embedded.make(folder, "a.db"), try kind.make(folder, "b.db"))
    try Depot.fill(log, 400)
    var random = SplitMix64(seed: 3)
    var written: Int64 = 0
    while true {
      let target = try target(other)
      let source = try source(log, begun: target.begun)
      try target.prepare(TopicsSection(), earliest: 0)
      // Some records are written, some are only handed over when the copy breaks off.
      for step in 0..<random.below(150) {
        guard let (place, stored) = try source.next() else { break }
        try target.append(stored.record, offset: stored.offset, place: place)
        if step % 40 == 39 { try target.flush() }
      }
      written += target.counts.reduce(0, +)
      target.close()
      if written == 400 { break }
      if random.below(8) == 0 {
        let last = try self.target(other)
        try last.prepare(TopicsSection(), earliest: 0)
        let result = try Transfer(source: try self.source(log, begun: last.begun), target: last, isQuiet: true).run()
        #expect(result.before == 0)
        break
      }
    }
    #expect(try Depot.contents(of: other) == Depot.contents(of: log))
    // What has come since is copied by the same command.
    try Depot.fill(log, 30)
    let target = try target(other)
    try target.prepare(TopicsSection(), earliest: 0)
    _ = try Transfer(source: try source(log, begun: target.begun), target: target, isQuiet: true).run()
    #expect(target.counts.reduce(0, +) == 30)
    #expect(try Depot.contents(of: other) == Depot.contents(of: log))
  }

  @Test("What was begun with one recording goes on with another of the same content, whose offsets differ")
  func otherOffsets() throws {
    let (log, other) = (try Kind.simulated.make(folder, "a.db"), try Kind.embedded.make(folder, "b.db"))
    try Depot.fill(log, 400)
    let (holed, whole) = try (record(log, "a.lwr", renumber: false), record(log, "b.lwr", renumber: true))
    try #require(holed.summary.content == whole.summary.content)
    try #require(holed.summary.places.map(\.offsets) != whole.summary.places.map(\.offsets))
    let first = try target(other)
    try first.prepare(TopicsSection(), earliest: 0)
    let source = RecordedSource(holed)
    for _ in 0..<200 {
      let (place, stored) = try #require(try source.next())
      try first.append(stored.record, offset: stored.offset, place: place)
    }
    try first.flush()
    first.close()
    let second = try target(other)
    try second.prepare(TopicsSection(), earliest: 0)
    let result = try Transfer(source: RecordedSource(whole), target: second, isQuiet: true).run()
    #expect(result.before == 200)
    #expect(try Depot.contents(of: other) == Depot.contents(of: log))
  }

  @Test("The same copy twice at once writes nothing twice", arguments: Kind.allCases)
  func twice(kind: Kind) throws {
    let other = try kind.make(folder, "b.db")
    let (first, second) = (try target(other), try target(other))
    try first.prepare(TopicsSection(), earliest: 0)
    try second.prepare(TopicsSection(), earliest: 0)
    let record = Record(timestamp: 1, key: nil, value: [1])
    try first.append(record, offset: 0, place: 0)
    try second.append(record, offset: 0, place: 0)
    try first.flush()
    #expect(throws: LogError.self) { try second.flush() }
    #expect(try Depot.contents(of: other).map(\.count) == [0, 0, 1, 0])
  }

  @Test(
    "Who takes a copy over goes on behind all that was written before, however early he looked",
    arguments: Kind.allCases)
  func takenOver(kind: Kind) throws {
    let other = try kind.make(folder, "b.db")
    let (first, second) = (try untaken(other), try untaken(other))
    #expect(first.isNew && second.isNew)
    try first.take()
    try first.prepare(TopicsSection(), earliest: 0)
    try first.append(Record(timestamp: 1, key: nil, value: [1]), offset: 7, place: 2)
    try first.flush()
    try second.take()
    #expect(second.begun == [2: 8])
  }

  @Test("A copy whose next record retention has taken says so")
  func gone() throws {
    let log = try Kind.embedded.make(folder, "a.db")
    try Depot.fill(log, 100)
    #expect(throws: CommandError.self) { try source(log, begun: [0: 1_000]) }
    let partition = TopicPartition("old", 0)
    try log.create(TopicSpec(name: "old", partitions: 1, retention: Retention(milliseconds: 1)))
    let producer = try log.makeProducer(id: nil)
    for _ in 0..<3 { try producer.append([AppendBatch(partition, [Record(timestamp: 1, value: [1])])]) }
    try log.maintain(now: 1_000_000)
    let found = try FoundTopics(["old"], in: log, LeewayConfiguration())
    #expect(throws: CommandError.self) { try LogSource(found, try RangeOptions.parse([]), begun: [0: 1]) }
  }

  @Test("Topics that would lose the records at once keep everything where they are made")
  func retention() throws {
    let (old, new) = (try Kind.embedded.make(folder, "a.db"), try Kind.embedded.make(folder, "b.db"))
    try target(old).prepare(TopicsSection(), earliest: 0)
    try target(new).prepare(TopicsSection(), earliest: .max)
    #expect(try old.spec(of: "predictions")?.retention == .forever)
    #expect(try new.spec(of: "predictions")?.retention.milliseconds != nil)
  }
}
