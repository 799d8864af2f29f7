import Bytes
import Crypto
import Events
import Log
import Models

/// Finds an artifact's chunks in the log and makes a verified model of them.
///
/// Chunks stand shortly before the record that names them, so the search runs from the end of `artifacts` backwards,
/// in growing steps, and reads each record at most once.
struct ArtifactFetch {
  /// Larger artifacts are refused.
  static let largestArtifact = 1 << 30
  private static let firstStep: Int64 = 16
  /// What every artifact begins with that Leeway's own families leave, of whatever format.
  private static let ownBeginning = Array("LWMODEL".utf8)

  private let reader: any LogReader
  private let partitions: [TopicPartition]

  init(reader: any LogReader, partitions: [TopicPartition]) {
    self.reader = reader
    self.partitions = partitions
  }

  /// - Throws: where the log cannot be read for now; what is wrong with the artifact is an outcome.
  func artifact(of record: ModelRecord) throws(LogError) -> PublishedArtifact {
    guard let checksum = record.artifact else { return .refused("its record names no artifact") }
    let artifact = try artifact(checksum: checksum, bytes: record.artifactBytes)
    // Bytes of somebody else's are nothing that a learner of Leeway's has left.
    if case .external(let bytes) = artifact, Family(named: record.family) != nil { return Self.decoded(bytes) }
    return artifact
  }

  func artifact(checksum: String, bytes: Int?) throws(LogError) -> PublishedArtifact {
    guard checksum.utf8.count == 64, checksum.utf8.allSatisfy(Self.isHexDigit) else {
      return .refused("\"\(checksum.prefix(80))\" is not a SHA-256 in lower-case hexadecimal")
    }
    if let bytes, !(0...Self.largestArtifact).contains(bytes) {
      return .refused("an artifact of \(bytes) bytes; at most \(Self.largestArtifact) are fetched")
    }
    var pieces = ArtifactPieces(checksum: checksum, total: bytes)
    for partition in partitions where !pieces.isComplete { try search(partition, &pieces) }
    guard let chunks = pieces.completeCut else { return .refused(pieces.shortcoming) }
    do throws(EventError) {
      return verify(try Chunk.join(chunks), checksum)
    } catch {
      return .refused("the chunks of its artifact do not make a whole: \(error)")
    }
  }

  private func verify(_ bytes: [UInt8], _ checksum: String) -> PublishedArtifact {
    let actual = Self.checksum(bytes)
    guard actual == checksum else {
      return .refused("its artifact should have the SHA-256 \(checksum), but \(bytes.count) bytes with \(actual) came")
    }
    return bytes.starts(with: Self.ownBeginning) ? Self.decoded(bytes) : .external(bytes)
  }

  private static func decoded(_ bytes: [UInt8]) -> PublishedArtifact {
    do throws(ModelError) {
      return .verified(try Model(decoding: bytes[...]))
    } catch {
      return .refused("its artifact cannot be used: \(error.message)")
    }
  }

  private func search(_ partition: TopicPartition, _ pieces: inout ArtifactPieces) throws(LogError) {
    let bounds = try reader.bounds(of: partition)
    var upper = bounds.upperBound
    var step = Self.firstStep
    while upper > bounds.lowerBound, !pieces.isComplete {
      let lower = max(bounds.lowerBound, upper - step)
      try collect(partition, lower..<upper, &pieces)
      upper = lower
      step *= 4
    }
  }

  private func collect(
    _ partition: TopicPartition, _ offsets: Range<Int64>, _ pieces: inout ArtifactPieces
  ) throws(LogError) {
    var position = offsets.lowerBound
    while position < offsets.upperBound {
      do throws(LogError) {
        let fetch = try reader.read(partition, from: position, limit: ReadLimit())
        for stored in fetch.records where offsets.contains(stored.offset) { pieces.add(stored) }
        guard fetch.next > position else { return }
        position = fetch.next
      } catch {
        position = try resume(after: error, partition, at: position, &pieces)
      }
    }
  }

  /// Where to read on behind a damaged place, or behind one that retention took meanwhile.
  private func resume(
    after error: LogError, _ partition: TopicPartition, at position: Int64, _ pieces: inout ArtifactPieces
  ) throws(LogError) -> Int64 {
    switch error.code {
    case .damaged:
      guard let offsets = error.offsets, offsets.upperBound > position else { throw error }
      pieces.note(error.message)
      return offsets.upperBound
    case .offsetOutOfRange:
      let lower = try reader.bounds(of: partition).lowerBound
      guard lower > position else { throw error }
      return lower
    default: throw error
    }
  }

  static func checksum(_ bytes: [UInt8]) -> String {
    hexadecimal(SHA256.hash(data: bytes))
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
