import Bytes
import Events

/// How far the probabilities of one model are from what comes true: the expected calibration error over ten bins of equal
/// width (Naeini, Cooper and Hauskrecht 2015), Σ n_b/n·|mean p − share that came true|.
///
/// Its own value is too large on few rows, since chance alone moves every bin. So the interval decides: the gap of every
/// bin has an `AnytimeInterval` at α/10, with the variance of (k + 2)/(n + 4), and the sum of the nearest and of the
/// farthest magnitudes within them bound the error of these bins at every look.
struct CalibrationTrial: Hashable, Sendable {
  static let bins = 10

  private struct Bin: Hashable, Sendable {
    var rows = 0
    var promised = 0.0
    var happened = 0
  }

  private var all = [Bin](repeating: Bin(), count: bins)
  private var residuals = RunningMean()
  private var blocks = BlockSums()

  mutating func add(_ probability: Double, happened: Bool) {
    let bin = min(Int(probability * Double(Self.bins)), Self.bins - 1)
    all[bin].rows += 1
    all[bin].promised += probability
    all[bin].happened += happened ? 1 : 0
    let residual = probability - (happened ? 1 : 0)
    residuals.add(residual)
    blocks.add(residual)
  }

  var rows: Int { residuals.count }

  /// Mean probability minus share that came true.
  var bias: Double { residuals.mean }

  func interval(alpha: Double, priorDependence: Double) -> IntervalRecord {
    guard rows > 0 else { return IntervalRecord(value: 0, low: 0, high: 1, alpha: alpha) }
    let dependence = max(priorDependence, blocks.inflation(mean: residuals.mean, variance: residuals.variance))
    var (value, low, high) = (0.0, 0.0, 0.0)
    for bin in all where bin.rows > 0 {
      let count = Double(bin.rows)
      let gap = (bin.promised - Double(bin.happened)).magnitude / count
      let share = (Double(bin.happened) + 2) / (count + 4)
      let half = AnytimeInterval.halfWidth(
        rows: count, variance: share * (1 - share), alpha: alpha / Double(Self.bins), dependence: dependence)
      value += count * gap
      low += count * max(gap - half, 0)
      high += count * min(gap + half, 1)
    }
    let all = Double(rows)
    return IntervalRecord(value: value / all, low: low / all, high: high / all, alpha: alpha)
  }
}

extension CalibrationTrial {
  func encode(into writer: inout ByteWriter) {
    for bin in all {
      writer.append(count: bin.rows)
      writer.append(bin.promised)
      writer.append(count: bin.happened)
    }
    residuals.encode(into: &writer)
    blocks.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    var rows = 0
    for bin in all.indices {
      all[bin].rows = try reader.index(upTo: GateLimits.rows)
      all[bin].promised = try reader.double()
      all[bin].happened = try reader.index(upTo: all[bin].rows)
      rows += all[bin].rows
      guard (0...Double(all[bin].rows)).contains(all[bin].promised) else {
        throw reader.failure("probabilities that no rows give")
      }
    }
    residuals = try RunningMean(from: &reader)
    blocks = try BlockSums(from: &reader)
    guard residuals.count == rows, blocks.rows == rows, residuals.mean.magnitude <= 1 else {
      throw reader.failure("a calibration that no rows give")
    }
  }
}
