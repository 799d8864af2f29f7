import Events
import LeewayClient
import Log
import Models
import TestSupport
import Testing

/// What `poll()` tells; the async sequence is built on it.
struct ModelSubscriberTests {
  private let log = MemoryLog()
  private let one: [UInt8]
  private let two: [UInt8]
  private let three: [UInt8]

  init() throws {
    one = try artifact(rows: 10)
    two = try artifact(rows: 20)
    three = try artifact(rows: 30)
  }

  /// Champions and refusals as `model version` with a minus before the refused, in the order told.
  private func told(_ changes: [ModelChange]) -> [String] {
    changes.map { change in
      switch change {
      case .champion(let served): "\(served.model) \(served.version)"
      case .external(let external): "\(external.model) \(external.version): \(external.artifact)"
      case .refused(let refused): "-\(refused.model) \(refused.version)"
      case .skipped(let skipped): "skipped \(skipped.offsets)"
      case .interrupted: "interrupted"
      }
    }
  }

  @Test func startsFromThePresentChampion() throws {
    log.publish("m", 1, one)
    log.publish("m", 2, two)
    let subscriber = ModelSubscriber(log: log)
    let changes = try subscriber.poll()
    #expect(told(changes) == ["m 2"])
    #expect(changes.first?.version == 2)
    #expect(changes.first?.record?.artifact == checksum(two))
    #expect(changes.first?.scorer?.model.encoded() == two)
    #expect(try subscriber.poll().isEmpty)
    subscriber.close()
    subscriber.close()
    #expect(try subscriber.poll().isEmpty)
    #expect(log.openReaders == 0)
  }

  @Test func seesWhatIsPublishedLater() throws {
    let subscriber = ModelSubscriber(log: log)
    #expect(try subscriber.poll().isEmpty)
    for (version, bytes) in zip(1..., [one, two, three]) {
      log.publish("m", version, bytes)
      #expect(told(try subscriber.poll()) == ["m \(version)"])
    }
  }

  /// The last change of champion counts, not the newest version, and only champions serve.
  @Test func aRollbackServesTheFormerVersion() throws {
    let subscriber = ModelSubscriber(log: log)
    log.publish("m", 1, one)
    log.publish("m", 2, two)
    #expect(told(try subscriber.poll()) == ["m 2"])
    for status in ModelStatus.allCases where status != .champion {
      log.write("models", [modelRecord(record("m", 2, status, artifact: two))])
      log.write("models", [modelRecord(record("m", 3, status, artifact: three))])
      #expect(try subscriber.poll().isEmpty)
    }
    log.write("models", [modelRecord(record("m", 1, artifact: one))])
    #expect(told(try subscriber.poll()) == ["m 1"])
    #expect(told(try ModelSubscriber(log: log).poll()) == ["m 1"])
    // Naming the version in service again is no change.
    log.write("models", [modelRecord(record("m", 1, artifact: one))])
    #expect(try subscriber.poll().isEmpty)
  }

  @Test func severalModels() throws {
    log.publish("b", 1, one)
    log.publish("a", 5, two)
    log.publish("c", 2, three)
    #expect(told(try ModelSubscriber(log: log).poll()) == ["a 5", "b 1", "c 2"])
    #expect(told(try ModelSubscriber(log: log, models: ["b", "c"]).poll()) == ["b 1", "c 2"])
    #expect(try ModelSubscriber(log: log, models: ["d"]).poll().isEmpty)
  }

  @Test func partitionsAndPrefix() throws {
    let log = MemoryLog(["eu.models": 3, "eu.artifacts": 3])
    log.write("eu.artifacts", partition: 2, artifactRecords(two))
    log.write("eu.artifacts", partition: 1, artifactRecords(one))
    log.write("eu.models", partition: 2, [modelRecord(record("a", 1, artifact: one))])
    log.write("eu.models", partition: 1, [modelRecord(record("b", 1, artifact: two))])
    #expect(told(try ModelSubscriber(log: log, topicPrefix: "eu.").poll()) == ["a 1", "b 1"])
    let error = #expect(throws: ClientError.self) { try ModelSubscriber(log: log).poll() }
    #expect(error?.cause?.code == .unknownTopic)
  }

  /// However far back an artifact stands, in however many pieces, between other records.
  @Test func findsArtifactsAnywhere() throws {
    for seed in UInt64(0)..<20 {
      var random = SplitMix64(seed: seed)
      let log = MemoryLog()
      func noise() {
        for _ in 0..<Int.random(in: 0...40, using: &random) {
          log.write("artifacts", artifactRecords((0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }))
        }
      }
      let size = Int.random(in: 1...4_000, using: &random)
      for chunk in artifactRecords(one, size: size) {
        if size > 200 { noise() }
        log.write("artifacts", [chunk])
      }
      noise()
      log.write("models", [modelRecord(record("m", 1, artifact: one))])
      #expect(told(try ModelSubscriber(log: log).poll()) == ["m 1"])
    }
  }

