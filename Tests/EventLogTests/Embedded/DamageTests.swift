import EventLog
import Foundation
import Log
import TestSupport
import Testing

struct DamageTests {
  private let partition = TopicPartition("t", 0)

  /// A closed log of ten batches with three records each, "batch-N" among them.
  private func make(_ folder: TemporaryFolder) throws -> String {
    let path = folder.path("log.db")
    let log = try EmbeddedLog(path: path)
    try log.create(TopicSpec(name: "t", partitions: 1))
    let producer = try log.makeProducer(id: "p")
    for number in 0..<10 { try producer.append([AppendBatch(partition, records(number))]) }
    producer.close()
    log.close()
    return path
  }

  private func records(_ batch: Int) -> [Record] {
    (0..<3).map { Record(Int64(batch), key: "key-\($0)", "batch-\(batch)") }
  }

  private func flip(_ text: String, in path: String) throws {
    let url = URL(fileURLWithPath: path)
    var data = try Data(contentsOf: url)
    let place = try #require(data.range(of: Data(text.utf8)))
    data[place.lowerBound] ^= 1
    try data.write(to: url)
  }

  @Test func aFlippedByteIsFoundAndSteppedOver() throws {
    let folder = try TemporaryFolder()
    let path = try make(folder)
    try flip("batch-4", in: path)
    let log = try EmbeddedLog(path: path)
    let reader = try log.makeReader()
    for _ in 0..<2 {
      let fetch = try reader.read(partition, from: 0, limit: ReadLimit())
      #expect(fetch.records.map(\.offset) == Array(0..<12) && fetch.next == 12)
      do {
        _ = try reader.read(partition, from: 12, limit: ReadLimit())
        Issue.record("a damaged batch was read")
      } catch {
        #expect(error.code == .damaged && error.offsets == 12..<15 && error.partition == partition)
      }
      #expect(try reader.all(partition, from: 15).map(\.record) == (5..<10).flatMap { records($0) })
      // Maintenance leaves what it cannot read where it is.
      try log.maintain(now: 0)
    }
    #expect(try log.makeProducer(id: "p").append([AppendBatch(partition, records(10))]) == [30])
  }

  @Test func aConsumerIsToldAndGoesOn() throws {
    let folder = try TemporaryFolder()
    let path = try make(folder)
    try flip("batch-0", in: path)
    try flip("batch-7", in: path)
    let consumer = try EmbeddedLog(path: path).join(group: "g", topics: ["t"], member: "m")
    _ = try consumer.start(["t"])
    var read: [Int64] = []
    var faults: [Range<Int64>] = []
    for _ in 0..<20 {
      do throws(LogError) {
        guard case .records(let fetches) = try consumer.poll(["t"], limit: ReadLimit()) else { break }
        read += fetches.flatMap(\.records).map(\.offset)
      } catch {
        let offsets = try #require(error.offsets)
        faults.append(offsets)
        try consumer.seek(#require(error.partition), to: offsets.upperBound)
      }
    }
    #expect(faults == [0..<3, 21..<24])
    #expect(read == Array(3..<21) + Array(24..<30))
  }

  /// Whatever byte of the file changes, nothing crashes, and no record is ever given out that was not appended.
  @Test func anyByteMayBeWrong() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(fileURLWithPath: make(folder)))
    var random = SplitMix64(seed: 8)
    let expected = (0..<10).flatMap { records($0) }
    var read = 0
    for round in 0..<400 {
      var data = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        data[Int.random(in: 0..<data.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if round % 10 == 0 { data.removeLast(Int.random(in: 1..<data.count, using: &random)) }
      let path = folder.path("changed-\(round)")
      try data.write(to: URL(fileURLWithPath: path))
      read += use(path, expected)
    }
    #expect(read > 5_000)
  }

  private func use(_ path: String, _ expected: [Record]) -> Int {
    var read = 0
    do throws(LogError) {
      let log = try EmbeddedLog(path: path)
      _ = try log.topics()
      let reader = try log.makeReader()
      for offset in stride(from: Int64(0), to: 30, by: 3) {
        do throws(LogError) {
          for stored in try reader.read(partition, from: offset, limit: ReadLimit(records: 3)).records {
            let place = Int(stored.offset)
            #expect(expected.indices.contains(place) && expected[place] == stored.record)
            read += 1
          }
        } catch {
          #expect(!error.message.isEmpty)
        }
      }
      _ = try? reader.offset(in: partition, atOrAfter: 5)
      _ = try? reader.committed(group: "g")
      _ = try? log.makeProducer(id: "p").append([AppendBatch(partition, records(10))])
      try log.maintain(now: 1 << 50)
    } catch {
      #expect(!error.message.isEmpty)
    }
    return read
  }

  /// A write-ahead log that ends anywhere: what was committed before the cut is there, whole batches of it.
  @Test func aWriteAheadLogCutShort() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    let log = try EmbeddedLog(path: path)
    try log.create(TopicSpec(name: "t", partitions: 1))
    let producer = try log.makeProducer(id: "p")
    for number in 0..<10 { try producer.append([AppendBatch(partition, records(number))]) }
    // Another process copies: opening the file here beside SQLite would drop this process's locks.
    let copier = try TestProcess(URL(fileURLWithPath: "/bin/cp"), [path, folder.path("taken")])
    try #require(try copier.wait() == 0)
    let database = try Data(contentsOf: URL(fileURLWithPath: folder.path("taken")))
    let wal = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
    var random = SplitMix64(seed: 9)
    var most = 0
    for round in 0..<60 {
      let copy = folder.path("cut-\(round)")
      try database.write(to: URL(fileURLWithPath: copy))
      let length = round == 0 ? wal.count : Int.random(in: 0..<wal.count, using: &random)
      try wal.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
      let reopened = try EmbeddedLog(path: copy)
      guard try !reopened.topics().isEmpty else { continue }
      let found = try reopened.makeReader().all(partition)
      #expect(found.count % 3 == 0)
      #expect(found.map(\.record) == (0..<found.count / 3).flatMap { records($0) })
      let next = try reopened.makeProducer(id: "p").append([AppendBatch(partition, records(0))])
      #expect(next == [Int64(found.count)])
      most = max(most, found.count)
    }
    #expect(most == 30)
  }

  @Test func aStaleOwnerIsFenced() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    let log = try EmbeddedLog(path: path)
    try log.create(TopicSpec(name: "t", partitions: 1))
    try log.makeProducer(id: nil).append([AppendBatch(partition, records(0))])
    let first = try log.join(group: "g", topics: ["t"], member: "first")
    // Someone removes the lock file, and with it what keeps a second worker out.
    try FileManager.default.removeItem(atPath: path + ".lock-g")
    let second = try log.join(group: "g", topics: ["t"], member: "second")
    let batch = AppendBatch(partition, records(1))
    #expect(code { try first.commit(outputs: [batch], offsets: [partition: 3]) } == .fenced)
    #expect(try log.makeReader().bounds(of: partition) == 0..<3)
    try second.commit(outputs: [batch], offsets: [partition: 3])
  }
}
