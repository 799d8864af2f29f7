import EventLog
import Events
import Log
import Models
import TestSupport
import Testing

@testable import Engine

/// A run reads the rows that its record names, and no others, wherever they lie.
struct ExampleReaderTests {
  static func log() throws -> (TestLog, [TrainingRow]) {
    var configuration = BadInputTests.configuration()
    configuration.inputPartitions = 2
    let log = try TestLog(configuration)
    var random = SplitMix64(seed: 4)
    var all: [TrainingRow] = []
    for partition in 0..<2 {
      var records: [Record] = []
      for seq in 0..<200 {
        // Written when the label came, in order; predicted some time before.
        let written = Milliseconds(seq * 10)
        let example = Example(
          seq: Int64(seq), id: "\(seq)", model: seq % 5 == 0 ? "other" : "m",
          time: written - .random(in: 0...300, using: &random), labelTime: written, features: [], label: .number(1))
        all.append(TrainingRow(partition: partition, example: example))
        records.append(record(ExampleRecord.example(example), at: written))
        if seq % 7 == 0 {
          records.append(
            record(ExampleRecord.resolved(Resolved(upTo: written - 300, nextSeq: Int64(seq + 1))), at: written))
          records.append(record(ExampleRecord.expired(Expiry(id: "e\(seq)", model: "m", time: written)), at: written))
        }
        if seq % 60 == 0 {
          try log.append(.examples, partition, records)
          records = []
        }
      }
      try log.append(.examples, partition, records + [text("garbage", at: 2_000)])
    }
    return (log, all)
  }

  @Test(arguments: [nil, 0, 500, 1_200] as [Milliseconds?], [nil, 300, 1_000] as [Milliseconds?])
  func readsWhatTheRunNames(from: Milliseconds?, referenceFrom: Milliseconds?) throws {
    let (log, all) = try Self.log()
    let reader = try log.log.makeReader()
    for (before, ends) in [(1_500, [200, 200]), (1_500, [120, 3]), (700, [0, 200])] as [(Milliseconds, [Int64])] {
      let run = RunStarted(
        run: "t", model: "m", time: 0, version: 1, family: "f", seed: 1,
        rows: RowSet(
          from: from, before: before,
          partitions: ends.enumerated().map { PartitionRows(partition: $0, first: 0, end: $1) }),
        referenceFrom: referenceFrom, holdout: 0.2)
      let rows = try ExampleReader(reader: reader, names: TopicNames()).rows(of: run)
      let start = min(from ?? .max, referenceFrom ?? .max)
      let expected = all.filter { row in
        row.example.model == "m" && row.example.time < before && row.example.seq < ends[row.partition]
          && (from == nil && referenceFrom == nil || row.example.time >= start)
      }
      #expect(rows.map(\.partition) == expected.map(\.partition))
      #expect(rows.map(\.example) == expected.map(\.example))
    }
  }

  @Test func namesWhatIsResolved() throws {
    let (log, _) = try Self.log()
    let reader = ExampleReader(reader: try log.log.makeReader(), names: TopicNames())
    let rows = try #require(try reader.resolvedRows(partitions: 2))
    #expect(rows.before == 1_960 - 300 && rows.partitions.map(\.end) == [197, 197])
    #expect(try reader.firstFreeNumber(in: 0) == 200)
    let empty = try TestLog(BadInputTests.configuration())
    #expect(
      try ExampleReader(reader: try empty.log.makeReader(), names: TopicNames()).resolvedRows(partitions: 1) == nil)
  }
}
