import Bytes

/// The constants of the mixture and of its parts, which are mixtures with less in them.
struct MixtureConstants: Hashable, Sendable {
  /// Variance that a weight gains per row, one expert each, from 0 to 1.
  var processNoises: [Double] = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2]
  /// Whether each scope has an expert that learns by FTRL-proximal.
  var hasLeader = true
  /// Whether there is a scope with hats.
  var hasHats = true
  var hasNetwork = true
  /// How fast the mixer forgets which expert was good, per labelled row.
  var mixerForgetting = 1e-3
  /// How fast it forgets how far the mixture had to be drawn towards one half.
  var calibrationForgetting = 1e-4
  /// From what the parts add up to a prediction.
  var link = Link.canonical
  /// Units of the hidden layers of a perceptron, which stands alone; empty without one.
  var hidden: [Int] = []
  /// Levels per categorical column with a weight of their own.
  var levelLimit = 1_000
  /// Rows that are scored before they are learned when many are learned at once.
  var blockLength = 100

  var expertsOfScope: Int { processNoises.count + (hasLeader ? 1 : 0) }
  /// Experts of both scopes and the network.
  var parts: Int { expertsOfScope * (hasHats ? 2 : 1) + (hasNetwork ? 1 : 0) }

  enum Link: UInt8, Sendable {
    /// None for a regression, logistic or softmax for classes.
    case canonical
    /// Of a regression: it predicts the exponential, in multiples of the mean.
    case logarithm
  }

  /// Whether format 2 of artifacts cannot say it.
  var isNew: Bool { link != .canonical || !hidden.isEmpty }
}

extension MixtureConstants {
  private static let widths = Set((3...8).map { 1 << $0 })
  private static let depth = 3

  /// - Parameter format: of the artifact.
  func encode(into writer: inout ByteWriter, format: UInt16) {
    writer.append(processNoises) { $0.append($1) }
    writer.append(hasLeader)
    writer.append(hasHats)
    writer.append(hasNetwork)
    writer.append(mixerForgetting)
    writer.append(calibrationForgetting)
    writer.append(count: levelLimit)
    writer.append(count: blockLength)
    guard format >= 3 else { return }
    writer.append(link.rawValue)
    writer.append(hidden) { $0.append(count: $1) }
  }

  init(from reader: inout ByteReader, format: UInt16) throws(ByteError) {
    processNoises = try reader.array { (reader: inout ByteReader) throws(ByteError) in try reader.finite(in: 0...1) }
    hasLeader = try reader.bool()
    hasHats = try reader.bool()
    hasNetwork = try reader.bool()
    mixerForgetting = try reader.finite(in: 0...0.5)
    calibrationForgetting = try reader.finite(in: 0...0.5)
    levelLimit = try reader.index(upTo: ModelLimits.levels)
    blockLength = try reader.index(upTo: ModelLimits.blockLength)
    if format >= 3 { try readParts(from: &reader) }
    guard expertsOfScope <= ModelLimits.experts, blockLength > 0,
      hidden.isEmpty ? expertsOfScope > 0 || (hasNetwork && !hasHats) : parts == 0 && !hasHats,
      link == .canonical || (parts == 1 && expertsOfScope == 1 && !hasLeader)
    else {
      throw reader.failure("a family of \(expertsOfScope) experts a scope and blocks of \(blockLength) rows")
    }
  }

  private mutating func readParts(from reader: inout ByteReader) throws(ByteError) {
    guard let link = Link(rawValue: try reader.byte()) else { throw reader.failure("an unknown link") }
    self.link = link
    hidden = try reader.array { (reader: inout ByteReader) throws(ByteError) in try reader.index(upTo: 1 << 8) }
    guard hidden.count <= Self.depth, hidden.allSatisfy(Self.widths.contains) else {
      throw reader.failure("hidden layers of \(hidden) units")
    }
  }
}
