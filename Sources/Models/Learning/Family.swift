import Bytes

/// The constants of the built-in learner: a mixture of linear models, each learned by a diagonal Kalman filter with
/// its own process noise. The higher the noise, the faster a model follows a change and the noisier it is at rest.
public struct Family: Hashable, Sendable {
  /// Variance that a weight gains per row, one expert each, from 0 to 1.
  public let processNoises: [Double]
  /// How fast the mixer forgets which expert was good, per labelled row.
  public let mixerForgetting: Double
  /// How fast it forgets how far the mixture had to be drawn towards one half.
  public let calibrationForgetting: Double
  /// Levels per categorical column with a weight of their own.
  public let levelLimit: Int
  /// Rows that are scored before they are learned when many are learned at once.
  public let blockLength: Int

  /// The name under which artifacts and events know this family.
  public var name: String { "kalman-mixture" }

  /// The constants that `Model` uses unless told otherwise. Chosen by measurement on served streams with labels 200 rows
  /// late and a new version every 250 to 2,000 labels; the landscape is flat around them. No single noise is best on
  /// all: 1e-3 alone is overconfident, 1e-6 alone is slow.
  public static let standard = Family(
    noises: [1e-6, 1e-5, 1e-4, 1e-3], mixer: 1e-3, calibration: 1e-3, levels: 64, block: 100)

  /// Throws an error of code `family` for a constant out of its range, naming it.
  public init(
    processNoises: [Double], mixerForgetting: Double = 1e-3, calibrationForgetting: Double = 1e-3,
    levelLimit: Int = 64, blockLength: Int = 100
  ) throws(ModelError) {
    guard (1...ModelLimits.experts).contains(processNoises.count), processNoises.allSatisfy((0...1).contains) else {
      throw ModelError(.family, "process noises must be 1 to \(ModelLimits.experts) numbers from 0 to 1")
    }
    guard (0..<1).contains(mixerForgetting), (0..<1).contains(calibrationForgetting) else {
      throw ModelError(.family, "a rate of forgetting must be at least 0 and below 1")
    }
    guard (1...ModelLimits.levels).contains(levelLimit) else {
      throw ModelError(.family, "the limit of levels must be 1 to \(ModelLimits.levels), not \(levelLimit)")
    }
    guard (1...1_000_000).contains(blockLength) else {
      throw ModelError(.family, "the block length must be 1 to 1,000,000, not \(blockLength)")
    }
    self.init(
      noises: processNoises, mixer: mixerForgetting, calibration: calibrationForgetting, levels: levelLimit,
      block: blockLength)
  }

  private init(noises: [Double], mixer: Double, calibration: Double, levels: Int, block: Int) {
    processNoises = noises
    mixerForgetting = mixer
    calibrationForgetting = calibration
    levelLimit = levels
    blockLength = block
  }
}

extension Family {
  func encode(into writer: inout ByteWriter) {
    writer.append(processNoises) { $0.append($1) }
    writer.append(mixerForgetting)
    writer.append(calibrationForgetting)
    writer.append(count: levelLimit)
    writer.append(count: blockLength)
  }

  static func decode(from reader: inout ByteReader) throws(ByteError) -> Family {
    let noises = try reader.array { (reader: inout ByteReader) throws(ByteError) in try reader.double() }
    let mixer = try reader.double()
    let calibration = try reader.double()
    let levels = try reader.index()
    let block = try reader.index()
    do {
      return try Family(
        processNoises: noises, mixerForgetting: mixer, calibrationForgetting: calibration, levelLimit: levels,
        blockLength: block)
    } catch {
      throw reader.failure(error.message)
    }
  }
}