  /// Cut twice in different ways, the first of them incomplete.
  @Test func oneCompleteCutIsEnough() throws {
    log.write("artifacts", artifactRecords(one, size: 100))
    log.write("artifacts", artifactRecords(one, size: 1_000).dropLast())
    log.write("models", [modelRecord(record("m", 1, artifact: one))])
    #expect(told(try ModelSubscriber(log: log).poll()) == ["m 1"])
  }
}

/// What a trainer outside has made is handed out as it is, checked against its SHA-256.
extension ModelSubscriberTests {
  private func publish(_ version: Int, _ bytes: [UInt8], of family: String, in log: MemoryLog, sum: String? = nil) {
    log.write("artifacts", artifactRecords(bytes, checksum: sum))
    log.write("models", [modelRecord(record("m", version, artifact: bytes, checksum: sum, family: family))])
  }

  @Test func artifactsOfOthersAreHandedOut() throws {
    let bytes = Array("trees".utf8)
    let subscriber = ModelSubscriber(log: log)
    log.publish("m", 1, one)
    publish(2, bytes, of: "lightgbm", in: log)
    let changes = try subscriber.poll()
    #expect(told(changes) == ["m 2: \(bytes)"])
    #expect(changes.first?.scorer == nil && changes.first?.version == 2)
    #expect(try subscriber.poll().isEmpty)
    publish(3, Array("altered".utf8), of: "lightgbm", in: log, sum: checksum(bytes + [0]))
    #expect(told(try subscriber.poll()) == ["-m 3"])
    log.publish("m", 4, two)
    #expect(told(try subscriber.poll()) == ["m 4"])
    // Leeway's own, damaged: whatever the record calls its family, nobody else can read it.
    publish(5, Array(three.dropLast()), of: "lightgbm", in: log)
    #expect(told(try subscriber.poll()) == ["-m 5"])
  }

  @Test func artifactsOfOthersAreFetchedByChecksum() throws {
    let bytes = Array("trees".utf8)
    publish(1, bytes, of: "lightgbm", in: log)
    guard
      case .external(bytes) = try PublishedArtifact.fetch(
        checksum: checksum(bytes), from: log, names: TopicNames())
    else { return #expect(Bool(false), "not handed out") }
  }
}

/// A version that cannot be verified is refused, and serving stays as it was.
extension ModelSubscriberTests {
  @Test func badArtifactsAreRefused() throws {
    var flipped = two
    flipped[two.count / 2] ^= 1
    let junk: [UInt8] = Array("no model".utf8)
    let whole = artifactRecords(two, size: 100)
    let cases: [(name: String, artifacts: [Record], record: ModelRecord, reason: String)] = [
      ("checksum", artifactRecords(flipped, checksum: checksum(two)), record("m", 2, artifact: two), "SHA-256"),
      ("missing", Array(whole.dropFirst()), record("m", 2, artifact: two), "chunk 0 is missing"),
      ("truncated", Array(whole.dropLast()), record("m", 2, artifact: two), "is missing"),
      ("none", [], record("m", 2, artifact: two), "no chunk"),
      ("undecodable", artifactRecords(junk), record("m", 2, artifact: junk), "cannot be used"),
      ("unnamed", whole, record("m", 2, artifact: nil), "names no artifact"),
      ("not a checksum", whole, record("m", 2, artifact: two, checksum: "XYZ"), "is not a SHA-256"),
      ("short chunk", shortened(whole), record("m", 2, artifact: two), "do not make a whole"),
      ("no headers", whole.map { strip($0) }, record("m", 2, artifact: two), "cannot be read"),
      ("wrong size", whole, resized(record("m", 2, artifact: two), 7), "bytes in all"),
      ("huge", whole, resized(record("m", 2, artifact: two), .max), "at most"),
      ("negative", whole, resized(record("m", 2, artifact: two), -1), ""),
    ]
    for (name, artifacts, bad, reason) in cases {
      let log = MemoryLog()
      log.publish("m", 1, one)
      let running = ModelSubscriber(log: log)
      #expect(told(try running.poll()) == ["m 1"])
      log.write("artifacts", artifacts)
      log.write("models", [modelRecord(bad)])
      let changes = try running.poll()
      #expect(changes.count == 1, "\(name)")
      if case .refused(let refused)? = changes.first {
        #expect(refused.reason.contains(reason), "\(name): \(refused.reason)")
        #expect(refused.version == 2)
      } else if case .skipped? = changes.first, name == "negative" {
        // A size that the record's own contract refuses.
      } else {
        Issue.record("\(name): \(changes)")
      }
      // One that starts now serves what a running one does.
      #expect(told(try ModelSubscriber(log: log).poll()).last == "m 1", "\(name)")
      log.publish("m", 3, three)
      #expect(told(try running.poll()) == ["m 3"], "\(name)")
    }
  }

