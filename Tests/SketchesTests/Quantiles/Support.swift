import Sketches
import TestSupport

/// Streams on which quantile sketches are tested.
enum QuantileStream: String, CaseIterable, Sendable {
  case normal, lognormal, rounded, sorted, reversed, heavyTails, farModes, constant, bits

  func values(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      switch self {
      case .normal: random.normal()
      // A power of two of a normal, by its own digits: no logarithm needed.
      case .lognormal:
        Double(sign: .plus, exponent: Int((2 * random.normal()).rounded()), significand: 1 + random.uniform())
      case .rounded: (random.normal() * 1_000).rounded() / 1_000
      case .sorted: Double(index)
      case .reversed: Double(-index)
      case .heavyTails: random.normal() / random.normal()
      case .farModes: random.normal() + (random.below(2) == 0 ? 0 : 1e9)
      case .constant: 5
      case .bits: Double(bitPattern: random.next() & 0xbfef_ffff_ffff_ffff)
      }
    }
  }
}

func sketch<Value: QuantileValue>(of values: [Value], k: Int = 200, seed: UInt64 = 1) -> QuantileSketch<Value> {
  var sketch = QuantileSketch<Value>(k: k, seed: seed)
  sketch.update(values.span)
  return sketch
}

/// Largest difference between a rank that the sketch gives and the true one, over 99 quantiles of the values.
func largestRankError(_ sketch: QuantileSketch<Double>, sorted: [Double]) -> Double {
  let view = sketch.sortedView
  return (1...99).reduce(0) { worst, percent in
    let value = sorted[sorted.count * percent / 100]
    let rank = view.rank(of: value) ?? .infinity
    let below = view.rank(of: value, inclusive: false) ?? .infinity
    let true0 = Double(position(of: value, in: sorted) { $0 < $1 }) / Double(sorted.count)
    let true1 = Double(position(of: value, in: sorted) { $0 <= $1 }) / Double(sorted.count)
    return max(worst, abs(rank - true1), abs(below - true0))
  }
}

/// How many sorted values come before `value`.
private func position(of value: Double, in sorted: [Double], _ before: (Double, Double) -> Bool) -> Int {
  var low = 0
  var high = sorted.count
  while low < high {
    let middle = (low + high) / 2
    if before(sorted[middle], value) { low = middle + 1 } else { high = middle }
  }
  return low
}
