import Bytes

/// Linear models over block A (the plain scope) and over blocks A and B (the curved scope), learned side by side.
///
/// One lane each for a diagonal Kalman filter per process noise: an extended Kalman filter whose covariance is kept
/// diagonal, where a variance grows by the noise per row, at most back to the prior of 1, when its slot is next touched.
/// One more lane for FTRL-proximal.
///
/// Several classes: one logit a class, softmax. The logit of a class against the mean of the others has C/(C − 1) times
/// the variance of the class's own weights; that product is what `variances` holds, so that two classes learn exactly
/// as one logistic logit does.
struct LinearExperts: Equatable, Sendable {
  private static let leastCurvature: Float = 1e-3
  private static let leaderClip: Float = 5
  static let regressionClip: Float = 3

  let outputs: Int
  private let isRegression: Bool
  /// Whether the exponential of a score is what is expected.
  private let isLogarithmic: Bool
  private let filters: Int
  /// Lane of FTRL, nil without one.
  private let leader: Int?
  private let noises: Lanes
  private let prior: Lanes
  private let gain: Float
  let isCurved: Bool
  private(set) var plain: Bank
  private(set) var curved: Bank
  /// The part of the curved scope that is over hats.
  private(set) var hats: Bank
  private var rows: UInt32 = 0

  init(task: Task, constants: MixtureConstants) {
    isRegression = task == .regression
    isLogarithmic = isRegression && constants.link == .logarithm
    outputs = task.outputs
    gain = outputs == 1 ? 1 : Float(outputs - 1) / Float(outputs)
    var noises = Lanes()
    var prior = Lanes()
    for (lane, noise) in constants.processNoises.enumerated() {
      noises[lane] = Float(noise)
      prior[lane] = 1
    }
    (self.noises, self.prior) = (noises, prior)
    filters = constants.processNoises.count
    leader = constants.hasLeader ? constants.processNoises.count : nil
    isCurved = constants.hasHats
    plain = Bank(outputs: outputs)
    (curved, hats) = (plain, plain)
  }

  mutating func widen(to width: Int, hats hatWidth: Int) {
    plain.widen(to: width, prior: prior, now: rows)
    guard isCurved else { return }
    curved.widen(to: width, prior: prior, now: rows)
    hats.widen(to: hatWidth, prior: prior, now: rows)
  }

  /// The logits of one row, output by output: the plain scope's in the lower half, the curved one's in the upper.
  @inline(__always)
  func score(_ row: borrowing EncodedRow, into logits: inout [Members]) {
    for output in 0..<outputs {
      let plain = plain.dot(row, row.base, output: output)
      var curved = Lanes()
      if isCurved {
        curved = self.curved.dot(row, row.base, output: output) + hats.dot(row, row.hats, output: output)
      }
      logits[output] = Members(lowHalf: plain, highHalf: curved)
    }
  }

  /// One step on a row with its label: standardised value or multiple of the mean, 0 or 1, or index of the class.
  ///
  /// - Parameters:
  ///   - weight: how many rows it counts for.
  ///   - logits: what `score` says of the row now; it comes back as values or probabilities.
  ///   - sums: as many as outputs, to work in.
  @inline(__always)
  mutating func learn(
    _ row: borrowing EncodedRow, label: Float, weight: Float, logits: inout [Members], sums: inout [Members]
  ) {
    rows &+= 1
    for output in 0..<outputs { sums[output] = advance(row, output: output) }
    if outputs > 1 {
      Elementary.softmax(&logits)
    } else if isLogarithmic {
      logits[0] = Elementary.exp(logits[0].clipped(CountScale.bound))
    } else if !isRegression {
      let isCurved = isCurved
      logits[0] = Members(
        lowHalf: Elementary.sigmoid(logits[0].lowHalf),
        highHalf: isCurved ? Elementary.sigmoid(logits[0].highHalf) : Lanes())
    }
    for output in 0..<outputs {
      let truth: Float = outputs == 1 ? label : Float(output) == label ? 1 : 0
      plain.move(
        row, row.base, by: step(logits[output].lowHalf, sums[output].lowHalf, truth: truth, weight: weight),
        output: output)
      guard isCurved else { continue }
      let step = step(logits[output].highHalf, sums[output].highHalf, truth: truth, weight: weight)
      curved.move(row, row.base, by: step, output: output)
      hats.move(row, row.hats, by: step, output: output)
    }
  }

