/// A model that learns row by row and scores at any time: an encoder, experts, and a mixer.
///
/// The experts are linear, logistic or softmax regressions that a diagonal Kalman filter updates, without a learning
/// rate; the mixer weighs them by Bernstein online aggregation. A model is a value: a challenger is a copy of the
/// champion that learns on, since weights, variances and every statistic go along. The same rows in the same order and
/// blocks give the same bytes on every machine of one build. Nothing random, no clock, no thread.
///
/// Scoring and learning cost time in proportion to columns × experts (× classes).
public struct Model: Sendable {
  public let schema: Schema
  public let family: Family
  /// Rows that have been learned, by this model and by those that it continues.
  public internal(set) var rowsLearned: Int

  let labels: Labels
  var encoder: Encoder
  var experts: KalmanExperts
  var mixer: Mixer
  /// Scale of a regression's target.
  var target: Moments

  /// A model that has learned nothing.
  public init(schema: Schema, family: Family = .standard) {
    self.schema = schema
    self.family = family
    rowsLearned = 0
    labels = Labels(schema.task)
    encoder = Encoder(schema: schema, family: family)
    experts = KalmanExperts(task: schema.task, family: family)
    experts.widen(to: encoder.width)
    mixer = Mixer(task: schema.task, family: family)
    target = Moments()
  }

  /// The model's output for a row: always finite, probabilities in 0…1 and of sum 1. A model that has learned nothing
  /// says 0, one half, or the same for each class. A row that another schema made is scored as if all were missing.
  public func predict(_ row: Row) -> Output {
    var scratch = Scratch(self)
    return predict(row, &scratch)
  }

  /// The output for each row, in order. Cheaper than one at a time by what a call costs.
  public func predict(_ rows: [Row]) -> [Output] {
    var scratch = Scratch(self)
    return rows.map { predict($0, &scratch) }
  }

  private func predict(_ row: Row, _ scratch: inout Scratch) -> Output {
    score(row, &scratch)
    switch schema.task {
    case .regression: return .number(target.mean + scratch.blend.final[0] * target.deviation)
    case .binary: return .number(Elementary.sigmoid(scratch.blend.final[0]))
    case .multiclass(let classes):
      Elementary.softmax(&scratch.blend.final, start: 0, stride: 1, count: classes.count)
      return .probabilities(scratch.blend.final)
    }
  }

  /// Fills the scratch's blend.
  func score(_ row: Row, _ scratch: inout Scratch) {
    encoder.encode(fits(row) ? row : schema.row(from: []), into: &scratch.row)
    experts.score(scratch.row, into: &scratch.logits)
    mixer.blend(scratch.logits, into: &scratch.blend)
  }

  func fits(_ row: Row) -> Bool { row.values.count == schema.columns.count }
}
