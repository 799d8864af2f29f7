import Sketches

/// A bin whose share changed.
public struct BinShift: Hashable, Sendable {
  /// The bin of rows without a usable value.
  public static let missing = "(missing)"

  /// The bin's interval or level, `(other)`, `(unseen)` or `(missing)`.
  public let bin: String
  /// Share of all rows, 0 to 1.
  public let reference: Double
  public let current: Double

  public init(bin: String, reference: Double, current: Double) {
    self.bin = bin
    self.reference = reference
    self.current = current
  }
}

/// A level that the reference never held.
public struct UnseenLevel: Hashable, Sendable {
  public let level: String
  public let rows: Int
}

/// All findings of one column.
public struct ColumnDrift: Hashable, Sendable {
  public let column: String
  /// In the order of `Statistic.allCases`; those that the column's kind and the form of its samples have.
  public let findings: [DriftFinding]
  /// Share of rows without a usable value, 0 to 1.
  public let referenceMissing: Double
  public let currentMissing: Double
  /// Share of rows with a level that the reference never held; nil for a numeric column. The reference's is an
  /// estimate (see `CategoryBinning.referenceCounts`).
  public let referenceUnseen: Double?
  public let currentUnseen: Double?
  /// Names of such levels with their rows, most frequent first, at most `DriftReport.namedLevels`.
  public let unseenLevels: [UnseenLevel]
  /// The bins that add most to the PSI, largest first, at most `DriftReport.namedShifts`; empty unless drifted.
  public let shifts: [BinShift]

  /// The finding furthest beyond its bounds.
  public var strongest: DriftFinding? {
    findings.max { $0.strength < $1.strength }
  }

  public var drifted: Bool { findings.contains(where: \.drifted) }
  public var strength: Double { strongest?.strength ?? 0 }
}

extension ColumnDrift {
  init(
    _ comparison: ColumnComparison, _ statistics: [(statistic: Statistic, threshold: Double)],
    _ quantiles: NoiseQuantiles, _ configuration: DriftConfiguration, unseenLevels: [UnseenLevel]
  ) {
    column = comparison.name
    let thresholds = configuration.thresholds
    findings = comparison.measures(statistics, quantiles).map { statistic, measure in
      DriftFinding(comparison, statistic, measure, threshold: thresholds[statistic] ?? .infinity, configuration)
    }
    referenceMissing = Self.share(comparison.referenceMissing, of: comparison.referenceRows)
    currentMissing = Self.share(comparison.currentMissing, of: comparison.currentRows)
    let unseenBin = comparison.binning?.unseenBin
    referenceUnseen = unseenBin.flatMap { bin in comparison.bins?.referenceShare(ofBin: bin) }
    currentUnseen = comparison.unseenRows.map { Self.share($0, of: comparison.currentRows) }
    self.unseenLevels = unseenLevels
    shifts = findings.contains(where: \.drifted) ? comparison.shifts(DriftReport.namedShifts) : []
  }

  private static func share(_ part: Int, of rows: Int) -> Double {
    rows > 0 ? Double(part) / Double(rows) : 0
  }
}

extension ColumnComparison {
  /// Shares of all bins, in their order, the missing rows last; empty where there are no bins.
  public var shares: [BinShift] {
    guard let bins else { return [] }
    return bins.reference.indices.map { shift(bins, $0) }
  }

  /// The bins that add most to the PSI, largest first.
  func shifts(_ most: Int) -> [BinShift] {
    guard let bins else { return [] }
    let parts = bins.reference.indices.map { (bin: $0, part: bins.psi(ofBin: $0)) }
    return parts.sorted { ($1.part, $0.bin) < ($0.part, $1.bin) }.prefix(most).map { shift(bins, $0.bin) }
  }

  private func shift(_ bins: BinComparison, _ bin: Int) -> BinShift {
    let name = bin + 1 == bins.reference.count ? BinShift.missing : binning?.label(of: bin) ?? ""
    return BinShift(bin: name, reference: bins.referenceShare(ofBin: bin), current: bins.currentShare(ofBin: bin))
  }

  /// Levels of the current sample that the reference never held, most frequent first, then by name.
  func unseenLevels(_ most: Int) -> [UnseenLevel] {
    guard case .categories(let reference, let current)? = samples else { return [] }
    return current.counts.filter { reference.counts[$0.key] == nil }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most)
      .map { UnseenLevel(level: $0.key, rows: $0.value) }
  }
}
