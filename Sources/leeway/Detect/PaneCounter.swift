import Drift
import Sketches

/// Counts rows over a reference's bins, as the detector takes them, and over those of the first reference.
struct PaneCounter {
  private(set) var pane: PaneCounts
  private(set) var rows = 0
  private let derived: [DerivedColumn]
  private var columns: [CellCounter]

  init(reference: Reference, totals: [ColumnTotal], places: [Int]) {
    derived = reference.derived
    columns = reference.columns.indices.map {
      CellCounter(place: places[$0], binning: reference.columns[$0].binning, first: totals[$0].binning)
    }
    pane = PaneCounts(
      columns: reference.columns.map { [Int](repeating: 0, count: $0.binning.binCount + 1) },
      derived: reference.derived.map { [Int](repeating: 0, count: $0.column.binning.binCount + 1) })
  }

  mutating func clear() {
    for index in pane.columns.indices { pane.columns[index].setAll(0) }
    for index in pane.derived.indices { pane.derived[index].setAll(0) }
    rows = 0
  }

  /// - Parameters:
  ///   - number: of the row in its file, which decides between equals.
  ///   - totals: of the same columns.
  mutating func count(_ row: CSVRow, number: Int, into totals: inout [ColumnTotal]) {
    rows += 1
    for index in columns.indices { columns[index].count(row, into: &pane.columns[index], &totals[index]) }
    if rows % CellCounter.block == 0 { flush(into: &totals) }
    if derived.isEmpty { return }
    let values = columns.map { row.columnValue($0.place) }
    for (index, derived) in derived.enumerated() {
      let value = derived.derivation.value(row: values, time: Int64(number), hash: RowHash.mix(UInt64(number)))
      pane.derived[index][derived.column.binning.detectorBin(of: value)] += 1
    }
  }

  /// Counts what is still gathered; at a pane's end.
  mutating func flush(into totals: inout [ColumnTotal]) {
    for index in columns.indices { columns[index].flush(into: &pane.columns[index], &totals[index]) }
  }
}

/// Finds the bins of one column's cells.
struct CellCounter {
  /// Numbers that are gathered before they are counted, so that a bin's search is begun once for all of them.
  static let block = 1_024
  /// Texts whose bins are remembered.
  private static let mostKnown = 1 << 16

  let place: Int
  private let binning: Binning
  private let first: Binning
  private var numbers: [Double] = []
  /// By text, the bin now and that over the first reference.
  private var known: [String: (now: Int, first: Int)] = [:]

  init(place: Int, binning: Binning, first: Binning) {
    self.place = place
    self.binning = binning
    self.first = first
  }

  mutating func count(_ row: CSVRow, into pane: inout [Int], _ total: inout ColumnTotal) {
    if case .numeric = binning {
      numbers.append(row.number(place) ?? .nan)
      return
    }
    guard let text = row.text(place) else {
      pane[pane.count - 1] += 1
      total.addMissing()
      return
    }
    let bins = bins(of: text, row)
    pane[bins.now] += 1
    total.add(bin: bins.first)
  }

  private mutating func bins(of text: String, _ row: CSVRow) -> (now: Int, first: Int) {
    if let bins = known[text] { return bins }
    let value = row.columnValue(place)
    let bins = (now: binning.detectorBin(of: value), first: first.detectorBin(of: value))
    if known.count < Self.mostKnown { known[text] = bins }
    return bins
  }

  mutating func flush(into pane: inout [Int], _ total: inout ColumnTotal) {
    guard case .numeric(let binning) = binning, !numbers.isEmpty else { return }
    for number in numbers {
      pane[number.magnitude <= SketchLimits.magnitude ? binning.bin(of: number) : binning.binCount] += 1
    }
    total.add(numbers)
    numbers.removeAll(keepingCapacity: true)
  }
}

extension Binning {
  /// The bin of a value; behind the last one for what is missing or cannot be one of the column's.
  func detectorBin(of value: ColumnValue) -> Int { bin(of: value) ?? binCount }
}

extension [Int] {
  mutating func setAll(_ value: Int) {
    for index in indices { self[index] = value }
  }
}
