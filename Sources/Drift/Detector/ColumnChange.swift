/// The kind of change that a column's leading bet stands for.
public enum ColumnChange: Hashable, Sendable {
  case higher
  case lower
  case wider
  case narrower
  /// Of an atom or a category, by bin.
  case more(bin: Int)
  case less(bin: Int)
  case moreMissing
  case lessMissing
  /// Levels that the reference never held.
  case newCategory
  /// Shares of categories nearer to each other, or further apart.
  case moreEven
  case lessEven
  /// None of these, as learned from the stream itself.
  case shape

  /// One word for records and tables.
  public var word: String {
    switch self {
    case .higher: "higher"
    case .lower: "lower"
    case .wider: "wider"
    case .narrower: "narrower"
    case .more: "more"
    case .less: "less"
    case .moreMissing: "more_missing"
    case .lessMissing: "less_missing"
    case .newCategory: "new_category"
    case .moreEven: "more_even"
    case .lessEven: "less_even"
    case .shape: "shape"
    }
  }

  /// The bin that it is about.
  public var bin: Int? {
    switch self {
    case .more(let bin), .less(let bin): bin
    default: nil
    }
  }
}
