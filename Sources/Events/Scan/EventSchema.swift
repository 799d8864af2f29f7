/// The columns of one model version as the scanner fills them: names in the order of a row, and how each is read.
public struct EventSchema: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case number
    /// The levels that have a code: the first is 0. A number names the level that is its shortest decimal form, 3 as
    /// well as 3.0 the level "3"; true is 1, false is 0.
    case category(levels: [String])
  }

  public struct Column: Hashable, Sendable {
    public var name: String
    public var kind: Kind

    public init(name: String, kind: Kind = .number) {
      self.name = name
      self.kind = kind
    }
  }

  public let columns: [Column]

  /// - Parameter columns: where a name stands twice, the first is filled and the others stay missing.
  public init(columns: [Column]) {
    self.columns = columns
  }

  /// Columns of numbers.
  public init(numbers names: [String]) {
    self.init(columns: names.map { Column(name: $0) })
  }
}

/// What a row's cell says where it holds no number and no level.
public enum Cell {
  /// Absent or null: NaN.
  public static let missing = Double.nan
  /// Text in a column of numbers.
  public static let invalid = Double.infinity
  /// A value of a category without a code: another level than the schema's, or a number that names none of them.
  public static let unlisted = -1.0
}

/// A prediction as `EventScanner` read it. Its numbers are in the scanner's row; its texts are places in its bytes,
/// counted from the event's first.
public struct ScannedPrediction: Sendable {
  /// What the places refer to.
  public enum Form: Sendable {
    /// A JSON text; `features` and `segments` hold their objects with their braces, empty where there is none.
    case json
    /// The binary form; `features` and `segments` are empty.
    case binary
    /// An event that took the long way: all places are empty, and everything is in the scanner's `whole`.
    case whole
  }

  public enum ScoreForm: Sendable {
    case none
    /// `number` is the score.
    case number
    /// The scanner's `otherScore` is it.
    case other
  }

  public internal(set) var form = Form.json
  public internal(set) var scoreForm = ScoreForm.none
  /// Whether some cell of the row is `Cell.unlisted`.
  public internal(set) var hasUnlisted = false
  /// The number under which the schema of the row was registered; 0 where none fits, and there is no row.
  public internal(set) var schema = 0
  /// The version that scored; 0 for a row that no model scored.
  public internal(set) var version = 0
  public internal(set) var time: Milliseconds = 0
  public internal(set) var number = 0.0
  public internal(set) var id = 0..<0
  public internal(set) var model = 0..<0
  /// Empty where there is none.
  public internal(set) var entity = 0..<0
  public internal(set) var features = 0..<0
  public internal(set) var segments = 0..<0

  /// The same with places counted from a byte `step` later.
  func moved(by step: Int) -> ScannedPrediction {
    func move(_ range: Range<Int>) -> Range<Int> { range.lowerBound - step..<range.upperBound - step }
    var moved = self
    (moved.id, moved.model) = (move(id), move(model))
    if !entity.isEmpty { moved.entity = move(entity) }
    if !features.isEmpty { moved.features = move(features) }
    if !segments.isEmpty { moved.segments = move(segments) }
    return moved
  }
}