  private func shortened(_ records: [Record]) -> [Record] {
    var records = records
    records[0].value = records[0].value?.dropLast()
    return records
  }

  private func strip(_ record: Record) -> Record {
    Record(timestamp: 0, key: record.key, value: record.value)
  }

  private func resized(_ record: ModelRecord, _ bytes: Int) -> ModelRecord {
    var record = record
    record.artifactBytes = bytes
    return record
  }

  /// A rolled back version is no fallback for one that starts later.
  @Test func fallsBackPastWhatWasRolledBack() throws {
    log.publish("m", 1, one)
    log.publish("m", 2, two)
    log.write("models", [modelRecord(record("m", 2, .rolledBack, artifact: two))])
    log.write("models", [modelRecord(record("m", 3, artifact: three))])
    #expect(told(try ModelSubscriber(log: log).poll()) == ["-m 3", "m 1"])
  }

  @Test func nothingToServe() throws {
    log.write("models", [modelRecord(record("m", 1, artifact: one))])
    let subscriber = ModelSubscriber(log: log)
    #expect(told(try subscriber.poll()) == ["-m 1"])
    #expect(try subscriber.poll().isEmpty)
  }

  @Test func garbageIsSkippedAndReported() throws {
    let unknown = String(decoding: record("m", 9, artifact: one).encoded(), as: UTF8.self)
      .replacing("champion", with: "emperor")
    let garbage: [ArraySlice<UInt8>?] = [
      nil, [], Array("garbage".utf8)[...], [0xff, 0xfe], Array("{}".utf8)[...], Array(unknown.utf8)[...],
      Array(String(repeating: "[", count: 10_000).utf8)[...],
    ]
    for value in garbage {
      let log = MemoryLog()
      log.publish("m", 1, one)
      let subscriber = ModelSubscriber(log: log)
      #expect(told(try subscriber.poll()) == ["m 1"])
      log.write("models", [Record(timestamp: 0, key: Array("m".utf8)[...], value: value)])
      log.publish("m", 2, two)
      #expect(told(try subscriber.poll()) == ["skipped \(1..<2)", "m 2"])
    }
    // Of another model's garbage a subscriber of one model hears nothing.
    log.write("models", [Record(timestamp: 0, key: Array("x".utf8)[...], value: [1])])
    #expect(try ModelSubscriber(log: log, models: ["m"]).poll().isEmpty)
    // Neighbours are one report.
    log.write("models", (0..<10_000).map { _ in Record(timestamp: 0, value: [1]) })
    #expect(told(try ModelSubscriber(log: log).poll()) == ["skipped \(0..<10_001)"])
  }

  @Test func damageIsSkippedAndReported() throws {
    for version in 1...20 { log.publish("m", version, version % 2 == 0 ? one : two) }
    log.damage(TopicPartition("models", 0), 3..<9)
    #expect(told(try ModelSubscriber(log: log).poll()) == ["skipped \(3..<9)", "m 20"])
    log.damage(TopicPartition("models", 0), 19..<20)
    #expect(told(try ModelSubscriber(log: log).poll()) == ["skipped \(19..<20)", "m 19"])
    log.damage(TopicPartition("artifacts", 0), 0..<10_000)
    let changes = try ModelSubscriber(log: log).poll()
    #expect(changes.allSatisfy { $0.scorer == nil })
    if case .refused(let refused)? = changes.last {
      #expect(refused.reason.contains("damaged"))
    }
  }

  /// Trouble with the log is no verdict about a version.
  @Test func troubleLosesNothing() throws {
    let subscriber = ModelSubscriber(log: log)
    log.publish("m", 1, one)
    for retriable in [true, false] {
      log.takeDown(LogError(.unavailable, "away", retriable: retriable))
      let error = #expect(throws: ClientError.self) { try subscriber.poll() }
      #expect(error?.code == .log)
      #expect(error?.retriable == retriable)
    }
    log.takeDown(nil)
    #expect(told(try subscriber.poll()) == ["m 1"])
    #expect(log.openReaders == 1)
  }
}
