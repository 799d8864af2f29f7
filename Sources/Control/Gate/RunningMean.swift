import Bytes

/// Count, mean and squared deviations of a series (Welford 1962).
struct RunningMean: Hashable, Sendable {
  private(set) var count = 0
  private(set) var mean = 0.0
  private(set) var m2 = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let before = value - mean
    mean += before / Double(count)
    m2 += before * (value - mean)
  }

  /// Of the rows themselves, 0 for none.
  var variance: Double { count > 0 ? m2 / Double(count) : 0 }
}

extension RunningMean {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: count)
    writer.append(mean)
    writer.append(m2)
  }

  /// - Parameter most: the largest magnitude of a value.
  /// - Throws: `ByteError` for figures that no series gives.
  init(from reader: inout ByteReader, most: Double = 2 * GateLimits.difference) throws(ByteError) {
    count = try reader.index(upTo: GateLimits.rows)
    mean = try reader.double()
    m2 = try reader.double()
    guard mean.magnitude <= most, m2 >= 0, m2.isFinite, count > 0 || (mean == 0 && m2 == 0) else {
      throw reader.failure("a mean that no series has")
    }
  }
}
