import Bytes
import Events
import Log

/// The chunks of one artifact that were found so far.
struct ArtifactPieces {
  private let checksum: String
  private let prefix: [UInt8]
  private let total: Int?
  /// By the number of chunks that the artifact was cut into: it may have been cut more than once, in different ways.
  private var cuts: [Int: [Int: (offset: Int64, chunk: Chunk)]] = [:]
  private var complaint: String?

  init(checksum: String, total: Int?) {
    self.checksum = checksum
    self.total = total
    prefix = Array((checksum + "/").utf8)
  }

  mutating func add(_ stored: StoredRecord) {
    guard let key = stored.record.key, key.starts(with: prefix), let value = stored.record.value else { return }
    do throws(EventError) {
      let chunk = try Chunk.decode(value) { name in stored.record.headers.first { $0.name == name }?.value }
      guard chunk.total == total ?? chunk.total, chunk.total <= ArtifactFetch.largestArtifact else {
        return note("a chunk speaks of \(chunk.total) bytes in all")
      }
      guard key.elementsEqual(Chunk.artifactKey(checksum: checksum, index: chunk.index).utf8) else {
        return note("a chunk's key and its headers disagree")
      }
      if let known = cuts[chunk.count]?[chunk.index], known.offset > stored.offset { return }
      cuts[chunk.count, default: [:]][chunk.index] = (stored.offset, chunk)
    } catch {
      note("a chunk cannot be read: \(error)")
    }
  }

  mutating func note(_ trouble: String) {
    if complaint == nil { complaint = trouble }
  }

  /// Whether all chunks of one cut are there.
  var isComplete: Bool {
    cuts.contains { count, chunks in chunks.count == count }
  }

  /// The chunks of the complete cut, in order; of several, the one of fewest chunks.
  var completeCut: [Chunk]? {
    cuts.filter { count, chunks in chunks.count == count }.min { $0.key < $1.key }
      .map { _, chunks in chunks.sorted { $0.key < $1.key }.map(\.value.chunk) }
  }

  /// Why there is no complete cut.
  var shortcoming: String {
    let found = cuts.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    let count =
      found.map { count, chunks in
        let missing = (0..<count).first { chunks[$0] == nil } ?? 0
        return "\(chunks.count) of \(count) chunks of its artifact are in the log, chunk \(missing) is missing"
      } ?? "no chunk of its artifact, \(checksum), is in the log"
    return complaint.map { "\(count); \($0)" } ?? count
  }
}
