import Events

/// Columns and bins that are easy to count by hand.
enum References {
  static let edges = [-1.0, 0, 0.5, 2]
  static let levels = ["red", "green"]

  static func record(rows: Int = 400) -> ReferenceRecord {
    ReferenceRecord(
      rows: rows, provisional: false,
      columns: [
        ColumnReferenceRecord(
          name: "x", edges: edges, counts: split(rows, 5), missing: 0,
          moments: MomentsRecord(count: rows, mean: 0, m2: Double(rows), min: -3, max: 3)),
        ColumnReferenceRecord(
          name: "c", levels: levels, otherLevels: ["rare"], counts: split(rows, 3) + [0], missing: 0),
      ],
      prediction: ColumnReferenceRecord(
        name: "(prediction)", edges: [0.25, 0.5, 0.75], counts: split(rows, 4), missing: 0,
        moments: MomentsRecord(count: rows, mean: 0.5, m2: 1, min: 0, max: 1)),
      loss: MomentsRecord(count: 100, mean: 0.3, m2: 4, min: 0, max: 2),
      error: MomentsRecord(count: 100, mean: 0.1, m2: 9, min: 0, max: 1))
  }

  static func facts(published: Milliseconds = 0) -> VersionFacts {
    VersionFacts(published: published, task: "binary", reference: record())
  }

  /// `rows` spread over `bins` as evenly as they go.
  static func split(_ rows: Int, _ bins: Int) -> [Int] {
    (0..<bins).map { rows / bins + ($0 < rows % bins ? 1 : 0) }
  }
}
