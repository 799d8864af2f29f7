public import Bytes

/// What a version's scores promise, corrected by how they turned out on its validation rows: per bin of its own
/// predictions the share of rows in which the event happened, and the loss in either case. Frozen with the version, it
/// turns the histogram of a pane's predictions into an expected loss before any label is known ("confidence-based
/// performance estimation").
///
/// The event is label 1 for a binary task, a hit of the likeliest class for several classes. For regression there is
/// none: a prediction says nothing of its own error.
///
/// It holds while the same scores mean the same. Where the concept moves, it flatters: it never decides.
public struct ScoreCalibration: Hashable, Sendable {
  public struct Bin: Hashable, Sendable {
    /// Probability of the event.
    public let event: Double
    /// Mean loss where it happens and where it does not.
    public let lossIfEvent: Double
    public let lossIfNot: Double
    public let errorIfEvent: Double
    public let errorIfNot: Double

    public init(event: Double, lossIfEvent: Double, lossIfNot: Double, errorIfEvent: Double, errorIfNot: Double) {
      self.event = event
      self.lossIfEvent = lossIfEvent
      self.lossIfNot = lossIfNot
      self.errorIfEvent = errorIfEvent
      self.errorIfNot = errorIfNot
    }

    func expected(_ measure: LossMeasure) -> Double {
      measure == .error
        ? event * errorIfEvent + (1 - event) * errorIfNot : event * lossIfEvent + (1 - event) * lossIfNot
    }
  }

  /// One for each bin of the version's prediction column.
  public let bins: [Bin]
  /// Validation rows that it was made of.
  public let rows: Int

  public init(bins: [Bin], rows: Int) {
    self.bins = bins
    self.rows = rows
  }

  /// Sum of the expected losses of rows counted by bin of their predictions; nil where the bins are others, or the
  /// measure cannot be estimated.
  public func expectedSum(_ measure: LossMeasure, counts: [Int]) -> Double? {
    guard measure != .absoluteError, counts.count == bins.count else { return nil }
    return zip(counts, bins).reduce(0) { $0 + Double($1.0) * $1.1.expected(measure) }
  }
}

extension ScoreCalibration {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(count: rows)
    writer.append(bins) { writer, bin in
      for figure in bin.figures { writer.append(figure) }
    }
  }

  /// - Throws: `ByteError` for another format, a share that is none, or losses below 0.
  public init(from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a calibration of format \(format), where \(Self.format) is known")
    }
    rows = try reader.index()
    bins = try reader.array { reader throws(ByteError) in
      let bin = Bin(
        event: try reader.double(), lossIfEvent: try reader.double(), lossIfNot: try reader.double(),
        errorIfEvent: try reader.double(), errorIfNot: try reader.double())
      guard bin.figures.allSatisfy({ $0.isFinite && $0 >= 0 }), bin.event <= 1 else {
        throw reader.failure("a calibration that no rows give")
      }
      return bin
    }
  }
}

extension ScoreCalibration.Bin {
  fileprivate var figures: [Double] { [event, lossIfEvent, lossIfNot, errorIfEvent, errorIfNot] }
}
