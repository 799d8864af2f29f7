import Bytes

/// Bernstein online aggregation (Wintenberger 2017, *Machine Learning* 106) of linear predictors, with forgetting: the
/// convex weights follow each member's regret against the mixture, less its variance. There is no rate to choose.
struct Aggregation: Equatable, Sendable {
  private static let leastVariance = 1e-2

  private let forgetting: Double
  private let logCount: Double
  private var regrets: [Double]
  private var variances: [Double]
  /// Non-negative, sum 1.
  private(set) var weights: [Double]

  var count: Int { weights.count }

  init(members: Int, forgetting: Double) {
    self.forgetting = forgetting
    logCount = Elementary.log(Double(members))
    regrets = [Double](repeating: 0, count: members)
    variances = [Double](repeating: Aggregation.leastVariance, count: members)
    weights = [Double](repeating: 1, count: members)
    refresh()
  }

  /// Moves by one row: `gradients` of the loss by the mixture's outputs; `inputs[output · count + member]`.
  mutating func update(inputs: [Double], mixture: [Double], gradients: [Double]) {
    let keep = 1 - forgetting
    for member in weights.indices {
      var gain = 0.0
      for output in mixture.indices {
        gain -= gradients[output] * (inputs[output * count + member] - mixture[output])
      }
      regrets[member] = keep * regrets[member] + gain - rate(member) * gain * gain
      variances[member] = keep * variances[member] + gain * gain
    }
    refresh()
  }

  /// Σ weight · input, output by output.
  func mix(_ inputs: [Double], into mixture: inout [Double]) {
    for output in mixture.indices {
      var sum = 0.0
      for member in weights.indices { sum += weights[member] * inputs[output * count + member] }
      mixture[output] = sum
    }
  }

  private func rate(_ member: Int) -> Double {
    count > 1 && logCount < variances[member] ? (logCount / variances[member]).squareRoot() : 1
  }

  private mutating func refresh() {
    var top = -Double.infinity
    for member in weights.indices { top = max(top, rate(member) * regrets[member]) }
    var sum = 0.0
    for member in weights.indices {
      let rate = rate(member)
      weights[member] = rate * Elementary.exp(rate * regrets[member] - top)
      sum += weights[member]
    }
    for member in weights.indices { weights[member] /= sum }
  }
}

extension Aggregation {
  func encode(into writer: inout ByteWriter) {
    for value in regrets { writer.append(value) }
    for value in variances { writer.append(value) }
  }

  init(from reader: inout ByteReader, members: Int, forgetting: Double) throws(ByteError) {
    self.init(members: members, forgetting: forgetting)
    for member in weights.indices { regrets[member] = try reader.finite(in: -1e100...1e100) }
    for member in weights.indices { variances[member] = try reader.finite(in: 0...1e100) }
    refresh()
  }
}
