/// What Adam (Kingma, Ba 2015) keeps of each parameter, with decoupled decay (Loshchilov, Hutter 2019).
enum Adam {
  private static let rate = 3e-3
  private static let decay: Float = 1e-4
  private static let firstKeep: Float = 0.9
  private static let secondKeep: Float = 0.999
  private static let leastDenominator: Float = 1e-7

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
      let first = firsts[place] * firstKeep + gradient * (1 - firstKeep)
      let second = seconds[place] * secondKeep + gradient * gradient * (1 - secondKeep)
      firsts[place] = first
      seconds[place] = second
      parameters[place] = parameters[place] * keep - first * rate / (second.squareRoot() + leastDenominator)
      gradients[place] = Lanes()
    }
  }
}
