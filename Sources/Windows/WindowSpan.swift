/// How much of a stream a window keeps. Lengths below 1 count as 1.
public enum WindowSpan: Hashable, Sendable {
  /// Event time in milliseconds: panes that start more than this before the window's end leave.
  case time(Int64)
  /// Rows: the oldest pane leaves as soon as the others hold this many.
  case rows(Int)

  /// Of time, in milliseconds.
  public init(length: Int64) { self = .time(length) }
}
