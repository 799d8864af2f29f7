import Bytes
import Events
import Log

/// How far copies into a log have come: one record a commit in a compacted topic there, written with what is copied as one,
/// so that a copy goes on exactly where it stopped, however it did.
struct TransferPositions {
  /// The topic's name without the prefix.
  static let topic = "transfers"

  let partition: TopicPartition
  /// What the copy is known by.
  let key: String

  init(prefix: String, key: String) {
    partition = TopicPartition(prefix + Self.topic, 0)
    self.key = key
  }

  /// The key in 16 digits.
  var fingerprint: String {
    let hash = Array(key.utf8).withUnsafeBytes { XXH64.hash($0) }
    return withUnsafeBytes(of: hash.bigEndian) { hexadecimal($0) }
  }

  /// Creates the topic where it is missing.
  func prepare(_ log: any Log) throws(LogError) {
    guard try log.partitions(of: partition.topic) == nil else { return }
    try log.create(TopicSpec(name: partition.topic, partitions: 1, compacted: true))
  }

  /// The offset of the source with which to go on, by target; empty where the copy has not begun.
  func read(_ log: any Log) throws -> [TopicPartition: Int64] {
    let reader = try log.makeReader()
    defer { reader.close() }
    try reader.settle(partition)
    let key = Array(key.utf8)
    var newest: ByteSlice?
    try reader.each(of: partition) { stored in
      if stored.record.key?.elementsEqual(key) == true { newest = stored.record.value }
    }
    guard let newest else { return [:] }
    do throws(EventError) {
      return try JSON.read(newest) { (json) throws(EventError) in
        let places = try json.need("next").list { (place) throws(EventError) in
          let name = try place.need("topic").text()
          return (TopicPartition(name, try place.need("partition").count()), Int64(try place.need("offset").count()))
        }
        return Dictionary(places) { $1 }
      }
    } catch {
      throw CommandError("what it remembers of this copy cannot be read, \(error)", at: partition.topic)
    }
  }

  /// - Parameter run: tells this process's records from those of another that makes the same copy.
  func batch(
    _ next: [TopicPartition: Int64], records: Int64, time: Int64, run: UInt64, sequence: Int64
  ) -> AppendBatch {
    var writer = JSONWriter()
    writer.object {
      $0.field("run", run)
      $0.field("records", records)
      $0.field("next", each: next.sorted { $0.key < $1.key }) { writer, place in
        writer.object {
          $0.field("topic", place.key.topic)
          $0.field("partition", place.key.partition)
          $0.field("offset", place.value)
        }
      }
    }
    let record = Record(timestamp: time, key: Array(key.utf8)[...], value: writer.bytes[...])
    return AppendBatch(partition, [record], sequence: sequence)
  }
}
