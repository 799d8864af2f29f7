/// A model that learns row by row and scores at any time.
///
/// A model is a value: a challenger is a copy of the champion that learns on, since weights, the optimiser's state and
/// every statistic go along. The same seed and the same rows in the same order and blocks give the same bytes, on every
/// machine of one build: no clock, no thread, no random number but the seed's. Of the family `mlp`, which learns by
/// OpenBLAS, that holds on one machine; the same artifact says the same on all.
///
/// Scoring costs time in proportion to columns (× classes), learning too; a network's learning costs in proportion to its
/// inputs, of which a column of names has up to 66.
public struct Model: Sendable {
  public let schema: Schema
  public let family: Family
  public let seed: UInt64
  /// Rows that have been learned, by this model and by those that it continues.
  public internal(set) var rowsLearned: Int

  var learner: any Learner

  /// How much a row counts in learning, by its class. Taking others changes what is learned from then on.
  public var classWeights: ClassWeights {
    get { learner.weights }
    set { learner.weights = newValue }
  }

  /// Weighs classes by this rule from now on; what has been counted for it already goes on counting.
  ///
  /// Throws an error of code `schema` where the task has no classes, or not these.
  public mutating func weigh(_ rule: ClassWeights.Rule) throws(ModelError) {
    if !classWeights.follows(rule, task: schema.task) { classWeights = try ClassWeights(rule, task: schema.task) }
  }

  /// A model that has learned nothing.
  public init(schema: Schema, family: Family = .standard, seed: UInt64 = 1) {
    self.schema = schema
    self.family = family
    self.seed = seed
    rowsLearned = 0
    learner = family.makeLearner(schema: schema, seed: seed)
  }

  /// The model's output for a row: always finite, probabilities in 0…1 and of sum 1. A model that has learned nothing
  /// says 0, one half, or the same for each class. A row with another number of values than the
  /// schema has columns is scored as if all were missing.
  public func predict(_ row: Row) -> Output {
    predict([row])[0]
  }

  /// The output for each row, in order. Cheaper than one at a time by what a call costs.
  public func predict(_ rows: [Row]) -> [Output] {
    learner.predict(rows[...])
  }

  /// The output for each row, in order, with what the model wants to know of it when the row's label comes.
  public func serve(_ rows: [Row]) -> [Served] {
    learner.serve(rows[...])
  }
}
