/// What became of a prediction: one record of `labels`, in the same partition as its prediction.
public struct Label: Hashable, Sendable {
  /// The id of the prediction.
  public var prediction: String
  public var model: String
  /// When the label became known.
  public var time: Milliseconds
  public var value: LabelValue
  public var entity: String?

  public init(prediction: String, model: String, time: Milliseconds, value: LabelValue, entity: String? = nil) {
    self.prediction = prediction
    self.model = model
    self.time = time
    self.value = value
    self.entity = entity
  }
}
