import Bytes

/// How a Poisson regression sees its target: as a multiple of the mean count, and in rows that tell as much as their
/// dispersion leaves them.
///
/// Counts of a pure Poisson process have the variance of their mean; real ones have φ times that. φ is the running mean of
/// (y − μ)²/μ, and a row counts for 1/φ of one of a pure process (quasi-likelihood; McCullagh, Nelder 1989, 9.2). The fit
/// is the one of least Poisson deviance either way; φ decides how fast it moves.
struct CountScale: Equatable, Sendable {
  /// The exponent of a multiple of the mean is cut to this.
  static let bound: Float = 30
  /// A count, as a multiple of the mean, is cut to this.
  private static let most = 1e6
  /// φ begins at 1 and as if it were known from so many rows; it forgets rows beyond `memory`.
  private static let beginning = 10.0
  private static let memory = 10_000.0
  /// A row moves φ by at most so many times of it.
  private static let reach = 100.0
  private static let range = 1e-6...1e12

  private var dispersion = 1.0
  private var rows = 0.0

  /// A count as a multiple of the mean; nil while the mean is 0.
  func scaled(_ count: Double, mean: Double) -> Float? {
    mean > 0 ? Float(min(count / mean, Self.most)) : nil
  }

  /// What a row counts for.
  func weight(mean: Double) -> Float { Float(min(mean / dispersion, Self.most)) }

  /// - Parameter score: the exponent that was predicted.
  mutating func follow(_ count: Double, score: Float, mean: Double) {
    let expected = max(mean * Elementary.exp(Double(score.clipped(Self.bound))), 1e-9)
    let error = count - expected
    let found = min(error / expected * error, Self.reach * dispersion)
    rows = min(rows + 1, Self.memory)
    dispersion += (found - dispersion) / (Self.beginning + rows)
    dispersion = min(max(dispersion, Self.range.lowerBound), Self.range.upperBound)
  }
}

extension CountScale {
  func encode(into writer: inout ByteWriter) {
    writer.append(dispersion)
    writer.append(rows)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    dispersion = try reader.finite(in: Self.range)
    rows = try reader.finite(in: 0...Self.memory)
  }
}
