import Bytes
import Events
import Log

/// A stage's state at one commit, cut into records of `checkpoints`.
///
/// A snapshot is a cache: what it holds can be made again from the inputs. It is committed together with the outputs
/// and offsets it belongs to, so the newest one is never ahead of what has been committed.
struct Snapshot {
  static let format: UInt8 = 1
  /// Bytes of one chunk.
  static let chunkSize = 512 << 10

  /// Where each input is to be read from.
  let positions: [Topic: Int64]
  /// How many outputs the stage had numbered.
  let emitted: Int64
  /// The configuration that it was made under.
  let fingerprint: String
  let state: [UInt8]

  /// - Parameter number: of the commit; chunks of one snapshot share it.
  func records(stage: String, partition: Int, number: Int64) -> [Record] {
    let bytes = encoded()
    return Chunk.cut(bytes, size: Self.chunkSize).map { chunk in
      Record(
        timestamp: number, key: Array("\(stage)/\(partition)/\(chunk.index)".utf8)[...], value: chunk.bytes[...],
        headers: chunk.headers.map { Header($0.name, $0.value) } + [Header("snapshot", "\(number)")])
    }
  }

  private func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: state.count + 256)
    writer.append(Self.format)
    writer.append(positions.sorted { $0.key.rawValue < $1.key.rawValue }) { writer, item in
      writer.append(item.key.rawValue)
      writer.append(signed: item.value)
    }
    writer.append(signed: emitted)
    writer.append(fingerprint)
    writer.append(state)
    writer.append(fixed: CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  init(positions: [Topic: Int64], emitted: Int64, fingerprint: String, state: [UInt8]) {
    self.positions = positions
    self.emitted = emitted
    self.fingerprint = fingerprint
    self.state = state
  }

  init(decoding bytes: [UInt8]) throws(ByteError) {
    guard bytes.count > 4 else { throw ByteError("a snapshot that is cut short", at: bytes.count) }
    var tail = ByteReader(bytes[(bytes.count - 4)...])
    guard CRC32C.checksum(bytes[..<(bytes.count - 4)]) == (try tail.fixed(UInt32.self)) else {
      throw ByteError("a snapshot that fails its checksum", at: 0)
    }
    var reader = ByteReader(bytes[..<(bytes.count - 4)])
    guard try reader.byte() == Self.format else { throw reader.failure("a snapshot of an unknown format") }
    var positions: [Topic: Int64] = [:]
    for _ in 0..<(try reader.count()) {
      let name = try reader.string()
      guard let topic = Topic(rawValue: name) else { throw reader.failure("a snapshot of an unknown topic") }
      positions[topic] = try reader.signed()
    }
    self.positions = positions
    emitted = try reader.signed()
    fingerprint = try reader.string()
    state = Array(try reader.slice())
    try reader.expectEnd()
  }
}

/// Finds the newest whole snapshots in `checkpoints`.
struct SnapshotStore {
  private struct Found {
    let number: Int64
    let chunk: Chunk
  }

  /// The newest whole snapshot by partition, and the largest number that any, whole or not, has had.
  typealias Newest = (snapshots: [Int: Snapshot], number: Int64)

  /// The newest whole snapshot of every partition of a stage. One pass over the topic, which is compacted; what cannot
  /// be read is passed over, as state can be made again.
  static func newest(of stage: String, in reader: any LogReader, topic: TopicPartition) throws -> Newest {
    var found: [Int: [Int: Found]] = [:]
    var last: Int64 = 0
    var position = try reader.bounds(of: topic).lowerBound
    while true {
      let fetch = try read(topic, from: position, reader)
      for stored in fetch.records {
        guard let key = stored.record.key, let value = stored.record.value else { continue }
        let parts = String(decoding: key, as: UTF8.self).split(separator: "/")
        guard parts.count == 3, parts[0] == stage, let partition = Int(parts[1]), let index = Int(parts[2]) else {
          continue
        }
        let headers = stored.record.headers
        let number = headers.first { $0.name == "snapshot" }.flatMap {
          Int64(String(decoding: $0.value, as: UTF8.self))
        }
        last = max(last, number ?? 0)
        let chunk = try? Chunk.decode(value) { name in headers.first { $0.name == name }?.value }
        if let number, let chunk { found[partition, default: [:]][index] = Found(number: number, chunk: chunk) }
      }
      position = fetch.next
      if position >= fetch.end { break }
    }
    return (found.compactMapValues(whole), last)
  }

  /// Records from `position` on; none of a batch that is damaged, but where to read on behind it.
  private static func read(
    _ topic: TopicPartition, from position: Int64, _ reader: any LogReader
  ) throws(LogError) -> Fetch {
    do throws(LogError) {
      return try reader.read(topic, from: position, limit: ReadLimit())
    } catch {
      guard error.code == .damaged, let next = error.offsets?.upperBound, next > position else { throw error }
      return Fetch(partition: topic, records: [], next: next, end: try reader.bounds(of: topic).upperBound)
    }
  }

  private static func whole(_ chunks: [Int: Found]) -> Snapshot? {
    guard let newest = chunks.values.map(\.number).max() else { return nil }
    let current = chunks.values.filter { $0.number == newest }.map(\.chunk).sorted { $0.index < $1.index }
    guard let bytes = try? Chunk.join(current) else { return nil }
    return try? Snapshot(decoding: bytes)
  }
}
