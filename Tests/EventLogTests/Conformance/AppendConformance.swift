import Bytes
import EventLog
import Log
import Testing

@Suite(.blocking) struct AppendConformance {
  private let spec = TopicSpec(name: "t", partitions: 2)
  private let zero = TopicPartition("t", 0)
  private let one = TopicPartition("t", 1)

  @Test(arguments: LogUnderTest.all) func everyShapeOfRecordComesBack(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let empty: ByteSlice = []
    let early: [Int64] = kind.has(.earlyTimes) ? [0, -1] : [KafkaLimits.earliestTimestamp]
    let times: [Int64] = early + [1_762_345_678_901, 7_258_118_400_000]
    var records: [Record] = []
    for key in [nil, empty, Array("k".utf8)[...], ([0, 255, 0] as [UInt8])[1...]] {
      for value in [nil, empty, [UInt8](repeating: 7, count: 5_000)[...]] {
        for headers in [[], [Header("a", "1"), Header("a", "2"), Header("", empty)], [Header("größe", "ß")]] {
          for time in times {
            records.append(Record(timestamp: time, key: key, value: value, headers: headers))
          }
        }
      }
    }
    let producer = try opened.log.makeProducer(id: nil)
    #expect(try producer.append([AppendBatch(zero, records)]) == [0])
    let read = try opened.log.makeReader().all(zero)
    #expect(read.map(\.record) == records)
    #expect(read.map(\.offset) == Array(0..<Int64(records.count)))
    #expect(try opened.again().makeReader().all(zero) == read)
  }

