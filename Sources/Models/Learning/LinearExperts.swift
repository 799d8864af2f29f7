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
  private static let classificationClip: Float = 1e3
  private static let leaderClip: Float = 5
  static let regressionClip: Float = 3

  let outputs: Int
  private let isRegression: Bool
  private let filters: Int
  /// Lane of FTRL, nil without one.
  private let leader: Int?
  private let noises: Lanes
  private let prior: Lanes
  private let gain: Float
  let isCurved: Bool
  private(set) var plain = Bank()
  private(set) var curved = Bank()
  /// The part of the curved scope that is over hats.
  private(set) var hats = Bank()
  private var rows: UInt32 = 0

  init(task: Task, constants: MixtureConstants) {
    isRegression = task == .regression
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
  }

  /// Logits of every expert for one row, output by output.
  struct Logits {
    var plain: [Lanes]
    var curved: [Lanes]

    init(outputs: Int) {
      plain = [Lanes](repeating: Lanes(), count: outputs)
      curved = plain
    }
  }

  /// What a step works in.
  struct Scratch {
    fileprivate var baseAges: [Float]
    fileprivate var hatAges: [Float]
    /// Logits of several classes, then their probabilities.
    fileprivate var logits: [Lanes]
    fileprivate var sums: [Lanes]

    init(_ encoder: borrowing Encoder, outputs: Int) {
      baseAges = [Float](repeating: 0, count: encoder.baseCapacity)
      hatAges = [Float](repeating: 0, count: encoder.hatCapacity)
      logits = [Lanes](repeating: Lanes(), count: outputs)
      sums = logits
    }
  }

  mutating func widen(to width: Int, hats hatWidth: Int) {
    plain.widen(to: width, outputs: outputs, prior: prior, now: rows)
    guard isCurved else { return }
    curved.widen(to: width, outputs: outputs, prior: prior, now: rows)
    hats.widen(to: hatWidth, outputs: outputs, prior: prior, now: rows)
  }

  func score(_ row: borrowing EncodedRow, into logits: inout Logits) {
    for output in 0..<outputs {
      logits.plain[output] = Bank.dot(row.base, plain.weights, output: output, of: outputs)
      guard isCurved else { continue }
      logits.curved[output] =
        Bank.dot(row.base, curved.weights, output: output, of: outputs)
        + Bank.dot(row.hats, hats.weights, output: output, of: outputs)
    }
  }

  /// One step on a row with its label: standardised value, 0 or 1, or index of the class.
  mutating func learn(_ row: borrowing EncodedRow, label: Float, _ scratch: inout Scratch) {
    rows &+= 1
    learnPlain(row, label, &scratch)
    if isCurved { learnCurved(row, label, &scratch) }
  }

  private mutating func learnPlain(_ row: borrowing EncodedRow, _ label: Float, _ scratch: inout Scratch) {
    Bank.touch(row.base, &plain.touched, now: rows, into: &scratch.baseAges)
    guard outputs > 1 else {
      let (logits, sums) = advancePlain(row, scratch.baseAges, output: 0)
      movePlain(row, step(isRegression ? logits : Elementary.sigmoid(logits), sums, truth: label), output: 0)
      return
    }
    for output in 0..<outputs {
      (scratch.logits[output], scratch.sums[output]) = advancePlain(row, scratch.baseAges, output: output)
    }
    Elementary.softmax(&scratch.logits)
    for output in 0..<outputs {
      let truth: Float = Float(output) == label ? 1 : 0
      movePlain(row, step(scratch.logits[output], scratch.sums[output], truth: truth), output: output)
    }
  }

  private mutating func learnCurved(_ row: borrowing EncodedRow, _ label: Float, _ scratch: inout Scratch) {
    Bank.touch(row.base, &curved.touched, now: rows, into: &scratch.baseAges)
    Bank.touch(row.hats, &hats.touched, now: rows, into: &scratch.hatAges)
    guard outputs > 1 else {
      let (logits, sums) = advanceCurved(row, scratch.baseAges, scratch.hatAges, output: 0)
      moveCurved(row, step(isRegression ? logits : Elementary.sigmoid(logits), sums, truth: label), output: 0)
      return
    }
    for output in 0..<outputs {
      (scratch.logits[output], scratch.sums[output]) = advanceCurved(
        row, scratch.baseAges, scratch.hatAges, output: output)
    }
    Elementary.softmax(&scratch.logits)
    for output in 0..<outputs {
      let truth: Float = Float(output) == label ? 1 : 0
      moveCurved(row, step(scratch.logits[output], scratch.sums[output], truth: truth), output: output)
    }
  }

  @inline(__always)
  private mutating func advancePlain(
    _ row: borrowing EncodedRow, _ ages: [Float], output: Int
  ) -> (logits: Lanes, sums: Lanes) {
    Bank.advance(
      row.base, plain.weights, &plain.variances, ages: ages, noises: noises, output: output, of: outputs)
  }

  @inline(__always)
  private mutating func advanceCurved(
    _ row: borrowing EncodedRow, _ baseAges: [Float], _ hatAges: [Float], output: Int
  ) -> (logits: Lanes, sums: Lanes) {
    let base = Bank.advance(
      row.base, curved.weights, &curved.variances, ages: baseAges, noises: noises, output: output, of: outputs)
    let hat = Bank.advance(
      row.hats, hats.weights, &hats.variances, ages: hatAges, noises: noises, output: output, of: outputs)
    return (base.logits + hat.logits, base.sums + hat.sums)
  }

  @inline(__always)
  private mutating func movePlain(_ row: borrowing EncodedRow, _ step: Step, output: Int) {
    Bank.move(
      row.base, &plain.weights, &plain.variances, errors: step.errors, spreads: step.spreads, output: output,
      of: outputs)
    guard let leader else { return }
    Bank.lead(
      row.base, &plain.weights, &plain.sums, &plain.squares, lane: leader, gradient: step.gradient, output: output,
      of: outputs)
  }

  @inline(__always)
  private mutating func moveCurved(_ row: borrowing EncodedRow, _ step: Step, output: Int) {
    Bank.move(
      row.base, &curved.weights, &curved.variances, errors: step.errors, spreads: step.spreads, output: output,
      of: outputs)
    Bank.move(
      row.hats, &hats.weights, &hats.variances, errors: step.errors, spreads: step.spreads, output: output,
      of: outputs)
    guard let leader else { return }
    Bank.lead(
      row.base, &curved.weights, &curved.sums, &curved.squares, lane: leader, gradient: step.gradient,
      output: output, of: outputs)
    Bank.lead(
      row.hats, &hats.weights, &hats.sums, &hats.squares, lane: leader, gradient: step.gradient, output: output,
      of: outputs)
  }

  /// What one output's weights move by: errors over spreads, spreads, and the leader's gradient.
  private struct Step {
    let errors: Lanes
    let spreads: Lanes
    let gradient: Float
  }

  /// From an output's values or probabilities and Σ P x².
  @inline(__always)
  private func step(_ p: Lanes, _ sums: Lanes, truth: Float) -> Step {
    let error = truth - p
    if isRegression {
      let spread = 1 + sums
      return Step(
        errors: error.clipped(LinearExperts.regressionClip) / spread, spreads: spread,
        gradient: leader.map { (-error[$0]).clipped(LinearExperts.leaderClip) } ?? 0)
    }
    let curvature = (p * (1 - p)).atLeast(Lanes(repeating: LinearExperts.leastCurvature))
    let inverse = 1 / curvature
    let spread = inverse + sums
    return Step(
      errors: (error * inverse).clipped(LinearExperts.classificationClip) / spread * gain, spreads: spread,
      gradient: leader.map { p[$0] - truth } ?? 0)
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
  static func softmax(_ logits: inout [Lanes]) {
    var top = logits[0]
    for value in logits { top = value.replacing(with: top, where: top .> value) }
    var sum = Lanes()
    for output in logits.indices {
      logits[output] = exp(logits[output] - top)
      sum += logits[output]
    }
    for output in logits.indices { logits[output] /= sum }
  }
}
