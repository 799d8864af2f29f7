import Bytes
import Events
import Log

/// Finds the newest whole snapshots in `checkpoints`, which holds two generations of each.
enum SnapshotStore {
  struct Found {
    /// The newest that is whole.
    let snapshot: Snapshot?
    /// The number that the next one follows, so that it does not take the place of `snapshot`.
    let number: Int64
  }

  private struct Place: Hashable {
    let partition: Int
    let generation: Int64
  }

  private struct Piece {
    let number: Int64
    let chunk: Chunk
  }

  /// Numbers beyond this no worker has reached.
  private static let highestNumber = Int64(1) << 62

  /// What there is of every partition of a stage. One pass over the topic, which is compacted; what cannot be read is
  /// passed over, as state can be made again.
  static func newest(of stage: String, in reader: any LogReader, topic: TopicPartition) throws -> [Int: Found] {
    var pieces: [Place: [Int: Piece]] = [:]
    var last: [Int: Int64] = [:]
    var position = try reader.bounds(of: topic).lowerBound
    while true {
      let fetch = try reader.readOverDamage(topic, from: position)
      for record in fetch.records.map(\.record) {
        guard let (place, index) = parse(record.key, of: stage) else { continue }
        guard let piece = Self.piece(of: record, place.generation) else {
          // Deleted or spoiled: what stood there before it belongs to an older snapshot.
          pieces[place]?[index] = nil
          continue
        }
        last[place.partition] = max(last[place.partition] ?? 0, piece.number)
        pieces[place, default: [:]][index] = piece
      }
      position = fetch.next
      if position >= fetch.end { break }
    }
    return Dictionary(uniqueKeysWithValues: last.map { ($0, found($0, pieces, last: $1)) })
  }

  private static func found(_ partition: Int, _ pieces: [Place: [Int: Piece]], last: Int64) -> Found {
    let both = [Int64(0), 1].compactMap { whole(pieces[Place(partition: partition, generation: $0)] ?? [:]) }
    guard let newest = both.max(by: { $0.number < $1.number }) else { return Found(snapshot: nil, number: last) }
    return Found(snapshot: newest.snapshot, number: (last - newest.number) & 1 == 0 ? last : last + 1)
  }

  private static func parse(_ key: ByteSlice?, of stage: String) -> (Place, Int)? {
    guard let key else { return nil }
    let parts = String(decoding: key, as: UTF8.self).split(separator: "/")
    guard parts.count == 4, parts[0] == stage, let partition = Int(parts[1]), let generation = Int64(parts[2]),
      let index = Int(parts[3])
    else { return nil }
    return (Place(partition: partition, generation: generation), index)
  }

  private static func piece(of record: Record, _ generation: Int64) -> Piece? {
    func header(_ name: String) -> ByteSlice? { record.headers.first { $0.name == name }?.value }
    guard let value = record.value, let digits = header("snapshot"),
      let number = Int64(String(decoding: digits, as: UTF8.self)), (0..<highestNumber).contains(number),
      number & 1 == generation, let chunk = try? Chunk.decode(value, header: header)
    else { return nil }
    return Piece(number: number, chunk: chunk)
  }

  /// The newest of one generation. Chunks of an older, longer one may lie behind its own.
  private static func whole(_ pieces: [Int: Piece]) -> (snapshot: Snapshot, number: Int64)? {
    guard let newest = pieces.values.map(\.number).max() else { return nil }
    let chunks = pieces.values.filter { $0.number == newest }.map(\.chunk).sorted { $0.index < $1.index }
    guard let bytes = try? Chunk.join(chunks), let snapshot = try? Snapshot(decoding: bytes) else { return nil }
    return (snapshot, newest)
  }
}
