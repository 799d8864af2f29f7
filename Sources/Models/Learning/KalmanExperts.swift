import Bytes

/// Linear models over the same sparse rows, learned side by side. Each keeps per slot a weight and its variance and
/// moves by an extended Kalman filter whose covariance is kept diagonal; a variance grows by the expert's process
/// noise per row, at most back to the prior of 1, when its slot is next touched.
///
/// Several classes: one logit a class. The logit of a class against the mean of the others has C/(C − 1) times the
/// variance of the class's own weights; that product is what `variances` holds, so that two classes learn exactly
/// as one logistic logit does.
struct KalmanExperts: Equatable, Sendable {
  private static let leastCurvature = 1e-3
  private static let classificationClip = 1e3
  static let regressionClip = 3.0

  let task: Task
  let experts: Int
  /// Lane `output · experts + expert`.
  let lanes: Int
  private let gain: Double
  private let noises: [Double]
  /// `slot · lanes + lane`.
  private var weights: [Double] = []
  private var variances: [Double] = []
  /// The row at which a slot's variances were last brought up to date.
  private var touched: [Double] = []
  private var rows = 0.0

  init(task: Task, family: Family) {
    self.task = task
    experts = family.processNoises.count
    lanes = experts * task.outputs
    gain = task.outputs == 1 ? 1 : Double(task.outputs - 1) / Double(task.outputs)
    noises = (0..<task.outputs).flatMap { _ in family.processNoises }
  }

  /// Makes room for slots that the encoder added.
  mutating func widen(to width: Int) {
    guard width > touched.count else { return }
    let added = width - touched.count
    weights.append(contentsOf: repeatElement(0, count: added * lanes))
    variances.append(contentsOf: repeatElement(1, count: added * lanes))
    touched.append(contentsOf: repeatElement(rows, count: added))
  }

  /// Sets `logits` to w · x, lane by lane. Slots that no row has widened to weigh nothing.
  func score(_ row: borrowing SparseRow, into logits: inout [Double]) {
    KalmanExperts.dot(row, weights, lanes: lanes, into: &logits)
  }

  /// One step on the scratch's row with its label: standardised value, 0 or 1, or index of the class.
  mutating func learn(label: Double, _ scratch: inout Scratch) {
    rows += 1
    KalmanExperts.dot(scratch.row, weights, lanes: lanes, into: &scratch.logits)
    KalmanExperts.spread(
      scratch.row, &variances, &touched, noises: noises, now: rows, lanes: lanes, into: &scratch.spreads)
    correct(label, &scratch)
    KalmanExperts.move(
      scratch.row, &weights, &variances, lanes: lanes, gain: gain, errors: scratch.logits, spreads: scratch.spreads)
  }

  /// Turns logits into scaled errors and spreads into S, in place.
  private func correct(_ label: Double, _ scratch: inout Scratch) {
    switch task {
    case .regression:
      for lane in 0..<lanes {
        let spread = 1 + scratch.spreads[lane]
        scratch.spreads[lane] = spread
        scratch.logits[lane] = (label - scratch.logits[lane]).clipped(KalmanExperts.regressionClip) / spread
      }
      return
    case .binary:
      for lane in 0..<lanes { scratch.logits[lane] = Elementary.sigmoid(scratch.logits[lane]) }
    case .multiclass:
      for expert in 0..<experts {
        Elementary.softmax(&scratch.logits, start: expert, stride: experts, count: task.outputs)
      }
    }
    let isBinary = task == .binary
    for lane in 0..<lanes {
      let p = scratch.logits[lane]
      let truth = isBinary ? label : Double(lane / experts) == label ? 1 : 0
      let curvature = max(p * (1 - p), KalmanExperts.leastCurvature)
      let spread = 1 / curvature + scratch.spreads[lane]
      scratch.spreads[lane] = spread
      scratch.logits[lane] = ((truth - p) / curvature).clipped(KalmanExperts.classificationClip) / spread
    }
  }
}

// The kernels are static and take the parts that they touch: two spans of one struct would overlap.
extension KalmanExperts {
  private static func dot(
    _ row: borrowing SparseRow, _ weights: [Double], lanes: Int, into logits: inout [Double]
  ) {
    let slots = row.slots.span
    let values = row.values.span
    let weights = weights.span
    var sums = logits.mutableSpan
    for lane in 0..<lanes { sums[lane] = 0 }
    for entry in slots.indices {
      let x = values[entry]
      let base = Int(slots[entry]) * lanes
      guard base < weights.count else { continue }
      for lane in 0..<lanes { sums[lane] += weights[base + lane] * x }
    }
  }

  /// Brings the variances of a row's slots up to date and sets `spreads` to Σ P x².
  private static func spread(
    _ row: borrowing SparseRow, _ variances: inout [Double], _ touched: inout [Double], noises: [Double], now: Double,
    lanes: Int, into spreads: inout [Double]
  ) {
    let slots = row.slots.span
    let values = row.values.span
    let noises = noises.span
    var variances = variances.mutableSpan
    var touched = touched.mutableSpan
    var sums = spreads.mutableSpan
    for lane in 0..<lanes { sums[lane] = 0 }
    for entry in slots.indices {
      let slot = Int(slots[entry])
      let square = values[entry] * values[entry]
      let age = now - touched[slot]
      touched[slot] = now
      let base = slot * lanes
      for lane in 0..<lanes {
        let grown = variances[base + lane] + noises[lane] * age
        let variance = grown < 1 ? grown : 1
        variances[base + lane] = variance
        sums[lane] += variance * square
      }
    }
  }

  private static func move(
    _ row: borrowing SparseRow, _ weights: inout [Double], _ variances: inout [Double], lanes: Int, gain: Double,
    errors: [Double], spreads: [Double]
  ) {
    let slots = row.slots.span
    let values = row.values.span
    let errors = errors.span
    let spreads = spreads.span
    var weights = weights.mutableSpan
    var variances = variances.mutableSpan
    for entry in slots.indices {
      let x = values[entry]
      let base = Int(slots[entry]) * lanes
      for lane in 0..<lanes {
        let pull = variances[base + lane] * x
        weights[base + lane] += gain * pull * errors[lane]
        variances[base + lane] *= 1 - pull * x / spreads[lane]
      }
    }
  }
}

extension KalmanExperts {
  func encode(into writer: inout ByteWriter) {
    for value in touched { writer.append(value) }
    for value in weights { writer.append(value) }
    for value in variances { writer.append(value) }
  }

  /// Reads experts of `width` slots that learned `rows` rows; the numbers that must follow are counted before anything
  /// is allocated.
  init(from reader: inout ByteReader, task: Task, family: Family, width: Int, rows: Int) throws(ByteError) {
    self.init(task: task, family: family)
    self.rows = Double(rows)
    guard width <= reader.remaining / (8 * (1 + 2 * lanes)) else { throw reader.failure("weights cut short") }
    touched.reserveCapacity(width)
    weights.reserveCapacity(width * lanes)
    variances.reserveCapacity(width * lanes)
    for _ in 0..<width { touched.append(try reader.finite(in: 0...self.rows)) }
    for _ in 0..<width * lanes { weights.append(try reader.finite(in: -1e100...1e100)) }
    for _ in 0..<width * lanes { variances.append(try reader.finite(in: 0...1)) }
  }
}