  @Test(arguments: LogUnderTest.all) func offsetsRunPerPartition(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let producer = try opened.log.makeProducer(id: "p")
    let reader = try opened.log.makeReader()
    #expect(try reader.bounds(of: zero) == 0..<0)
    let three = [Record(1, "a"), Record(2, "b"), Record(3, "c")]
    #expect(
      try producer.append([AppendBatch(zero, three), AppendBatch(one, [three[0]]), AppendBatch(zero, three)])
        == [0, 0, 3])
    let marks = kind.marks
    #expect(try producer.append([AppendBatch(one, three)]) == [1 + marks])
    #expect(try producer.append([]) == [])
    #expect(try producer.append([AppendBatch(one, [])]) == [4 + 2 * marks])
    #expect(try reader.bounds(of: zero) == 0..<6 + marks)
    #expect(try reader.bounds(of: one) == 0..<4 + 2 * marks)
    let fetch = try reader.read(zero, from: 4, limit: ReadLimit())
    #expect(fetch.records.map(\.offset) == [4, 5] && fetch.end == 6 + marks)
    #expect(fetch.next >= 6 && fetch.next <= fetch.end)
    #expect(fetch.records.map(\.record) == Array(three[1...]) && fetch.partition == zero)
    #expect(try reader.read(zero, from: 6, limit: ReadLimit()).records.isEmpty)
    let end = try reader.read(zero, from: 6 + marks, limit: ReadLimit())
    #expect(end.records.isEmpty && end.next == 6 + marks && end.end == 6 + marks)
    #expect(code { _ = try reader.read(zero, from: 7 + marks, limit: ReadLimit()) } == .offsetOutOfRange)
    #expect(code { _ = try reader.read(zero, from: -1, limit: ReadLimit()) } == .offsetOutOfRange)
  }

  @Test(arguments: LogUnderTest.all) func allOrNothing(kind: LogUnderTest) throws {
    let opened = try kind.make(spec, TopicSpec(name: "c", partitions: 1, compacted: true))
    let producer = try opened.log.makeProducer(id: nil)
    let good = AppendBatch(zero, [Record(0, "good")])
    // A compacted topic takes no record without a key.
    let keyless = [
      (AppendBatch(TopicPartition("c", 0), [Record(0, key: "k", "x"), Record(0, "x")]), LogError.Code.invalidArgument)
    ].filter { _ in kind.has(.keys) }
    for (bad, expected) in [
      (AppendBatch(TopicPartition("none", 0), [Record(0, "x")]), LogError.Code.unknownTopic),
      (AppendBatch(one, [Record(0, "x")], sequence: 5), .sequenceGap),
      (AppendBatch(one, [Record(0, "x")], sequence: -1), .invalidArgument),
    ] + keyless {
      #expect(code { try producer.append([good, bad]) } == expected)
    }
    #expect(try opened.log.makeReader().bounds(of: zero) == 0..<0)
    #expect(try producer.append([good]) == [0])
  }

  @Test(arguments: LogUnderTest.all) func readsStopAtTheirLimit(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let producer = try opened.log.makeProducer(id: nil)
    for number in 0..<50 {
      try producer.append([AppendBatch(zero, (0..<20).map { Record(Int64(number), "\(number).\($0)") })])
    }
    let reader = try opened.log.makeReader()
    let some = try reader.read(zero, from: 0, limit: ReadLimit(records: 100, bytes: 1 << 20))
    let offsets = kind.offsets(Array(repeating: 20, count: 50))
    #expect((1...200).contains(some.records.count) && some.end == 50 * (20 + kind.marks))
    #expect(try !reader.read(zero, from: 0, limit: ReadLimit(records: 1, bytes: 1)).records.isEmpty)
    for limit in [ReadLimit(records: 1, bytes: 1), ReadLimit(records: 7, bytes: 100), ReadLimit()] {
      #expect(try reader.all(zero, limit: limit).map(\.offset) == offsets)
    }
  }

  @Test(arguments: LogUnderTest.all) func aRepeatedBatchIsAcknowledgedNotAppended(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let producer = try opened.log.makeProducer(id: "p")
    let batches = (0..<5).map { AppendBatch(zero, [Record($0, "a\($0)"), Record($0, "b\($0)")], sequence: $0 * 2) }
    let step = 2 + kind.marks
    for _ in 0..<2 {
      for (index, batch) in batches.enumerated() { #expect(try producer.append([batch]) == [Int64(index) * step]) }
    }
    guard kind.has(.committedOffsets) else { return }
    // After a restart, under the same name, together with one that is new.
    let again = try opened.again().makeProducer(id: "p")
    #expect(try again.nextSequence(in: zero) == 10)
    #expect(try again.nextSequence(in: one) == 0)
    let new = AppendBatch(zero, [Record(9, "new")], sequence: 10)
    let after = 5 * step + 1 + kind.marks
    #expect(try again.append([batches[3], batches[4], new]) == [3 * step, 4 * step, 5 * step])
    #expect(try again.append([AppendBatch(zero, [Record(9, "unnumbered")])]) == [after])
    #expect(try again.nextSequence(in: zero) == 12)
    #expect(try opened.log.makeReader().bounds(of: zero) == 0..<after + 1 + kind.marks)
    // Another name has numbers of its own.
    #expect(try opened.log.makeProducer(id: "q").append([batches[0]]) == [after + 1 + kind.marks])
  }

  @Test(arguments: LogUnderTest.all, [nil, "p"]) func wrongNumbers(kind: LogUnderTest, id: String?) throws {
    let opened = try kind.make(spec)
    let producer = try opened.log.makeProducer(id: id)
    let two = [Record(0, "a"), Record(0, "b")]
    #expect(try producer.append([AppendBatch(zero, two, sequence: 0)]) == [0])
    #expect(try producer.append([AppendBatch(zero, two, sequence: 0)]) == [0])
    #expect(code { try producer.append([AppendBatch(zero, two, sequence: 3)]) } == .sequenceGap)
    #expect(code { try producer.append([AppendBatch(zero, two, sequence: 1)]) } == .sequenceGap)
    #expect(code { try producer.append([AppendBatch(zero, two.reversed(), sequence: 0)]) } == .fenced)
    #expect(try producer.append([AppendBatch(zero, two, sequence: 2)]) == [2 + kind.marks])
    #expect(try opened.log.makeReader().bounds(of: zero) == 0..<4 + 2 * kind.marks)
  }

  @Test(arguments: LogUnderTest.all) func closedHandlesSaySo(kind: LogUnderTest) throws {
    let opened = try kind.make(spec)
    let producer = try opened.log.makeProducer(id: nil)
    let reader = try opened.log.makeReader()
    for _ in 0..<2 {
      producer.close()
      reader.close()
    }
    #expect(code { try producer.append([AppendBatch(zero, [Record(0, "x")])]) } == .closed)
    #expect(code { _ = try reader.bounds(of: zero) } == .closed)
  }
}
