import Control
import Events

/// When a challenger takes the champion's place. The defaults are the gate's own.
struct GateSection: Equatable {
  private static let gate = GateConfiguration()

  /// Nil for the task's standard measure.
  var measure: GateMeasure?
  var tolerance = gate.tolerance
  var gain = gate.gain
  var alpha = gate.alpha
  var rows = gate.minimumRows
  var shadowRows = gate.shadowRows
  /// Nil: nothing serves before it is proven.
  var provisional: Double? = gate.provisionalGain
  var rollbackAlpha = gate.rollbackAlpha
  var segments = SegmentRule()
  var fairness: [FairnessRule] = []
  var calibration = gate.calibrationLimit
  var golden: GoldenSection?
  var artifactBytes: Int64?
  /// Nanoseconds a row.
  var scoringTime: Double?

  struct SegmentRule: Equatable {
    var tolerance = gate.segmentTolerance
    var rows = gate.segmentRows
    /// As `name=value`.
    var protected: [String] = []
    var protectedRows = gate.protectedRows
  }

  var engineGate: GateConfiguration {
    GateConfiguration(
      measure: measure, tolerance: tolerance, gain: gain, alpha: alpha, minimumRows: rows,
      minimumRowsKnown: min(rows, Self.gate.minimumRowsKnown), shadowRows: shadowRows,
      provisionalGain: provisional, segmentTolerance: segments.tolerance, segmentRows: segments.rows,
      protected: segments.protected.compactMap(Self.segment), protectedRows: segments.protectedRows,
      fairness: fairness, calibrationLimit: calibration,
      goldenTolerance: golden?.tolerance ?? Self.gate.goldenTolerance,
      mostArtifactBytes: artifactBytes.map(Int.init), mostScoringNanoseconds: scoringTime,
      rollbackAlpha: rollbackAlpha)
  }

  static func segment(_ text: String) -> Segment? {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else { return nil }
    return Segment(name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
  }
}
