import Engine
import EventLog
import Events
import LeewayClient
import Log
import Testing

@testable import leeway

/// What `leeway models audit` finds in a topic that somebody has meddled with.
@Suite("The audit trail on the command line")
struct AuditCommandTests {
  /// Versions 1 to 3 as the engine tells of them.
  static func history(_ model: String = "m") -> [ModelRecord] {
    let changes: [(Int, ModelStatus, String)] = [
      (1, .champion, "leeway"), (2, .inconclusive, "leeway"), (1, .retired, "ada"), (2, .champion, "ada"),
      (3, .rejected, "leeway"), (2, .rolledBack, "bob"), (1, .champion, "bob"),
    ]
    var records: [ModelRecord] = []
    for (version, status, who) in changes {
      records.append(
        ModelRecord(
          model: model, version: version, status: status, reason: "because", time: 1, who: who,
          previous: records.last.map { artifactChecksum($0.encoded()) }, family: "mixture", task: "binary",
          artifact: String(repeating: "ab", count: 32), configuration: "c", code: "x", seed: 1))
    }
    return records
  }

  static func stored(_ record: ModelRecord) -> Record {
    Record(timestamp: 1, key: Array(record.model.utf8)[...], value: record.encoded()[...])
  }

  static func scratch(_ records: [Record]) throws -> Scratch {
    let scratch = try Scratch()
    #expect(try Run.leeway("topics", "create", in: scratch.path).status == 0)
    let log = try EmbeddedLog(path: scratch.file("leeway.db"))
    defer { log.close() }
    try log.makeProducer(id: nil).append([AppendBatch(TopicPartition("models", 0), records)])
    return scratch
  }

  private static func verify(_ records: [ModelRecord]) throws -> Finished {
    let scratch = try scratch(records.map(stored))
    return try withExtendedLifetime(scratch) { try Run.leeway("models", "audit", "--verify", in: scratch.path) }
  }

  @Test("the trail names every change, who and why, as a table and as JSON")
  func trail() throws {
    let scratch = try Self.scratch((Self.history() + Self.history("n").prefix(1)).map(Self.stored))
    let table = try Run.leeway("models", "audit", "m", in: scratch.path)
    #expect(table.status == 0 && table.lines.count == 8)
    #expect(table.lines[4].contains("inconclusive → champion  ada"))
    let json = try Run.leeway("models", "audit", "--json", in: scratch.path)
    #expect(json.lines.count == 8 && json.lines[6].contains(#""from":"retired","status":"champion","who":"bob""#))
    #expect(try Run.leeway("models", "audit", "x", in: scratch.path).status == 1)
  }

  @Test("whole chains hold; altered, removed, moved and inserted records are named with their place")
  func meddledWith() throws {
    let whole = try Self.verify(Self.history() + Self.history("n"))
    #expect(whole.status == 0 && whole.lines.count == 2, "\(whole.output)")
    #expect(whole.lines[0] == "m: 7 records in models/0, offsets 0 to 6: the chain holds")
    var altered = Self.history()
    altered[2].who = "eve"
    var removed = Self.history()
    removed.remove(at: 2)
    var moved = Self.history()
    moved.swapAt(2, 3)
    var inserted = Self.history()
    var foreign = inserted[3]
    (foreign.version, foreign.previous, foreign.who) = (9, nil, nil)
    inserted.insert(foreign, at: 4)
    var replayed = Self.history()
    replayed.append(replayed[3])
    let cases = [
      (altered, 3, "at offset 2, was altered"), (removed, 2, "was removed"), (moved, 2, "stands before"),
      (inserted, 4, "Leeway did not write it"), (replayed, 7, "is the record at offset 3, written again"),
    ]
    for (records, offset, reason) in cases {
      let found = try Self.verify(records)
      #expect(found.status == 1 && found.errors.contains("1 record does not fit"), "\(reason): \(found.output)")
      #expect(found.lines.last?.hasPrefix("models/0 offset \(offset) (m): ") == true, "\(found.output)")
      #expect(found.output.contains(reason) && found.output.contains("the chain is broken"), "\(found.output)")
    }
  }

  @Test("records of before the chain are counted, and the present champion may be published again")
  func notFaults() throws {
    var old = Self.history()
    for index in 0..<3 { (old[index].who, old[index].previous) = (nil, nil) }
    for index in 3..<7 { old[index].previous = artifactChecksum(old[index - 1].encoded()) }
    let counted = try Self.verify(old + [old[6]])
    #expect(counted.status == 0, "\(counted.output)")
    #expect(counted.output.contains("3 of before there was a chain") && counted.output.contains("1 published again"))
  }

  @Test("what nobody has signed shows where keys are trusted, though it fits the chain; what cannot be read shows, too")
  func unsigned() throws {
    let key = SigningKey()
    var records: [Record] = []
    for (index, record) in Self.history().enumerated() {
      records.append(
        try ModelSignature.sign(Self.stored(record), topic: "models", time: Int64(index), with: key))
    }
    var foreign = Self.history()[6]
    (foreign.version, foreign.previous) = (9, artifactChecksum(foreign.encoded()))
    records += [Self.stored(foreign), Record(timestamp: 1, key: nil, value: Array("{}".utf8)[...])]
    let scratch = try Self.scratch(records)
    let trusting = ["models", "audit", "--verify", "--trusted-key", key.trusted.base64]
    let found = try Run.process(Run.leeway, trusting, in: scratch.path)
    #expect(found.status == 1 && found.lines.count == 3, "\(found.output)")
    #expect(found.lines.contains("models/0 offset 7 (m): its record is not signed"))
    #expect(found.lines.last?.hasPrefix("models/0 offset 8: cannot be read: ") == true)
    let json = try Run.process(Run.leeway, trusting + ["--json"], in: scratch.path)
    #expect(json.lines.count == 2 && json.output.contains(#""faults":[{"partition":0,"offset":7"#), "\(json.output)")
  }
}
