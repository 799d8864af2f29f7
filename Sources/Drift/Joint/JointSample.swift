import Sketches

/// Rows that joint statistics are fitted to, column by column.
struct JointSample: Sendable {
  enum Column: Sendable {
    /// NaN for a row without one.
    case numbers([Double])
    /// Positions in `levels`, negative for a row without one.
    case codes([Int32], levels: [String])
  }

  let columns: [Column]
  /// The rows of each stretch of time.
  let stretches: [Range<Int>]

  var rows: Int { stretches.last?.upperBound ?? 0 }
}

/// Which rows of a reference a projection is fitted to, and which are counted.
///
/// A projection looks better on the rows that it was fitted to than on any others, so counting those would make the
/// next rows look drifted. Every stretch of time gives its first part to the fit and its rest to the count, so that a
/// slow change within the reference is in both.
struct JointSplit {
  /// Rows in order of time.
  let fitted: [Int]
  let counted: [Int]
  /// The parts of `fitted` by position.
  let stretches: [Range<Int>]

  init(rows: Int) {
    var fitted: [Int] = []
    var counted: [Int] = []
    var stretches: [Range<Int>] = []
    let most = JointTuning.mostFittedRows / JointTuning.stretches
    for stretch in 0..<JointTuning.stretches {
      let first = stretch * rows / JointTuning.stretches
      let end = (stretch + 1) * rows / JointTuning.stretches
      let middle = first + min((end - first) / 2, most)
      stretches.append(fitted.count..<fitted.count + middle - first)
      fitted += first..<middle
      counted += middle..<end
    }
    self.fitted = fitted
    self.counted = counted
    self.stretches = stretches
  }
}
