/// A row that a serving system scored: one record of `predictions`, keyed by `id`, or by `entity` where features
/// come from their own topic.
public struct Prediction: Hashable, Sendable {
  /// Unique per model within the label horizon.
  public var id: String
  public var model: String
  /// The version that scored; `nil` for a row that no model scored.
  public var version: Int?
  public var time: Milliseconds
  public var entity: String?
  public var features: [Feature]
  public var score: Score?
  public var segments: [Segment]

  public init(
    id: String, model: String, version: Int? = nil, time: Milliseconds, entity: String? = nil, features: [Feature],
    score: Score? = nil, segments: [Segment] = []
  ) {
    self.id = id
    self.model = model
    self.version = version
    self.time = time
    self.entity = entity
    self.features = features
    self.score = score
    self.segments = segments
  }
}
