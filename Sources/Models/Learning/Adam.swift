/// What Adam (Kingma, Ba 2015) keeps of each parameter, with decoupled decay (Loshchilov, Hutter 2019).
enum Adam {
  private static let rate = 3e-3
  private static let decay: Float = 1e-4
  private static let firstKeep: Float = 0.9
  private static let secondKeep: Float = 0.999
  /// Added under the root, which spares a division and a root: the denominator is then at least 1e-7.
  private static let leastDenominator: Float = 1e-14
  /// Moments are rounded to multiples of about 1e-30 and 1e-37. Those of a unit or an input that is at rest would
  /// otherwise shrink until they are subnormal, and arithmetic with subnormal numbers is a hundred times as dear.
  private static let firstRounder: Float = 1e-23
  private static let secondRounder: Float = 1e-30

  /// The rate of a step, counted from 1, corrected for moments that began at 0.
  static func rate(step: Int) -> Float {
    Float(rate * (1 - power(0.999, step)).squareRoot() / (1 - power(0.9, step)))
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    Elementary.exp(Double(exponent) * Elementary.log(base))
  }

  /// By Cauchy's inequality the first moment is at most 7.3 times the root of the second: more would be a leap.
  static func isPossible(_ first: Lanes, _ second: Lanes) -> Bool {
    let bound = second.squareRoot() * 8 + 1e-15
    return all((first .<= bound) .& (first .>= -bound))
  }

  /// Moves vectors of eight parameters along their gradients, which are 0 after it.
  static func move(
    _ parameters: inout [Lanes], _ firsts: inout [Lanes], _ seconds: inout [Lanes], _ gradients: inout [Lanes],
    rate: Float
  ) {
    let keep = 1 - Float(Adam.rate) * decay
    var parameters = parameters.mutableSpan
    var firsts = firsts.mutableSpan
    var seconds = seconds.mutableSpan
    var gradients = gradients.mutableSpan
    for place in parameters.indices {
      let gradient = gradients[place]
      guard isMoving(gradient, firsts[place]) else {
        parameters[place] *= keep
        seconds[place] = (seconds[place] * secondKeep).rounded(by: secondRounder)
        continue
      }
      let first = (firsts[place] * firstKeep + gradient * (1 - firstKeep)).rounded(by: firstRounder)
      let second = (seconds[place] * secondKeep + gradient * gradient * (1 - secondKeep)).rounded(by: secondRounder)
      firsts[place] = first
      seconds[place] = second
      let step = first * rate * Elementary.inverseRoot(second + leastDenominator, steps: 2)
      parameters[place] = parameters[place] * keep - step
      gradients[place] = Lanes()
    }
  }

  /// Whether any bit of the two is set.
  @inline(__always)
  private static func isMoving(_ gradient: Lanes, _ first: Lanes) -> Bool {
    let bits = unsafeBitCast(gradient, to: SIMD4<UInt64>.self) | unsafeBitCast(first, to: SIMD4<UInt64>.self)
    let half = bits.lowHalf | bits.highHalf
    return half[0] | half[1] != 0
  }
}

extension Lanes {
  /// To a multiple of some 1e-7 of `rounder`, as long as it is smaller.
  @inline(__always)
  fileprivate func rounded(by rounder: Float) -> Lanes { (self + rounder) - rounder }
}
