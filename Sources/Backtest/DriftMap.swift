import Events

/// How far columns were from their references along the rows: of each the strongest statistic as a multiple of its bound,
/// which is its threshold, or what chance alone reaches where that is more. In a bounded number of equal stretches: memory
/// depends on the number of columns alone.
public struct DriftMap: Sendable {
  /// What a column was like in a stretch of rows.
  public struct Cell: Hashable, Sendable {
    /// The largest value of a statistic over its bound, with what sketches leave open counted against drift.
    public var ratio: Double
    /// Whether a statistic was past its bound, on rows enough.
    public var drifted: Bool
  }

  /// The reading of a column that was furthest past its bound.
  public struct Peak: Hashable, Sendable {
    public let row: Int
    public let statistic: String
    public let value: Double
    public let bound: Double
    public let ratio: Double
  }

  public struct Column: Sendable {
    public let name: String
    /// One for each stretch of rows; nil where nothing is known.
    public let cells: [Cell?]
    public let peak: Peak
    public let readings: Int
    /// Readings that were past a bound, on rows enough.
    public let drifted: Int
  }

  private struct Track {
    var cells: [Cell?] = []
    var peak: Peak
    var readings = 0
    var drifted = 0
  }

  static let mostCells = 256
  private static let mostRatio = 1e6

  /// The rows of the first and of the newest reading; nil before the first.
  public private(set) var rows: ClosedRange<Int>?
  /// Rows of a stretch.
  public private(set) var length = 1
  private var readings = 0
  private var tracks: [String: Track] = [:]

  public init() {}

  public var isEmpty: Bool { tracks.isEmpty }

  /// - Parameter row: the row that was served last. Rows do not go back.
  mutating func add(_ record: DriftRecord, row: Int) {
    let first = rows?.lowerBound ?? row
    rows = first...max(row, rows?.upperBound ?? row)
    readings += 1
    while (row - first) / length >= Self.mostCells { double() }
    let place = max(row - first, 0) / length
    for (column, findings) in Dictionary(grouping: record.findings, by: \.column) {
      let peaks = findings.compactMap { Self.peak($0, row) }
      guard let peak = peaks.max(by: { ($0.ratio, $1.statistic) < ($1.ratio, $0.statistic) }) else { continue }
      enter(peak, drifted: findings.contains { $0.verdict == "drift" }, of: column, at: place)
    }
  }

  private static func peak(_ finding: Finding, _ row: Int) -> Peak? {
    let bound = max(finding.threshold, finding.critical)
    guard bound > 0, bound.isFinite, !finding.value.isNaN, !finding.low.isNaN else { return nil }
    return Peak(
      row: row, statistic: finding.statistic, value: finding.value, bound: bound,
      ratio: min(max(finding.low / bound, 0), mostRatio))
  }

  private mutating func enter(_ peak: Peak, drifted: Bool, of column: String, at place: Int) {
    var track = tracks.removeValue(forKey: column) ?? Track(peak: peak)
    if place >= track.cells.count { track.cells += Array(repeating: nil, count: place + 1 - track.cells.count) }
    track.cells[place] = Self.merged(track.cells[place], Cell(ratio: peak.ratio, drifted: drifted))
    if peak.ratio > track.peak.ratio { track.peak = peak }
    track.readings += 1
    if drifted { track.drifted += 1 }
    tracks[column] = track
  }

  private static func merged(_ one: Cell?, _ other: Cell?) -> Cell? {
    guard let one, let other else { return one ?? other }
    return Cell(ratio: max(one.ratio, other.ratio), drifted: one.drifted || other.drifted)
  }

  private mutating func double() {
    length *= 2
    tracks = tracks.mapValues { track in
      var track = track
      track.cells = stride(from: 0, to: track.cells.count, by: 2).map { index in
        Self.merged(track.cells[index], index + 1 < track.cells.count ? track.cells[index + 1] : nil)
      }
      return track
    }
  }

  /// The columns that drifted most often first, then by their peaks.
  ///
  /// A reading holds until the next one, but no longer than twice as long as readings are apart on average.
  public var columns: [Column] {
    guard let rows else { return [] }
    let count = (rows.upperBound - rows.lowerBound) / length + 1
    let apart = Double(count) / Double(max(readings, 1))
    let hold = Int((2 * apart).rounded(.up))
    let columns = tracks.map { name, track in
      Column(
        name: name, cells: Self.held(track.cells, count: count, hold), peak: track.peak, readings: track.readings,
        drifted: track.drifted)
    }
    return columns.sorted { ($1.drifted, $1.peak.ratio, $0.name) < ($0.drifted, $0.peak.ratio, $1.name) }
  }

  private static func held(_ cells: [Cell?], count: Int, _ hold: Int) -> [Cell?] {
    var newest: (cell: Cell, place: Int)?
    return (0..<count).map { place in
      if place < cells.count, let cell = cells[place] { newest = (cell, place) }
      guard let newest, place - newest.place < hold else { return nil }
      return newest.cell
    }
  }
}