  @inline(__always)
  private mutating func advance(_ row: borrowing EncodedRow, output: Int) -> Members {
    let plain = plain.advance(row, row.base, noises: noises, now: rows, output: output)
    guard isCurved else { return Members(lowHalf: plain, highHalf: Lanes()) }
    let base = curved.advance(row, row.base, noises: noises, now: rows, output: output)
    let hat = hats.advance(row, row.hats, noises: noises, now: rows, output: output)
    return Members(lowHalf: plain, highHalf: base + hat)
  }

  /// From an output's values or probabilities and Σ P x². With the curvature c, the spread S is 1/c + Σ P x².
  @inline(__always)
  private func step(_ p: Lanes, _ sums: Lanes, truth: Float, weight: Float) -> Bank.Step {
    if isLogarithmic { return countStep(p[0], sums[0], truth: truth, weight: weight) }
    let errors = truth - p
    let lane = leader ?? 0
    let gradient = -errors[lane & 7]
    if isRegression {
      let inverses = 1 / (1 + sums)
      return Bank.Step(
        errors: errors.clipped(LinearExperts.regressionClip) * inverses, inverses: inverses,
        hasLeader: leader != nil, lane: lane, gradient: gradient.clipped(LinearExperts.leaderClip))
    }
    let curvatures = (p * (1 - p)).atLeast(Lanes(repeating: LinearExperts.leastCurvature)) * weight
    let shares = 1 / (1 + sums * curvatures)
    return Bank.Step(
      errors: errors * shares * (gain * weight), inverses: curvatures * shares, hasLeader: leader != nil, lane: lane,
      gradient: gradient * weight)
  }

  /// Of the one expert that a logarithmic link allows. The loss is the Poisson deviance; an error counts as far as three
  /// deviations, or three counts where these are more.
  private func countStep(_ expected: Float, _ sum: Float, truth: Float, weight: Float) -> Bank.Step {
    let information = max(expected, LinearExperts.leastCurvature) * weight
    let share = 1 / (1 + sum * information)
    let bound = LinearExperts.regressionClip * max(1, information.squareRoot())
    var error = ((truth - expected) * weight).clipped(bound) * share
    // Where the exponential rises, Newton's step leaps beyond the truth: that far and no further.
    if error > 0, sum > 0 {
      error = min(error, Float(Elementary.log(Double(truth) / Double(max(expected, 1e-30)))) / sum)
    }
    return Bank.Step(
      errors: Lanes(repeating: error), inverses: Lanes(repeating: information * share), hasLeader: false, lane: 0,
      gradient: 0)
  }
}

extension LinearExperts {
  private var lanes: Int { filters + (leader == nil ? 0 : 1) }

  func encode(into writer: inout ByteWriter) {
    writer.append(fixed: rows)
    for bank in isCurved ? [plain, curved, hats] : [plain] {
      bank.encode(into: &writer, lanes: lanes, variances: filters, hasLeader: leader != nil)
    }
  }

  /// Reads experts of as many slots.
  init(
    from reader: inout ByteReader, task: Task, constants: MixtureConstants, width: Int, hats hatWidth: Int
  ) throws(ByteError) {
    self.init(task: task, constants: constants)
    rows = try reader.fixed()
    plain = try bank(from: &reader, slots: width)
    guard isCurved else { return }
    curved = try bank(from: &reader, slots: width)
    hats = try bank(from: &reader, slots: hatWidth)
  }

  private func bank(from reader: inout ByteReader, slots: Int) throws(ByteError) -> Bank {
    try Bank(
      from: &reader, slots: slots, outputs: outputs, lanes: lanes, variances: filters, hasLeader: leader != nil)
  }
}

extension Elementary {
  /// Turns the logits of every class into probabilities, lane by lane.
  static func softmax(_ logits: inout [Members]) {
    var top = logits[0]
    for value in logits { top = value.replacing(with: top, where: top .> value) }
    var sum = Members()
    for output in logits.indices {
      logits[output] = exp(logits[output] - top)
      sum += logits[output]
    }
    for output in logits.indices { logits[output] /= sum }
  }
}
