import Bytes

/// A labelled row as kernels take it: the label is the value, 0 or 1, or a class's index.
struct LabelledRow {
  let row: Row
  /// nil where the row is only to be predicted.
  let label: Double?
}

/// What a model said of a row when it served it, and what its parts said.
public struct Served: Sendable {
  public let output: Output
  let trace: Mixer.Trace?
}

/// The port of a family: what `Model` needs of it, and with `Model` every trainer, `leeway learn`, local scoring and
/// whoever exports models.
///
/// A learner is a value: a copy learns on without the original. The same rows in the same blocks give the same bytes.
/// Rows have as many values as the schema columns, and labels fit its task: `Model` sees to it.
protocol Learner: Sendable {
  /// The outputs of rows, in order.
  func predict(_ rows: ArraySlice<Row>) -> [Output]

  /// The same, with what the learner wants to know of it when the label comes.
  func serve(_ rows: ArraySlice<Row>) -> [Served]

  /// Predicts each row, then learns it before the next is predicted.
  mutating func predictThenLearn(_ rows: ArraySlice<LabelledRow>) -> [Output]

  /// Learns rows whose labels came late and together. What weighs parts of the learner against each other takes them as
  /// they stood before the block.
  mutating func learn(block rows: ArraySlice<LabelledRow>)

  /// Learns a row whose label came late, knowing how it was served.
  mutating func learn(_ row: LabelledRow, served: Served)

  /// What `predict` computes.
  var formula: Formula { get }

  /// The whole state, from which a learner goes on as this one would.
  func encode(into writer: inout ByteWriter)
}
