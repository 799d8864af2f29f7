/// New values of some features of an entity: one record of `features`, keyed by `entity`.
public struct FeatureUpdate: Hashable, Sendable {
  public var entity: String
  /// The values hold from this time on.
  public var time: Milliseconds
  public var features: [Feature]

  public init(entity: String, time: Milliseconds, features: [Feature]) {
    self.entity = entity
    self.time = time
    self.features = features
  }
}
