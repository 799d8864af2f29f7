public import Events
public import Log
public import Models

/// An artifact that stands in the log, found by its checksum.
public enum PublishedArtifact {
  /// Fetched whole, with the SHA-256 that was asked for, and readable.
  case verified(Model)
  /// Fetched whole, with the SHA-256 that was asked for, and not of Leeway's own making: what a trainer outside has left.
  case external([UInt8])
  /// Missing, incomplete, altered or unreadable, and why.
  case refused(String)

  /// - Parameter checksum: SHA-256 in lower-case hexadecimal.
  /// - Throws: where the log cannot be read for now; what is wrong with the artifact is an outcome.
  public static func fetch(checksum: String, from log: any Log, names: TopicNames) throws(LogError) -> Self {
    let reader = try log.makeReader()
    defer { reader.close() }
    let topic = names[.artifacts]
    let count = try log.spec(of: topic)?.partitions ?? 0
    let fetch = ArtifactFetch(reader: reader, partitions: (0..<count).map { TopicPartition(topic, $0) })
    return try fetch.artifact(checksum: checksum, bytes: nil)
  }
}
