import Bytes
import Events
import Log

/// A stage's state at one commit, cut into records of `checkpoints`.
///
/// A snapshot is a cache: what it holds can be made again from the inputs. It is committed together with the outputs
/// and offsets it belongs to, so the newest one is never ahead of what has been committed.
struct Snapshot {
  static let format: UInt8 = 4
  /// Bytes of one chunk.
  static let chunkSize = 512 << 10

  /// Where each input is to be read from.
  let positions: [Topic: Int64]
  /// A record of each input that had been read.
  let marks: [Topic: ReadMark]
  /// How many outputs the stage had numbered.
  let emitted: Int64
  /// The configuration that it was made under.
  let fingerprint: String
  let state: [UInt8]

  /// Its chunks take the place of those of the snapshot before the last: the last one stays whole beside it.
  ///
  /// - Parameter number: counts the snapshots of the stage and partition; chunks of one snapshot share it.
  func records(stage: String, partition: Int, number: Int64) -> [Record] {
    let bytes = encoded()
    return Chunk.cut(bytes, size: Self.chunkSize).map { chunk in
      Record(
        timestamp: number, key: Array("\(stage)/\(partition)/\(number & 1)/\(chunk.index)".utf8)[...],
        value: chunk.bytes[...],
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
    writer.append(marks.sorted { $0.key.rawValue < $1.key.rawValue }) { writer, item in
      writer.append(item.key.rawValue)
      writer.append(signed: item.value.offset)
      writer.append(fixed: item.value.checksum)
    }
    writer.append(signed: emitted)
    writer.append(fingerprint)
    writer.append(state)
    writer.append(fixed: CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  init(
    positions: [Topic: Int64], marks: [Topic: ReadMark] = [:], emitted: Int64, fingerprint: String, state: [UInt8]
  ) {
    self.positions = positions
    self.marks = marks
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
    for _ in 0..<(try reader.count()) { positions[try Self.topic(&reader)] = try reader.signed() }
    self.positions = positions
    var marks: [Topic: ReadMark] = [:]
    for _ in 0..<(try reader.count()) {
      marks[try Self.topic(&reader)] = ReadMark(offset: try reader.signed(), checksum: try reader.fixed(UInt32.self))
    }
    self.marks = marks
    emitted = try reader.signed()
    fingerprint = try reader.string()
    state = Array(try reader.slice())
    try reader.expectEnd()
  }

  private static func topic(_ reader: inout ByteReader) throws(ByteError) -> Topic {
    let name = try reader.string()
    guard let topic = Topic(rawValue: name) else { throw reader.failure("a snapshot of an unknown topic") }
    return topic
  }
}

/// A record that was read, by which a topic is told from another of its name.
struct ReadMark: Hashable {
  let offset: Int64
  let checksum: UInt32
}

extension ReadMark {
  init(_ stored: StoredRecord) {
    var writer = ByteWriter()
    writer.append(signed: stored.record.timestamp)
    writer.append(Array(stored.record.key ?? []))
    writer.append(Array(stored.record.value ?? []))
    self.init(offset: stored.offset, checksum: CRC32C.checksum(writer.bytes))
  }
}
