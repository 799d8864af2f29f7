/// Hour and weekday of a time in UTC.
struct TimeParts: Hashable, Sendable {
  /// Past the year 280,000 a time says nothing any more, and its hour is that of the bound.
  static let bound = 1e16

  /// 0…23.
  let hour: Int
  /// 0…6, from Monday.
  let weekday: Int

  /// - Parameter milliseconds: since 1970, finite.
  init(milliseconds: Double) {
    let hours = Int((milliseconds.clipped(TimeParts.bound) / 3_600_000).rounded(.down))
    let days = hours.quotient(24)
    hour = hours - 24 * days
    // 1970 began on a Thursday.
    weekday = days + 3 - 7 * (days + 3).quotient(7)
  }
}

extension Int {
  /// Rounded down, of a negative number too.
  fileprivate func quotient(_ divisor: Int) -> Int {
    self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor)
  }
}
