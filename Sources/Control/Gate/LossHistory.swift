public import Bytes

/// How much rows depend on each other, from the champion's own losses on rows before those that are to be judged: a
/// validation of a thousand rows is too short to see what lasts for hundreds.
///
/// Of every thousand rows the mean is taken away, so that a slow change of the loss does not count; then τ0 is the
/// largest inflation over blocks of 32 to 256 rows (see `BlockSums`), from 1 to 16. Known from 5,000 rows on. Rows come
/// in request order. Space: up to a thousand losses.
public struct LossHistory: Hashable, Sendable {
  /// Rows from which on the dependence counts as known.
  public static let minimumRows = 5_000
  public static let largest = 16.0
  static let stretch = 1_000
  private static let shortestBlock = 32

  private var waiting: [Double] = []
  private var residuals = RunningMean()
  private var blocks = BlockSums()

  public init() {}

  /// Takes the champion's loss on the next row; what is not finite is passed over.
  public mutating func add(_ loss: Double) {
    guard loss.magnitude <= GateLimits.difference, rows < GateLimits.rows else { return }
    waiting.append(loss)
    guard waiting.count == Self.stretch else { return }
    let mean = waiting.reduce(0, +) / Double(Self.stretch)
    for loss in waiting {
      residuals.add(loss - mean)
      blocks.add(loss - mean)
    }
    waiting.removeAll(keepingCapacity: true)
  }

  public var rows: Int { blocks.rows + waiting.count }

  /// τ0; nil before enough rows are known.
  public var dependence: Double? {
    guard rows >= Self.minimumRows else { return nil }
    let inflation = blocks.inflation(mean: 0, variance: residuals.variance, shortest: Self.shortestBlock)
    return min(max(inflation, 1), Self.largest)
  }

  public func encode(into writer: inout ByteWriter) {
    writer.append(waiting) { $0.append($1) }
    residuals.encode(into: &writer)
    blocks.encode(into: &writer)
  }

  /// - Throws: `ByteError` for figures that no losses give.
  public init(from reader: inout ByteReader) throws(ByteError) {
    waiting = try reader.array { reader throws(ByteError) in
      let loss = try reader.double()
      guard loss.magnitude <= GateLimits.difference else { throw reader.failure("a loss beyond all measure") }
      return loss
    }
    residuals = try RunningMean(from: &reader)
    blocks = try BlockSums(from: &reader)
    guard waiting.count < Self.stretch, residuals.count == blocks.rows, blocks.rows % Self.stretch == 0 else {
      throw reader.failure("a history that no losses give")
    }
  }
}
