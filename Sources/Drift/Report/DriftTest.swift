public import Sketches

/// One version's reference made ready: compares window after window with it.
///
/// The quantiles behind critical values depend on the reference's bins and the configuration alone, so they are found
/// once; a report then costs about 5 µs a column with the statistics that are watched by default, 18 with all of them.
public struct DriftTest: Sendable {
  public let reference: Reference
  public let configuration: DriftConfiguration
  private let columns: [Prepared]
  private let prediction: Prepared?
  private let quantiles: NoiseQuantiles

  private struct Prepared: Sendable {
    let reference: ColumnReference
    /// Rows per bin, then missing.
    let counts: [Int]
    let statistics: [(statistic: Statistic, threshold: Double)]

    init(_ reference: ColumnReference, _ configuration: DriftConfiguration) {
      self.reference = reference
      counts = reference.counts + [reference.missing]
      statistics = configuration.statistics(of: reference.binning.kind)
    }
  }

  public init(reference: Reference, configuration: DriftConfiguration = DriftConfiguration()) {
    let all = reference.columns + [reference.prediction].compactMap { $0 }
    self.reference = reference
    self.configuration = configuration
    let prepared = all.map { Prepared($0, configuration) }
    columns = Array(prepared.prefix(reference.columns.count))
    prediction = reference.prediction == nil ? nil : prepared.last
    quantiles = NoiseQuantiles(
      sharing: configuration.falseAlarmRate, by: prepared.reduce(0) { $0 + $1.statistics.count },
      bins: prepared.map(\.counts.count).max() ?? 1)
  }

  /// The report of a window from event time `from` to `to`, milliseconds: `sketches` over the bins of the reference's
  /// columns in its order, one for each, `prediction` over those of its prediction.
  public func report(
    version: Int, from: Int64, to: Int64, rows: Int, sketches: [ColumnSketch],
    prediction sketch: ColumnSketch? = nil
  ) -> DriftReport {
    precondition(
      sketches.count == columns.count, "a report needs a sketch for every column of the reference")
    let drifts = zip(columns, sketches).map { compare($0, $1) }
    let predicted = prediction.flatMap { prepared in sketch.map { compare(prepared, $0) } }
    return DriftReport(
      version: version, from: from, to: to, rows: rows, columns: drifts, prediction: predicted)
  }

  private func compare(_ prepared: Prepared, _ sketch: ColumnSketch) -> ColumnDrift {
    let comparison = ColumnComparison(prepared.reference, counts: prepared.counts, sketch)
    return ColumnDrift(
      comparison, prepared.statistics, quantiles, configuration,
      unseenLevels: sketch.unseen.isEmpty ? [] : Self.unseenLevels(of: sketch))
  }

  private static func unseenLevels(of sketch: ColumnSketch) -> [UnseenLevel] {
    sketch.unseenByFrequency.prefix(DriftReport.namedLevels).map {
      UnseenLevel(level: $0.level, rows: $0.rows)
    }
  }
}

extension DriftTest {
  /// The drift of columns that are compared once, such as two files: in their order, the false alarm rate shared by all
  /// of them. Strongest first is how `DriftReport` orders them.
  public static func drifts(
    of comparisons: [ColumnComparison], configuration: DriftConfiguration = DriftConfiguration()
  ) -> [ColumnDrift] {
    let statistics = comparisons.map { configuration.statistics(of: $0.kind) }
    let quantiles = NoiseQuantiles(
      sharing: configuration.falseAlarmRate, by: statistics.reduce(0) { $0 + $1.count },
      bins: comparisons.compactMap { $0.bins?.reference.count }.max() ?? 1)
    return zip(comparisons, statistics).map { comparison, statistics in
      ColumnDrift(
        comparison, statistics, quantiles, configuration,
        unseenLevels: comparison.unseenLevels(DriftReport.namedLevels))
    }
  }
}

extension NoiseQuantiles {
  /// Of one of `tests` that share a false alarm rate equally.
  init(sharing falseAlarmRate: Double, by tests: Int, bins: Int) {
    self.init(alpha: min(max(falseAlarmRate / Double(max(tests, 1)), 1e-300), 1), bins: bins)
  }
}
