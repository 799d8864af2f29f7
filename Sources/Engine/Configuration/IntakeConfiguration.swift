public import Events

/// Times and bounds of Join and Summarize. All spans in milliseconds of event time.
public struct IntakeConfiguration: Hashable, Sendable {
  /// Length of a pane, the unit of work. At least 1.
  public var pane: Milliseconds
  /// What a record of `sketches` spans, a whole number of panes; nil where none are wanted.
  public var sketch: Milliseconds?
  /// How far behind the watermark a prediction may be and still be counted in its pane.
  public var lateness: Milliseconds
  /// A label belongs to its prediction up to this long after it; then the prediction expires.
  public var labelHorizon: Milliseconds
  /// An event whose time lies further than this beyond its record's timestamp is a dead letter.
  public var futureSlack: Milliseconds
  /// Whether features come from their own topic, joined by entity as of the prediction's time.
  public var featuresTopic: Bool
  /// How long a feature value holds.
  public var featureTimeToLive: Milliseconds
  /// Predictions, labels and ids kept per partition while they may still matter; beyond it the oldest is let go early
  /// and counted as expired.
  public var maximumOpen: Int

  public init(
    pane: Milliseconds = 10_000, sketch: Milliseconds? = 300_000, lateness: Milliseconds = 10_000,
    labelHorizon: Milliseconds = 7 * 86_400_000,
    futureSlack: Milliseconds = 60_000, featuresTopic: Bool = false,
    featureTimeToLive: Milliseconds = 30 * 86_400_000, maximumOpen: Int = 5_000_000
  ) {
    self.pane = max(pane, 1)
    let unit = self.pane
    self.sketch = sketch.map { max($0 / unit, 1) * unit }
    self.lateness = max(lateness, 0)
    self.labelHorizon = max(labelHorizon, 0)
    self.futureSlack = max(futureSlack, 0)
    self.featuresTopic = featuresTopic
    self.featureTimeToLive = max(featureTimeToLive, 1)
    self.maximumOpen = max(maximumOpen, 1)
  }

  /// Topics that events come from, in the order in which those of one time are taken: a feature's value holds from its own
  /// time on, so it stands before a prediction.
  public var topics: [Topic] { (featuresTopic ? [.features] : []) + [.predictions, .labels] }
}
