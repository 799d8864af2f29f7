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

  let task: Task
  let outputs: Int
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
    self.task = task
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
    fileprivate var errors: [Lanes]
    fileprivate var spreads: [Lanes]
    fileprivate var gradients: [Float]

    init(_ encoder: borrowing Encoder, outputs: Int) {
      baseAges = [Float](repeating: 0, count: encoder.baseCapacity)
      hatAges = [Float](repeating: 0, count: encoder.hatCapacity)
      errors = [Lanes](repeating: Lanes(), count: outputs)
      spreads = errors
      gradients = [Float](repeating: 0, count: outputs)
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
    for output in 0..<outputs {
      (scratch.errors[output], scratch.spreads[output]) = Bank.advance(
        row.base, plain.weights, &plain.variances, ages: scratch.baseAges, noises: noises, output: output, of: outputs)
    }
    correct(label, &scratch)
    for output in 0..<outputs {
      Bank.move(
        row.base, &plain.weights, &plain.variances, errors: scratch.errors[output], spreads: scratch.spreads[output],
        output: output, of: outputs)
      guard let leader else { continue }
      Bank.lead(
        row.base, &plain.weights, &plain.sums, &plain.squares, lane: leader, gradient: scratch.gradients[output],
        output: output, of: outputs)
    }
  }

  private mutating func learnCurved(_ row: borrowing EncodedRow, _ label: Float, _ scratch: inout Scratch) {
    Bank.touch(row.base, &curved.touched, now: rows, into: &scratch.baseAges)
    Bank.touch(row.hats, &hats.touched, now: rows, into: &scratch.hatAges)
    for output in 0..<outputs {
      let base = Bank.advance(
        row.base, curved.weights, &curved.variances, ages: scratch.baseAges, noises: noises, output: output,
        of: outputs)
      let hat = Bank.advance(
        row.hats, hats.weights, &hats.variances, ages: scratch.hatAges, noises: noises, output: output, of: outputs)
      scratch.errors[output] = base.logits + hat.logits
      scratch.spreads[output] = base.spreads + hat.spreads
    }
    correct(label, &scratch)
    for output in 0..<outputs {
      let (errors, spreads) = (scratch.errors[output], scratch.spreads[output])
      Bank.move(
        row.base, &curved.weights, &curved.variances, errors: errors, spreads: spreads, output: output, of: outputs)
      Bank.move(
        row.hats, &hats.weights, &hats.variances, errors: errors, spreads: spreads, output: output, of: outputs)
      guard let leader else { continue }
      let gradient = scratch.gradients[output]
      Bank.lead(
        row.base, &curved.weights, &curved.sums, &curved.squares, lane: leader, gradient: gradient, output: output,
        of: outputs)
      Bank.lead(
        row.hats, &hats.weights, &hats.sums, &hats.squares, lane: leader, gradient: gradient, output: output,
        of: outputs)
    }
  }

  /// From logits and Σ P x² to the filter's errors and spreads, in place, and the leader's gradients.
  @inline(__always)
  private func correct(_ label: Float, _ scratch: inout Scratch) {
    if task == .regression {
      let spread = 1 + scratch.spreads[0]
      let error = label - scratch.errors[0]
      if let leader { scratch.gradients[0] = (-error[leader]).clipped(LinearExperts.leaderClip) }
      scratch.spreads[0] = spread
      scratch.errors[0] = error.clipped(LinearExperts.regressionClip) / spread
      return
    }
    if outputs == 1 {
      scratch.errors[0] = Elementary.sigmoid(scratch.errors[0])
    } else {
      Elementary.softmax(&scratch.errors)
    }
    for output in 0..<outputs {
      let truth: Float = outputs == 1 ? label : Float(output) == label ? 1 : 0
      let p = scratch.errors[output]
      let curvature = (p * (1 - p)).atLeast(Lanes(repeating: LinearExperts.leastCurvature))
      let inverse = 1 / curvature
      let spread = inverse + scratch.spreads[output]
      if let leader { scratch.gradients[output] = p[leader] - truth }
      scratch.spreads[output] = spread
      scratch.errors[output] = ((truth - p) * inverse).clipped(LinearExperts.classificationClip) / spread * gain
    }
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
