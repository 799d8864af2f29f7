/// A mergeable sketch of one column in one stretch of time: one record of `sketches`, keyed by model. For people, other
/// tools and new references; nothing in Leeway decides by it.
public struct SketchRecord: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// Quantiles: `kll_doubles_sketch` of Apache DataSketches.
    case kll
    /// Distinct values: `hll_sketch` of Apache DataSketches.
    case hyperloglog
    /// Levels and how often they occurred: `frequent_strings_sketch` of Apache DataSketches.
    case frequentItems = "frequent_items"
  }

  public var kind: Kind
  public var model: String
  public var version: Int
  /// The source partition.
  public var partition: Int
  public var start: Milliseconds
  public var end: Milliseconds
  public var column: String
  /// Values that the sketch has taken.
  public var rows: Int
  /// In the binary form that the kind names.
  public var sketch: [UInt8]

  public init(
    kind: Kind, model: String, version: Int, partition: Int, start: Milliseconds, end: Milliseconds, column: String,
    rows: Int, sketch: [UInt8]
  ) {
    self.kind = kind
    self.model = model
    self.version = version
    self.partition = partition
    self.start = start
    self.end = end
    self.column = column
    self.rows = rows
    self.sketch = sketch
  }
}
