import Drift
import Foundation
import Sketches

/// Walks along a file: the first rows are the reference, the rest is held against it pane by pane, and the rows behind an
/// alarm are the next reference.
struct DetectWalk {
  private var reader: CSVReader
  private let selection: ColumnSelection
  private let places: [(name: String, index: Int)]
  private let referenceRows: Int
  private let pane: Int
  private let joint: Bool
  private let configuration: DetectorConfiguration
  private var row = CSVRow()
  private var result = DetectResult()
  /// Every row behind the first reference, over its bins.
  private var rest: [ColumnSketch] = []
  /// Of each column, the smallest of the probabilities that its evidence is chance.
  private var chances: [Double]
  private var changed: Set<String> = []

  init(
    path: String, selection: ColumnSelection, referenceRows: Int, pane: Int, joint: Bool,
    configuration: DetectorConfiguration
  ) throws(CommandError) {
    reader = try CSVReader(path: path, badRows: .count)
    self.selection = selection
    places = try selection.columns(of: reader)
    chances = places.map { _ in 1 }
    self.referenceRows = referenceRows
    self.pane = pane
    self.joint = joint
    self.configuration = configuration
    result.title = "\(path): \(Figures.grouped(referenceRows)) rows as the reference, panes of \(pane)"
    result.isWalk = true
  }

  mutating func run() throws(CommandError) -> DetectResult {
    guard let first = try nextReference() else {
      throw CommandError(
        "\(Figures.grouped(result.rows)) rows, fewer than --reference-rows \(referenceRows)", at: reader.name,
        remedy: "take a shorter reference")
    }
    rest = first.columns.map { ColumnSketch(binning: $0.binning) }
    var reference: Reference? = first
    while let present = reference, try follow(present) { reference = try nextReference() }
    reader.complainOfBadRows()
    conclude(first)
    return result
  }

  /// The next `referenceRows` rows as a reference; nil where fewer are left.
  private mutating func nextReference() throws(CommandError) -> Reference? {
    var columns = places.map { selection.column($0.name) }
    for read in 0..<referenceRows {
      guard try reader.next(&row) else {
        count(columns, rows: read)
        return nil
      }
      result.rows += 1
      for (column, place) in places.enumerated() { columns[column].append(row, place.index) }
    }
    count(columns, rows: referenceRows)
    return Reference(columns, joint: joint)
  }

  /// Rows that became a later reference are part of the rest too.
  private mutating func count(_ columns: [FileColumn], rows: Int) {
    guard !rest.isEmpty else { return }
    for (column, values) in columns.enumerated() {
      for row in 0..<rows { rest[column].add(values[row]) }
    }
  }

  /// - Returns: false at the end of the file, true behind an alarm.
  private mutating func follow(_ reference: Reference) throws(CommandError) -> Bool {
    var detector = ModelDetector(reference: reference, configuration: configuration)
    for name in detector.thinColumns {
      Terminal.complain(
        "column \(name): the reference is worth fewer than 50 independent rows; it may raise more alarms than promised")
    }
    var counter = RowCounter(reference: reference, places: places.map(\.index))
    let began = result.rows
    var panes = 0
    while true {
      let isRow = try reader.next(&row)
      if isRow {
        result.rows += 1
        counter.count(row, number: result.rows, into: &rest)
      }
      guard counter.rows == pane || (!isRow && counter.rows > 0) else {
        if isRow { continue } else { break }
      }
      detector.observe(counter.pane, start: Int64(result.rows - counter.rows))
      counter.clear()
      panes += 1
      let strength = detector.statistic / configuration.threshold
      result.scores.append(DetectPage.Score(row: result.rows, evidence: strength))
      if strength >= 1 {
        raise(detector.tick(), strength, rowsSince: result.rows - began)
        return true
      }
      if panes % 256 == 0 { note(detector.reading(), rows: result.rows - began) }
      if !isRow { break }
    }
    note(detector.reading(), rows: result.rows - began)
    return false
  }

  private mutating func raise(_ reading: DetectorReading, _ strength: Double, rowsSince: Int) {
    note(reading, rows: rowsSince)
    let leading = reading.columns.filter { $0.share >= 0.1 }
    changed.formUnion(leading.map(\.column))
    var alarm = DetectResult.Alarm(
      row: result.rows, columns: leading.map(\.column), detector: "shiryaev_roberts", evidence: strength)
    if let first = leading.first {
      alarm.change = [first.change.word, first.bin].compactMap { $0 }.joined(separator: " ")
      alarm.onset = Int(first.onset)
    }
    result.alarms.append(alarm)
  }

  /// A stream of n rows without change carries a column's statistic to b with probability at most n/b; all columns
  /// share the probability.
  private mutating func note(_ reading: DetectorReading, rows: Int) {
    for evidence in reading.columns {
      guard case .column(let column) = evidence.role else { continue }
      chances[column] = min(chances[column], Double(rows) / (configuration.threshold * exp(evidence.evidence)))
    }
  }

  private mutating func conclude(_ reference: Reference) {
    let comparisons = zip(reference.columns, rest).map { ColumnComparison(reference: $0, current: $1) }
    let drifts = DriftTest.drifts(of: comparisons, configuration: DetectComparison.sizes)
    for (index, drift) in drifts.enumerated() {
      let isChanged = changed.contains(drift.column)
      result.add(
        drift, changed: isChanged ? .yes : .no, pValue: min(chances[index], 1), shares: comparisons[index].shares)
    }
  }
}

/// Counts rows over a reference's bins, as the detector takes them.
private struct RowCounter {
  private(set) var pane: PaneCounts
  private(set) var rows = 0
  private let reference: Reference
  private let places: [Int]
  private let empty: PaneCounts

  init(reference: Reference, places: [Int]) {
    self.reference = reference
    self.places = places
    empty = PaneCounts(
      columns: reference.columns.map { [Int](repeating: 0, count: $0.binning.binCount + 1) },
      derived: reference.derived.map { [Int](repeating: 0, count: $0.column.binning.binCount + 1) })
    pane = empty
  }

  mutating func clear() {
    pane = empty
    rows = 0
  }

  /// - Parameter total: sketches of the same columns, perhaps over other bins, which count the row too.
  mutating func count(_ row: CSVRow, number: Int, into total: inout [ColumnSketch]) {
    rows += 1
    var values: [ColumnValue] = []
    for (column, place) in places.enumerated() {
      let value = row.columnValue(place)
      total[column].add(value)
      pane.columns[column][reference.columns[column].binning.detectorBin(of: value)] += 1
      if !reference.derived.isEmpty { values.append(value) }
    }
    for (index, derived) in reference.derived.enumerated() {
      let value = derived.derivation.value(row: values, time: Int64(number), hash: RowHash.mix(UInt64(number)))
      pane.derived[index][derived.column.binning.detectorBin(of: value)] += 1
    }
  }
}

extension Binning {
  /// The bin of a value; behind the last one for what is missing or cannot be one of the column's.
  fileprivate func detectorBin(of value: ColumnValue) -> Int {
    switch (self, value) {
    case (.numeric(let binning), .number(let number)) where number.magnitude <= SketchLimits.magnitude:
      binning.bin(of: number)
    case (.categories(let binning), .category(let level)): binning.bin(of: level)
    case (.categories(let binning), .number(let number)) where number.magnitude <= SketchLimits.magnitude:
      binning.bin(of: ColumnValue.level(of: number))
    default: binCount
    }
  }
}
