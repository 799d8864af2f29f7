import Bytes

/// What a model said of a row when it served it, and what its parts said.
public struct Served: Sendable {
  public let output: Output
  /// By output.
  let trace: [Mixer.Told]?
}

/// The port of a family: what `Model` needs of it, and with `Model` every trainer, `leeway learn`, local scoring and
/// whoever exports models.
///
/// A learner is a value: a copy learns on without the original. The same rows in the same blocks give the same bytes.
/// A row with another number of values than the schema has columns is scored as if all were missing. One that cannot be
/// learned from, for its values or its target, changes nothing.
protocol Learner: Sendable {
  /// The outputs of rows, in order.
  func predict(_ rows: ArraySlice<Row>) -> [Output]

  /// The same, with what the learner wants to know of it when the label comes.
  func serve(_ rows: ArraySlice<Row>) -> [Served]

  /// Predicts each row, then learns it before the next is predicted. Appends the outputs, and returns how many rows could
  /// be learned.
  mutating func predictThenLearn(_ rows: ArraySlice<(Row, Target)>, _ outputs: inout [Output]) -> Int

  /// Learns rows whose labels came late and together, and returns how many could be learned. What weighs parts of the
  /// learner against each other takes them as they stood before the block.
  mutating func learn(block rows: ArraySlice<(Row, Target)>) -> Int

  /// The same, once it has predicted them all. Appends the outputs.
  mutating func predictThenLearn(block rows: ArraySlice<(Row, Target)>, _ outputs: inout [Output]) -> Int

  /// Learns a row whose label came late, knowing how it was served. Returns whether it could be learned.
  mutating func learn(_ row: Row, _ target: Target, served: Served) -> Bool

  /// How much a row counts for.
  var weights: ClassWeights { get set }

  /// Learns rows once more, in batches and in an order of its own, where the family does so; statistics stay as they are.
  mutating func repeatRows(_ rows: ArraySlice<(Row, Target)>)

  /// What `predict` computes.
  var formula: Formula { get }

  /// The whole state, from which a learner goes on as this one would.
  func encode(into writer: inout ByteWriter)
}
