/// One record of `examples`: what Join makes of predictions and labels, in the partition of the prediction.
public enum ExampleRecord: Hashable, Sendable {
  case example(Example)
  case expired(Expiry)
  case resolved(Resolved)
}

/// A labelled row: features as logged or as of the prediction, prediction, label and both times.
public struct Example: Hashable, Sendable {
  /// Dense per partition from 0: rows are named (partition, seq).
  public var seq: Int64
  public var id: String
  public var model: String
  /// `nil` for a row that no model scored.
  public var version: Int?
  /// When the row was predicted.
  public var time: Milliseconds
  public var labelTime: Milliseconds
  public var features: [Feature]
  public var score: Score?
  public var label: LabelValue
  public var segments: [Segment]

  public init(
    seq: Int64, id: String, model: String, version: Int? = nil, time: Milliseconds, labelTime: Milliseconds,
    features: [Feature], score: Score? = nil, label: LabelValue, segments: [Segment] = []
  ) {
    self.seq = seq
    self.id = id
    self.model = model
    self.version = version
    self.time = time
    self.labelTime = labelTime
    self.features = features
    self.score = score
    self.label = label
    self.segments = segments
  }
}

/// A prediction whose label did not come within the horizon.
public struct Expiry: Hashable, Sendable {
  public var id: String
  public var model: String
  public var version: Int?
  public var time: Milliseconds

  public init(id: String, model: String, version: Int? = nil, time: Milliseconds) {
    self.id = id
    self.model = model
    self.version = version
    self.time = time
  }
}

/// Every prediction of this partition with a time before `upTo` is labelled or expired.
public struct Resolved: Hashable, Sendable {
  public var upTo: Milliseconds
  /// The number that the next example of the partition will get.
  public var nextSeq: Int64

  public init(upTo: Milliseconds, nextSeq: Int64) {
    self.upTo = upTo
    self.nextSeq = nextSeq
  }
}
