/// Event time cut into panes of one length, aligned to the epoch: pane k covers [k·length, (k + 1)·length).
public struct Panes: Hashable, Sendable {
  /// Milliseconds, positive.
  public let length: Int64

  /// A length below 1 ms counts as 1 ms.
  public init(length: Int64) {
    self.length = max(length, 1)
  }

  /// Start of the pane that holds `time`, in milliseconds; times before 1970 are negative. Within one length of the
  /// smallest time there is no earlier start, and the smallest time stands for it.
  public func start(of time: Int64) -> Int64 {
    let remainder = time % length
    let back = remainder < 0 ? remainder + length : remainder
    let (start, overflow) = time.subtractingReportingOverflow(back)
    return overflow ? .min : start
  }

  /// First time after the pane that starts at `start`; the largest time where that lies beyond it.
  public func end(ofPaneAt start: Int64) -> Int64 {
    let (end, overflow) = start.addingReportingOverflow(length)
    return overflow ? .max : end
  }
}
