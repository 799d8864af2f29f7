public import Sketches

/// What the detector sees of a pane: of each column the rows per bin, then the rows without a usable value, added up
/// over all partitions.
public struct PaneCounts: Hashable, Sendable {
  /// In the order of the reference's columns.
  public var columns: [[Int]]
  /// In the order of the reference's derived columns.
  public var derived: [[Int]]
  public var prediction: [Int]?

  public init(columns: [[Int]], derived: [[Int]] = [], prediction: [Int]? = nil) {
    self.columns = columns
    self.derived = derived
    self.prediction = prediction
  }

  /// Adds what another partition counted of the same pane, over the same bins.
  public mutating func add(_ other: PaneCounts) {
    for index in columns.indices { Self.add(other.columns[index], to: &columns[index]) }
    for index in derived.indices { Self.add(other.derived[index], to: &derived[index]) }
    guard let counts = other.prediction else { return }
    var sum = prediction ?? [Int](repeating: 0, count: counts.count)
    Self.add(counts, to: &sum)
    prediction = sum
  }

  private static func add(_ counts: [Int], to sum: inout [Int]) {
    precondition(counts.count == sum.count, "counts over different bins cannot be added")
    for bin in sum.indices { sum[bin] += counts[bin] }
  }

  /// Of a pane's merged sketches over the reference's bins.
  public init(_ columns: [ColumnSketch], derived: [ColumnSketch] = [], prediction: ColumnSketch? = nil) {
    self.init(
      columns: columns.map(\.detectorCounts), derived: derived.map(\.detectorCounts),
      prediction: prediction?.detectorCounts)
  }

  /// Whether these are counts over the reference's bins, as `ModelDetector.observe` demands: look where counts came
  /// from outside.
  public func fits(_ reference: Reference) -> Bool {
    func fit(_ counts: [Int], _ column: ColumnReference) -> Bool {
      counts.count == column.binning.binCount + 1 && counts.allSatisfy { (0...SketchLimits.count).contains($0) }
    }
    return columns.count == reference.columns.count && zip(columns, reference.columns).allSatisfy(fit)
      && derived.count == reference.derived.count
      && zip(derived, reference.derived).allSatisfy { fit($0, $1.column) }
      && prediction.map { counts in reference.prediction.map { fit(counts, $0) } ?? false } ?? true
  }
}

extension ColumnSketch {
  /// Rows per bin, then those that are missing or invalid.
  public var detectorCounts: [Int] { bins + [missing + invalid] }
}
