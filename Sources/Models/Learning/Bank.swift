import Bytes

/// Linear models over the same slots, one in each lane, and for each output one vector of lanes a slot.
///
/// Lanes of a Kalman filter have a variance beside the weight. The lane of the follow-the-regularised-leader learner
/// has variance 0, so that the filter leaves it alone, and moves by its own two sums instead.
struct Bank: Equatable, Sendable {
  /// `slot · outputs + output`.
  var weights: [Lanes] = []
  var variances: [Lanes] = []
  /// By the same index: FTRL's z and n.
  var sums: [Float] = []
  var squares: [Float] = []
  /// The row at which a slot's variances were last brought up to date, modulo 2^32: the growth of a variance is over
  /// long before the count comes round.
  var touched: [UInt32] = []

  var slots: Int { touched.count }

  /// Makes room for slots that the encoder added.
  mutating func widen(to slots: Int, outputs: Int, prior: Lanes, now: UInt32) {
    let added = slots - touched.count
    guard added > 0 else { return }
    weights.append(contentsOf: repeatElement(Lanes(), count: added * outputs))
    variances.append(contentsOf: repeatElement(prior, count: added * outputs))
    sums.append(contentsOf: repeatElement(0, count: added * outputs))
    squares.append(contentsOf: repeatElement(0, count: added * outputs))
    touched.append(contentsOf: repeatElement(now, count: added))
  }
}

// The kernels are static and take the parts that they touch: two spans of one struct would overlap.
extension Bank {
  /// w · x, lane by lane, for one output. A slot that the bank does not know yet weighs nothing.
  @inline(__always)
  static func dot(_ row: borrowing SparseRow, _ weights: [Lanes], output: Int, of outputs: Int) -> Lanes {
    let slots = row.slots.span
    let values = row.values.span
    let weights = weights.span
    var sum = Lanes()
    for entry in 0..<row.count {
      let place = Int(slots[entry]) &* outputs &+ output
      if place < weights.count { sum += weights[place] * values[entry] }
    }
    return sum
  }

  /// Rows since each of the row's slots was last touched; they are touched now.
  @inline(__always)
  static func touch(_ row: borrowing SparseRow, _ touched: inout [UInt32], now: UInt32, into ages: inout [Float]) {
    let slots = row.slots.span
    var touched = touched.mutableSpan
    var ages = ages.mutableSpan
    for entry in 0..<row.count {
      let slot = Int(slots[entry])
      ages[entry] = Float(now &- touched[slot])
      touched[slot] = now
    }
  }

  /// Lets the variances of the row's slots grow by their ages, and adds w · x and Σ P x².
  @inline(__always)
  static func advance(
    _ row: borrowing SparseRow, _ weights: [Lanes], _ variances: inout [Lanes], ages: [Float], noises: Lanes,
    output: Int, of outputs: Int
  ) -> (logits: Lanes, sums: Lanes) {
    let slots = row.slots.span
    let values = row.values.span
    let ages = ages.span
    let weights = weights.span
    var variances = variances.mutableSpan
    var logits = Lanes()
    var sums = Lanes()
    let one = Lanes(repeating: 1)
    for entry in 0..<row.count {
      let place = Int(slots[entry]) &* outputs &+ output
      let value = values[entry]
      let variance = (variances[place] + noises * ages[entry]).atMost(one)
      variances[place] = variance
      logits += weights[place] * value
      sums += variance * (value * value)
    }
    return (logits, sums)
  }

  /// The filter's step: `errors` are e/S times what scales the step of the weights, `spreads` S.
  @inline(__always)
  static func move(
    _ row: borrowing SparseRow, _ weights: inout [Lanes], _ variances: inout [Lanes], errors: Lanes, spreads: Lanes,
    output: Int, of outputs: Int
  ) {
    let slots = row.slots.span
    let values = row.values.span
    var weights = weights.mutableSpan
    var variances = variances.mutableSpan
    let inverse = 1 / spreads
    for entry in 0..<row.count {
      let place = Int(slots[entry]) &* outputs &+ output
      let variance = variances[place]
      let pull = variance * values[entry]
      weights[place] += pull * errors
      variances[place] = (variance - pull * pull * inverse).atLeast(Lanes())
    }
  }

  /// One step of FTRL-proximal (McMahan and others 2013) in one lane, α = 0.05, β = 1, no regularisation.
  @inline(__always)
  static func lead(
    _ row: borrowing SparseRow, _ weights: inout [Lanes], _ sums: inout [Float], _ squares: inout [Float],
    lane: Int, gradient: Float, output: Int, of outputs: Int
  ) {
    let slots = row.slots.span
    let values = row.values.span
    var weights = weights.mutableSpan
    var sums = sums.mutableSpan
    var squares = squares.mutableSpan
    // Known to be below eight, one lane is read and written without the others.
    let lane = lane & 7
    for entry in 0..<row.count {
      let place = Int(slots[entry]) &* outputs &+ output
      let pull = gradient * values[entry]
      let before = squares[place]
      let after = before + pull * pull
      let root = after.squareRoot()
      let sum = sums[place] + pull - (root - before.squareRoot()) * 20 * weights[place][lane]
      sums[place] = sum
      squares[place] = after
      weights[place][lane] = -0.05 * sum / (1 + root)
    }
  }
}

extension Bank {
  func encode(into writer: inout ByteWriter, lanes: Int, variances count: Int, hasLeader: Bool) {
    for row in touched { writer.append(fixed: row) }
    writer.append(weights, lanes: lanes)
    writer.append(variances, lanes: count)
    guard hasLeader else { return }
    writer.append(sums)
    writer.append(squares)
  }

  init(
    from reader: inout ByteReader, slots: Int, outputs: Int, lanes: Int, variances count: Int, hasLeader: Bool
  ) throws(ByteError) {
    let (vectors, overflow) = slots.multipliedReportingOverflow(by: outputs)
    guard !overflow else { throw reader.failure("\(slots) slots of \(outputs) outputs") }
    try reader.expect(slots, ofBytes: 4)
    touched.reserveCapacity(slots)
    for _ in 0..<slots { touched.append(try reader.fixed()) }
    weights = try reader.vectors(vectors, lanes: lanes, in: -1e10...1e10)
    variances = try reader.vectors(vectors, lanes: count, in: 0...1)
    sums = hasLeader ? try reader.floats(vectors, in: -1e15...1e15) : [Float](repeating: 0, count: vectors)
    squares = hasLeader ? try reader.floats(vectors, in: 0...1e18) : [Float](repeating: 0, count: vectors)
  }
}
