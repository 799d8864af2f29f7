public import Bytes
public import Events

/// How many runs a model may have in any 24 hours of event time. Counts by the times of triggers, so it decides the same
/// on every replay.
public struct RunAllowance: Hashable, Sendable {
  public static let day: Milliseconds = 86_400_000
  /// Limits reach no further, and no more times are remembered.
  public static let most = 1_000

  /// Of the runs that were granted, the newest; ascending.
  private var times: [Milliseconds] = []

  public init() {}

  /// Grants a run, unless that many have been granted with times in the 24 hours up to `time` or later.
  ///
  /// - Returns: nil where it is granted; else the first time at which one would be.
  public mutating func take(at time: Milliseconds, limit: Int) -> Milliseconds? {
    let limit = min(max(limit, 1), Self.most)
    let (start, isFirstDay) = time.subtractingReportingOverflow(Self.day)
    let counting = times.drop { !isFirstDay && $0 <= start }
    guard counting.count < limit else {
      let (next, overflow) = counting[counting.endIndex - limit].addingReportingOverflow(Self.day)
      return overflow ? .max : next
    }
    times.insert(time, at: times.firstIndex { $0 > time } ?? times.endIndex)
    times = times.suffix(Self.most)
    return nil
  }

  public func encode(into writer: inout ByteWriter) {
    writer.append(times) { $0.append(signed: $1) }
  }

  public init(from reader: inout ByteReader) throws(ByteError) {
    times = try reader.array { reader throws(ByteError) in try reader.signed() }
    guard times.count <= Self.most, zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw reader.failure("times of runs that are too many, or out of order")
    }
  }
}
