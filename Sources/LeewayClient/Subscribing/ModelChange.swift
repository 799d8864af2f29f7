public import Events
public import Log

/// What a `ModelSubscriber` saw.
public enum ModelChange: Sendable {
  /// This version serves its model from now on.
  case champion(ServedModel)
  /// This version serves its model from now on; the program that made it has to load it.
  case external(ExternalModel)
  /// This version should serve, but must not: serving stays with the former.
  case refused(RefusedModel)
  /// A record of `models` that could not be read, or changes no champion and was not believed; what it said, if
  /// anything, is lost.
  case skipped(SkippedRecord)
  /// The log cannot be read for now. Serving stays as it is, the subscriber tries again. Told once per interruption.
  case interrupted(ClientError)

  /// The model that the change is about, where it is about one.
  public var model: String? {
    switch self {
    case .champion(let served): served.record.model
    case .external(let external): external.record.model
    case .refused(let refused): refused.record.model
    case .skipped, .interrupted: nil
    }
  }

  public var version: Int? { record?.version }

  /// The record of `models` that named the version.
  public var record: ModelRecord? {
    switch self {
    case .champion(let served): served.record
    case .external(let external): external.record
    case .refused(let refused): refused.record
    case .skipped, .interrupted: nil
    }
  }

  /// Set where there is a new version to serve that Leeway can score with.
  public var scorer: LocalScorer? {
    if case .champion(let served) = self { served.scorer } else { nil }
  }
}

/// A version whose artifact was fetched, has the checksum that its record states, and could be read.
public struct ServedModel: Sendable {
  public let record: ModelRecord
  public let scorer: LocalScorer

  public var model: String { record.model }
  public var version: Int { record.version }
}

/// A version that a trainer outside Leeway has made. Its artifact was fetched and has the checksum that its record states;
/// what the bytes mean its trainer knows alone.
public struct ExternalModel: Sendable {
  public let record: ModelRecord
  public let artifact: [UInt8]

  public var model: String { record.model }
  public var version: Int { record.version }
}

/// A version that cannot be served.
public struct RefusedModel: Sendable {
  /// Where its signature was refused, nothing of it is to be believed.
  public let record: ModelRecord
  /// What was wrong with its artifact or its signature.
  public let reason: String

  init(_ record: ModelRecord, because reason: String) {
    self.record = record
    self.reason = "\(record.model) version \(record.version): \(reason)"
  }

  public var model: String { record.model }
  public var version: Int { record.version }
}

/// A record that cannot be read, or several that follow each other and lie in one damaged place.
public struct SkippedRecord: Hashable, Sendable {
  public let partition: TopicPartition
  public let offsets: Range<Int64>
  public let reason: String
}
