import Drift
import Sketches

/// Seeded rows of standard normal columns, whatever they have to do with each other.
struct JointStream {
  enum Change: String, CaseIterable {
    case lost = "correlation .8 to 0"
    case turned = "correlation .8 to -.8"
    case weakened = "correlation .4 to 0"
    case appeared = "correlation 0 to .8"

    var before: Double {
      switch self {
      case .lost, .turned: 0.8
      case .weakened: 0.4
      case .appeared: 0
      }
    }

    var after: Double {
      switch self {
      case .lost, .weakened: 0
      case .turned: -0.8
      case .appeared: 0.8
      }
    }

    /// Events within which it should be found with a reference of 10,000 rows.
    var allowance: Int {
      switch self {
      case .lost, .turned: 128
      case .weakened, .appeared: 512
      }
    }
  }

  private var random: SplitMix64
  private let columns: Int

  init(seed: UInt64, columns: Int) {
    random = SplitMix64(seed: seed)
    self.columns = columns
  }

  /// The second column correlated with the first, or every column with the one before it.
  mutating func row(correlation: Double, everywhere: Bool = false) -> [Double] {
    var row = (0..<columns).map { _ in random.normal() }
    let rest = (1 - correlation * correlation).squareRoot()
    for column in 1..<(everywhere ? columns : 2) { row[column] = correlation * row[column - 1] + rest * row[column] }
    return row
  }
}

/// One stream under the detector, joint columns included, in panes of 16 rows.
struct JointTrial {
  /// Events from the change to the alarm; nil where there was none in 4,000.
  let delay: Int?

  private static let pane = 16

  init(_ change: JointStream.Change, columns: Int, seed: UInt64) {
    var stream = JointStream(seed: seed, columns: columns)
    let reference = Self.reference((0..<10_000).map { _ in stream.row(correlation: change.before) })
    var detector = ModelDetector(reference: reference)
    var raised: Int?
    for row in stride(from: -1_600, to: 4_000, by: Self.pane) where raised == nil {
      let correlation = row < 0 ? change.before : change.after
      let rows = (0..<Self.pane).map { _ in stream.row(correlation: correlation) }
      detector.observe(Self.counts(rows, reference), start: Int64(row))
      if detector.tick().raised { raised = row + Self.pane }
    }
    delay = raised.flatMap { $0 > 0 ? $0 : nil }
  }

  static func alarmsWithoutChange(columns: Int, rows: Int, seed: UInt64) -> Bool {
    var stream = JointStream(seed: seed &+ 1_000, columns: columns)
    let reference = Self.reference((0..<1_000).map { _ in stream.row(correlation: 0.8) })
    var detector = ModelDetector(reference: reference)
    for row in stride(from: 0, to: rows, by: pane) {
      let rows = (0..<pane).map { _ in stream.row(correlation: 0.8) }
      detector.observe(counts(rows, reference), start: Int64(row))
      if detector.tick().raised { return true }
    }
    return false
  }

  static func reference(_ rows: some Sequence<[Double]>) -> Reference {
    var builder: ReferenceBuilder?
    for row in rows {
      if builder == nil {
        builder = ReferenceBuilder(
          columns: row.indices.map { ColumnSchema(name: "c\($0)", kind: .numeric) }, joint: true)
      }
      builder?.add(row.map(ColumnValue.number))
    }
    return builder?.finish() ?? Reference(rows: 0, columns: [])
  }

  static func counts(_ rows: [[Double]], _ reference: Reference) -> PaneCounts {
    var columns = reference.columns.map { ColumnSketch(binning: $0.binning) }
    var derived = reference.derived.map { ColumnSketch(binning: $0.column.binning) }
    for row in rows {
      let values = row.map(ColumnValue.number)
      for index in columns.indices { columns[index].add(values[index]) }
      for index in derived.indices {
        derived[index].add(reference.derived[index].derivation.value(row: values, time: 0, hash: 0))
      }
    }
    return PaneCounts(columns, derived: derived)
  }
}
