/// When records are due. Decides by what it is told; the caller has the clock.
enum Pace: Equatable {
  /// At once.
  case full
  /// So many a second.
  case rate(Double, done: Int)
  /// As they were recorded, so many times as fast; late ones at once.
  case speed(Double, first: Int64?, latest: Int64)

  static func rate(_ perSecond: Double) -> Pace { .rate(perSecond, done: 0) }
  static func speed(_ factor: Double) -> Pace { .speed(factor, first: nil, latest: .min) }

  /// - Parameter timestamp: the next record's.
  /// - Returns: the seconds after the start at which it is due; they never go back.
  mutating func due(_ timestamp: Int64) -> Double {
    switch self {
    case .full: return 0
    case .rate(let perSecond, let done):
      self = .rate(perSecond, done: done + 1)
      return Double(done) / perSecond
    case .speed(let factor, let first, let latest):
      let start = first ?? timestamp
      let time = max(latest, timestamp)
      self = .speed(factor, first: start, latest: time)
      return (Double(time) - Double(start)) / 1_000 / factor
    }
  }
}
