public import Events
import Models

/// The bytes that a run holds, estimated from above: its rows as they were read, sorted and made ready to be learned, and
/// the versions that it works with. What its process takes without rows comes on top: the program, and what it reads from
/// the log at a time.
public struct RunMemory: Sendable {
  private let limit: Int64
  private let models: Int64
  private var count = 0
  private(set) var bytes: Int64

  /// - Parameters:
  ///   - limit: bytes that the run may hold.
  ///   - artifactBytes: of the model that is continued; it is held as it is, as its challenger and as bytes of either.
  ///   - otherBytes: of what else is held: the versions that it is compared with, and what the gate knows.
  public init(limit: Int64, artifactBytes: Int = 0, otherBytes: Int = 0) {
    self.limit = limit
    models = 4 * Int64(artifactBytes) + Int64(otherBytes)
    bytes = models
  }

  /// Of a run and the versions that it names, each of which is held once.
  public init(limit: Int64, of run: RunStarted, _ versions: BuiltinTraining.Versions) {
    var known = Set([run.parentArtifact].compactMap(\.self))
    // As it was read, and as it goes on in the run.
    var others = 2 * (versions.contest?.count ?? 0)
    for (name, model) in [(run.champion, versions.champion), (run.fallback, versions.fallback)] {
      guard let name, let model, known.insert(name.artifact).inserted else { continue }
      others += model.encoded().count
    }
    self.init(limit: limit, artifactBytes: versions.parent?.encoded().count ?? 0, otherBytes: others)
  }

  public mutating func add(_ row: TrainingRow) {
    count += 1
    bytes += row.bytesHeld
  }

  /// These rows and no others are held from now on.
  mutating func hold(_ rows: [TrainingRow]) {
    (count, bytes) = (0, models)
    for row in rows { add(row) }
  }

  /// - Throws: `TrainingFailure` with a sentence past the limit.
  public func check() throws(TrainingFailure) {
    guard bytes > limit else { return }
    throw TrainingFailure(
      "given up: \(count) rows and the models take about \(Self.megabytes(bytes)) MB, and the quota is "
        + "\(Self.megabytes(limit)) MB (train.quotas.memory); fewer rows are read with train.quotas.rows")
  }

  private static func megabytes(_ bytes: Int64) -> Int64 { bytes / (1 << 20) + (bytes % (1 << 20) == 0 ? 0 : 1) }
}

extension TrainingRow {
  /// Bytes before the elements of an array, and before the characters of a text that has a place of its own; and what
  /// the allocator takes for each.
  private static let header = 32 + 16
  /// Of an array that grows and its copies while rows are sorted and split.
  private static let copies = 5

  fileprivate var bytesHeld: Int64 {
    var bytes = Self.copies * MemoryLayout<TrainingRow>.stride + MemoryLayout<(Row, Target)>.stride
    // As it was read, as it is learned, and for the version's reference.
    bytes += 3 * Self.header + 2 * example.features.count * MemoryLayout<Models.Value>.stride
    // An array that has grown has room for more.
    bytes += example.features.capacity * MemoryLayout<Feature>.stride
    bytes += Self.bytes(of: example.id) + Self.bytes(of: example.model)
    for feature in example.features {
      bytes += Self.bytes(of: feature.name)
      if case .category(let level) = feature.value { bytes += Self.bytes(of: level) }
    }
    for segment in example.segments {
      bytes += MemoryLayout<Segment>.stride + Self.bytes(of: segment.name) + Self.bytes(of: segment.value)
    }
    return Int64(bytes)
  }

  /// Short texts lie where they are named.
  private static func bytes(of text: String) -> Int { text.utf8.count > 15 ? header + text.utf8.count : 0 }
}
