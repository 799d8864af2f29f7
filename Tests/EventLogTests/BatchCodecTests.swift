import Bytes
@testable import EventLog
import Log
import TestSupport
import Testing

struct BatchCodecTests {
  private func decode(_ data: [UInt8], base: Int64 = 0, last: Int64, count: Int) throws(ByteError) -> [StoredRecord] {
    var records: [StoredRecord] = []
    try BatchCodec.decode(data, offsets: base...last, count: count, from: 0, into: &records)
    return records
  }

  /// The bytes of format 1: they may never change, or old logs could no longer be read.
  @Test func golden() throws {
    let records = [
      Record(
        timestamp: 1_000, key: [1, 2], value: [3], headers: [Header("h", "v")]),
      Record(timestamp: 999, key: nil, value: nil),
      Record(timestamp: 999, key: [], value: []),
    ]
    let rows = BatchCodec.rows(records)
    try #require(rows.count == 1)
    let expected: [UInt8] = [
      1,
      0, 0xd0, 0x0f, 3, 2, 1, 1, 0x68, 1, 0x76, 1, 2, 3,
      0, 1, 0, 0, 0,
      0, 0, 1, 1, 0,
    ]
    #expect(rows[0].data == expected)
    #expect(rows[0].checksum == 0x13ef_4772_3d64_3927)
    #expect(rows[0].count == 3 && rows[0].span == 3 && rows[0].earliest == 999 && rows[0].latest == 1_000)
    let stored = try decode(expected, base: 40, last: 42, count: 3)
    #expect(stored.map(\.record) == records && stored.map(\.offset) == [40, 41, 42])
    #expect(
      UInt64(bitPattern: BatchCodec.seal(0x0102_0304, tp: 1, base: 2, last: 3, count: 4)) == 0x13b3_6902_9741_3469)
  }

  @Test func roundTripsWithHoles() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      var offset = Int64.random(in: 0...1 << 43, using: &random)
      let records = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        offset += Int64.random(in: 1...3, using: &random)
        return StoredRecord(offset: offset, record: Self.record(&random))
      }
      let rows = BatchCodec.rows(stored: records)
      try #require(rows.count == 1)
      let last = rows[0].base + rows[0].row.span - 1
      #expect(last == records.last?.offset)
      #expect(try decode(rows[0].row.data, base: rows[0].base, last: last, count: records.count) == records)
      var tail: [StoredRecord] = []
      let from = records[records.count / 2].offset
      try BatchCodec.decode(
        rows[0].row.data, offsets: rows[0].base...last, count: records.count, from: from, into: &tail)
      #expect(tail == records.filter { $0.offset >= from })
    }
  }

  @Test func extremeTimes() throws {
    let records = [.min, .max, 0, .max, .min].map { Record(timestamp: $0, value: nil) }
    let row = BatchCodec.rows(records)[0]
    #expect(try decode(row.data, last: 4, count: 5).map(\.record) == records)
    #expect(row.earliest == .min && row.latest == .max)
  }

  @Test func rowsAreBounded() {
    let small = [Record](repeating: Record(0, "x"), count: 2_500)
    #expect(BatchCodec.rows(small).map(\.count) == [1_000, 1_000, 500])
    let value = [UInt8](repeating: 1, count: 100_000)[...]
    let large = [Record](repeating: Record(timestamp: 0, value: value), count: 5)
    #expect(BatchCodec.rows(large).map(\.count) == [2, 2, 1])
    let huge = Record(timestamp: 0, value: [UInt8](repeating: 1, count: 1 << 20)[...])
    #expect(BatchCodec.rows([small[0], huge, small[0]]).map(\.count) == [1, 1, 1])
    #expect(BatchCodec.rows([]).isEmpty)
  }

  /// Changed, cut and lengthened rows, and noise: each gives an error or records within the offsets that were asked
  /// for, and an error leaves nothing behind.
  @Test func hostileBytes() throws {
    var random = SplitMix64(seed: 6)
    var (refused, taken) = (0, 0)
    for _ in 0..<30_000 {
      let count = Int.random(in: 1...6, using: &random)
      var data = BatchCodec.rows((0..<count).map { _ in Self.record(&random) })[0].data
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&data, &random) }
      var records = [StoredRecord(offset: -1, record: Record(0, "before"))]
      do throws(ByteError) {
        let told = Bool.random(using: &random) ? count : Int.random(in: -2...9, using: &random)
        try BatchCodec.decode(data, offsets: 100...105, count: told, from: 0, into: &records)
        let offsets = records.dropFirst().map(\.offset)
        #expect(offsets.count == told && offsets.allSatisfy { (100...105).contains($0) })
        #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 })
        taken += 1
      } catch {
        #expect(records.count == 1)
        refused += 1
      }
    }
    #expect(refused > 10_000 && taken > 1_000)
  }

  @Test func hostileCountsCostNothing() {
    for count in [Int.max, Int.min, 0, 1 << 40] {
      #expect(throws: ByteError.self) { try decode([1, 0, 0, 0, 0, 0], last: 0, count: count) }
    }
    let lengths: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
    #expect(throws: ByteError.self) { try decode([1, 0, 0] + lengths + [0, 0, 0, 0], last: 0, count: 1) }
    #expect(throws: ByteError.self) { try decode([1, 0, 0, 0, 0] + lengths + [0, 0], last: 0, count: 1) }
    #expect(throws: ByteError.self) { try decode([1] + lengths + [0, 0, 0, 0], last: 9, count: 1) }
    #expect(throws: ByteError.self) { try decode([], last: 0, count: 1) }
  }

  private func mutate(_ data: inout [UInt8], _ random: inout SplitMix64) {
    guard !data.isEmpty else { return data.append(UInt8.random(in: 0...255, using: &random)) }
    let place = Int.random(in: 0..<data.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: data[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: data[place] = [0, 1, 0x7f, 0x80, 0xff][Int.random(in: 0..<5, using: &random)]
    case 2: data.removeSubrange(place...)
    case 3: data.insert(UInt8.random(in: 0...255, using: &random), at: place)
    default: data.remove(at: place)
    }
  }

  private static func record(_ random: inout SplitMix64) -> Record {
    func bytes(_ most: Int) -> ByteSlice? {
      guard Int.random(in: 0..<5, using: &random) > 0 else { return nil }
      return (0..<Int.random(in: 0...most, using: &random)).map { _ in .random(in: 0...255, using: &random) }[...]
    }
    let headers = (0..<Int.random(in: 0...3, using: &random)).map { Header(["a", "bb", "größe"][$0], bytes(5) ?? []) }
    return Record(
      timestamp: Int64.random(in: -5...1_800_000_000_000, using: &random), key: bytes(9), value: bytes(60),
      headers: headers)
  }
}
