import Foundation

/// An axis: a range of values, and few round numbers on it.
struct Scale {
  let low: Double
  let high: Double
  let ticks: [Double]
  private let decimals: Int
  private let isSigned: Bool

  /// From end to end of what is shown.
  init(exactly range: ClosedRange<Double>, ticks most: Int, signed: Bool = false) {
    let step = Self.step(range.upperBound - range.lowerBound, most)
    (low, high) = (range.lowerBound, max(range.upperBound, range.lowerBound + step * 1e-6))
    ticks = Self.multiples(of: step, in: low...high).filter(range.contains)
    decimals = Self.decimals(step)
    isSigned = signed
  }

  /// Begins and ends at round numbers around the values; something around 0 where there are none.
  init(around values: [Double], ticks most: Int, signed: Bool = false) {
    let finite = values.filter(\.isFinite)
    var (least, largest) = (finite.min() ?? 0, finite.max() ?? 1)
    if largest - least <= max(largest.magnitude, least.magnitude) * 1e-9 {
      // Nothing moves: a line through the middle.
      let room = max(largest.magnitude / 2, least == 0 ? 1 : 0)
      (least, largest) = (least - room, largest + room)
    }
    let step = Self.step(largest - least, most)
    low = (least / step).rounded(.down) * step
    high = max((largest / step).rounded(.up) * step, low + step)
    ticks = Self.multiples(of: step, in: low...high)
    decimals = Self.decimals(step)
    isSigned = signed
  }

  /// 0 at the low end, 1 at the high one.
  func share(of value: Double) -> Double {
    min(max((value - low) / (high - low), 0), 1)
  }

  func text(of tick: Double) -> String {
    let value = tick == 0 ? 0 : tick
    let sign = value < 0 ? "−" : isSigned && value > 0 ? "+" : ""
    guard value.magnitude < 1e9, decimals <= 6 else { return sign + String(format: "%.3g", value.magnitude) }
    guard decimals == 0 else { return sign + String(format: "%.\(decimals)f", value.magnitude) }
    return sign + Figures.grouped(Int(value.magnitude.rounded()))
  }

  /// 1, 2 or 5 times a power of ten, so that at most so many of them lie in the span.
  private static func step(_ span: Double, _ most: Int) -> Double {
    let raw = max(span, 1e-300) / Double(max(most, 1))
    let power = pow(10, log10(raw).rounded(.down))
    let lead = [1.0, 2, 5].first { $0 * power >= raw * (1 - 1e-9) } ?? 10
    return lead * power
  }

  private static func decimals(_ step: Double) -> Int {
    max(0, -Int((log10(step) + 1e-9).rounded(.down)))
  }

  private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 1_000 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }
}
