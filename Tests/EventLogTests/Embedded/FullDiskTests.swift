import EventLog
import Foundation
import Log
import TestSupport
import Testing

struct FullDiskTests {
  private let partition = TopicPartition("t", 0)
  private let output = TopicPartition("out", 0)

  private func fill(_ producer: any LogProducer) throws -> (count: Int64, error: LogError?) {
    var count: Int64 = 0
    let value = String(repeating: "v", count: 3_000)
    while count < 10_000 {
      do throws(LogError) {
        try producer.append([AppendBatch(partition, (0..<5).map { Record(count + $0, value) }, sequence: count)])
        count += 5
      } catch {
        return (count, error)
      }
    }
    return (count, nil)
  }

  @Test func nothingIsLostAndItGoesOnWithRoom() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    let small = try EmbeddedLog(path: path, options: EmbeddedLogOptions(maxPages: 200))
    try small.create(TopicSpec(name: "t", partitions: 1))
    try small.create(TopicSpec(name: "out", partitions: 1))
    let producer = try small.makeProducer(id: "p")
    let (count, error) = try fill(producer)
    #expect(error?.code == .diskFull && error?.retriable == true && count > 100)
    let reader = try small.makeReader()
    #expect(try reader.all(partition).map(\.record.timestamp) == Array(0..<count))
    // A commit that does not fit leaves neither outputs nor offsets.
    let consumer = try small.join(group: "g", topics: ["t"], member: "m")
    let large = AppendBatch(output, [Record(0, String(repeating: "x", count: 900_000))])
    #expect(code { try consumer.commit(outputs: [large], offsets: [partition: 1]) } == .diskFull)
    #expect(try reader.committed(group: "g").isEmpty && reader.bounds(of: output).isEmpty)
    // The same producer goes on where there is room again.
    let roomy = try EmbeddedLog(path: path)
    let again = try roomy.makeProducer(id: "p")
    #expect(try again.nextSequence(in: partition) == count)
    #expect(try again.append([AppendBatch(partition, [Record(count, "after")], sequence: count)]) == [count])
    try consumer.commit(outputs: [], offsets: [partition: 1])
    #expect(try reader.all(partition).count == Int(count) + 1)
  }

  @Test func retentionMakesRoom() throws {
    let folder = try TemporaryFolder()
    let options = EmbeddedLogOptions(maxPages: 300)
    let log = try EmbeddedLog(path: folder.path("log.db"), options: options)
    try log.create(TopicSpec(name: "t", partitions: 1, retention: Retention(bytes: 300_000)))
    let producer = try log.makeProducer(id: "p")
    let (count, error) = try fill(producer)
    #expect(error?.code == .diskFull)
    try log.maintain(now: 0)
    #expect(try producer.append([AppendBatch(partition, [Record(0, "x")], sequence: count)]) == [count])
    let bounds = try log.makeReader().bounds(of: partition)
    #expect(bounds.lowerBound > 0 && bounds.upperBound == count + 1)
  }

  @Test func theBallastIsThere() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    let log = try EmbeddedLog(path: path)
    let attributes = try FileManager.default.attributesOfItem(atPath: path + ".ballast")
    #expect(attributes[.size] as? Int == 1 << 20)
    try FileManager.default.removeItem(atPath: path + ".ballast")
    try log.maintain(now: 0)
    #expect(FileManager.default.fileExists(atPath: path + ".ballast"))
  }

  @Test func aRecordThatIsTooLarge() throws {
    let folder = try TemporaryFolder()
    let log = try EmbeddedLog(path: folder.path("log.db"))
    try log.create(TopicSpec(name: "t", partitions: 1))
    let producer = try log.makeProducer(id: nil)
    let bytes = [UInt8](repeating: 1, count: EmbeddedLogLimits.recordBytes + 1)
    let over = Record(timestamp: 0, value: bytes[...])
    #expect(code { try producer.append([AppendBatch(partition, [Record(0, "x"), over])]) } == .tooLarge)
    let most = Record(timestamp: 0, value: bytes.dropLast())
    #expect(try producer.append([AppendBatch(partition, [most, Record(0, "x")])]) == [0])
    let reader = try log.makeReader()
    #expect(try reader.read(partition, from: 0, limit: ReadLimit(records: 1, bytes: 1)).records.map(\.record) == [most])
    #expect(try reader.all(partition, from: 1).map(\.record.text) == ["x"])
  }

  /// Much is written while nothing is checkpointed away by chance: the write-ahead log stays bounded.
  @Test func theWriteAheadLogIsBounded() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.db")
    let log = try EmbeddedLog(path: path)
    try log.create(TopicSpec(name: "t", partitions: 1))
    let producer = try log.makeProducer(id: nil)
    let batch = AppendBatch(partition, [Record(0, String(repeating: "v", count: 3_000_000))])
    var largest = 0
    for _ in 0..<20 {
      try producer.append([batch])
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
      largest = max(largest, attributes[.size] as? Int ?? 0)
    }
    #expect(largest > 0 && largest <= 20 << 20)
  }
}
