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
  /// Levels per categorical column with a weight of their own.
  var levelLimit = 1_000
  /// Rows that are scored before they are learned when many are learned at once.
  var blockLength = 100

  var expertsOfScope: Int { processNoises.count + (hasLeader ? 1 : 0) }
  /// Experts of both scopes and the network.
  var parts: Int { expertsOfScope * (hasHats ? 2 : 1) + (hasNetwork ? 1 : 0) }
}

extension MixtureConstants {
  func encode(into writer: inout ByteWriter) {
    writer.append(processNoises) { $0.append($1) }
    writer.append(hasLeader)
    writer.append(hasHats)
    writer.append(hasNetwork)
    writer.append(mixerForgetting)
    writer.append(calibrationForgetting)
    writer.append(count: levelLimit)
    writer.append(count: blockLength)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    processNoises = try reader.array { (reader: inout ByteReader) throws(ByteError) in try reader.finite(in: 0...1) }
    hasLeader = try reader.bool()
    hasHats = try reader.bool()
    hasNetwork = try reader.bool()
    mixerForgetting = try reader.finite(in: 0...0.5)
    calibrationForgetting = try reader.finite(in: 0...0.5)
    levelLimit = try reader.index(upTo: ModelLimits.levels)
    blockLength = try reader.index(upTo: ModelLimits.blockLength)
    guard expertsOfScope <= ModelLimits.experts, expertsOfScope > 0 || (hasNetwork && !hasHats), blockLength > 0 else {
      throw reader.failure("a family of \(expertsOfScope) experts a scope and blocks of \(blockLength) rows")
    }
  }
}
