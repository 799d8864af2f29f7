import Bytes

/// What linear models, one in each lane, keep of one output of one slot: side by side, since a step reads and writes
/// all of it.
///
/// Lanes of a Kalman filter have a variance beside the weight. The lane of the follow-the-regularised-leader learner
/// has variance 0, so that the filter leaves it alone, and moves by its own two sums instead.
struct Cell: Equatable, Sendable {
  var weights = Lanes()
  var variances = Lanes()
  /// FTRL's z and n, and √n.
  var sum: Float = 0
  var square: Float = 0
  var root: Float = 0
  /// The row at which the variances were last brought up to date, modulo 2^32: the growth of a variance is over long
  /// before the count comes round. The same for every output of a slot.
  var touched: UInt32 = 0
}

/// Linear models over the same slots, one in each lane, and for each output one cell a slot.
struct Bank: Equatable, Sendable {
  let outputs: Int
  /// `slot · outputs + output`.
  private(set) var cells: [Cell] = []

  init(outputs: Int) { self.outputs = outputs }

  /// Makes room for slots that the encoder added.
  mutating func widen(to slots: Int, prior: Lanes, now: UInt32) {
    let added = slots * outputs - cells.count
    guard added > 0 else { return }
    cells.append(contentsOf: repeatElement(Cell(variances: prior, touched: now), count: added))
  }
}

// Steps on one output of the entries of a row that lie in a range.
extension Bank {
  /// w · x, lane by lane. A slot that the bank does not know yet weighs nothing.
  @inline(__always)
  func dot(_ row: borrowing EncodedRow, _ range: Range<Int>, output: Int) -> Lanes {
    let entries = row.entries.span
    let cells = cells.span
    var sum = Lanes()
    for index in range {
      let place = Int(entries[index].slot) &* outputs &+ output
      if place < cells.count { sum += cells[place].weights * entries[index].value }
    }
    return sum
  }

  /// Lets the variances of the row's slots grow by the rows since they were last touched, and adds up Σ P x².
  @inline(__always)
  mutating func advance(
    _ row: borrowing EncodedRow, _ range: Range<Int>, noises: Lanes, now: UInt32, output: Int
  ) -> Lanes {
    let entries = row.entries.span
    let outputs = outputs
    var cells = cells.mutableSpan
    var sums = Lanes()
    let one = Lanes(repeating: 1)
    for index in range {
      let place = Int(entries[index].slot) &* outputs &+ output
      let value = entries[index].value
      let age = Float(now &- cells[place].touched)
      let variance = (cells[place].variances + noises * age).atMost(one)
      cells[place].variances = variance
      cells[place].touched = now
      sums += variance * (value * value)
    }
    return sums
  }

  /// The filters' step and the leader's.
  @inline(__always)
  mutating func move(_ row: borrowing EncodedRow, _ range: Range<Int>, by step: Step, output: Int) {
    let entries = row.entries.span
    let outputs = outputs
    var cells = cells.mutableSpan
    for index in range {
      let place = Int(entries[index].slot) &* outputs &+ output
      let value = entries[index].value
      let variance = cells[place].variances
      let pull = variance * value
      // Known to be below eight, one lane is read and written without the others.
      let lane = step.lane & 7
      let lead = cells[place].weights[lane]
      cells[place].weights += pull * step.errors
      cells[place].variances = (variance - pull * pull * step.inverses).atLeast(Lanes())
      if step.hasLeader { cells[place].weights[lane] = cells[place].led(lead, by: step.gradient * value) }
    }
  }

  /// What one output's weights move by.
  struct Step {
    /// e/S times what scales the step of the weights, and 1/S.
    let errors: Lanes
    let inverses: Lanes
    let hasLeader: Bool
    let lane: Int
    let gradient: Float
  }
}

extension Cell {
  /// One step of FTRL-proximal (McMahan and others 2013), α = 0.05, β = 1, no regularisation: from the leader's weight
  /// to the next one.
  @inline(__always)
  fileprivate mutating func led(_ weight: Float, by gradient: Float) -> Float {
    square += gradient * gradient
    let next = square.squareRoot()
    sum += gradient - (next - root) * 20 * weight
    root = next
    return -0.05 * sum / (1 + next)
  }
}

extension Bank {
  func encode(into writer: inout ByteWriter, lanes: Int, variances count: Int, hasLeader: Bool) {
    for place in stride(from: 0, to: cells.count, by: outputs) { writer.append(fixed: cells[place].touched) }
    writer.append(cells.lazy.map(\.weights), lanes: lanes)
    writer.append(cells.lazy.map(\.variances), lanes: count)
    guard hasLeader else { return }
    for cell in cells { writer.append(cell.sum) }
    for cell in cells { writer.append(cell.square) }
  }

  init(
    from reader: inout ByteReader, slots: Int, outputs: Int, lanes: Int, variances count: Int, hasLeader: Bool
  ) throws(ByteError) {
    self.init(outputs: outputs)
    let (vectors, overflow) = slots.multipliedReportingOverflow(by: outputs)
    guard !overflow else { throw reader.failure("\(slots) slots of \(outputs) outputs") }
    try reader.expect(slots, ofBytes: 4)
    var touched: [UInt32] = []
    touched.reserveCapacity(slots)
    for _ in 0..<slots { touched.append(try reader.fixed()) }
    cells = try reader.vectors(vectors, lanes: lanes, in: -1e10...1e10).map { Cell(weights: $0) }
    let variances = try reader.vectors(vectors, lanes: count, in: 0...1)
    for place in cells.indices {
      (cells[place].variances, cells[place].touched) = (variances[place], touched[place / outputs])
    }
    guard hasLeader else { return }
    let sums = try reader.floats(vectors, in: -1e15...1e15)
    let squares = try reader.floats(vectors, in: 0...1e18)
    for place in cells.indices {
      (cells[place].sum, cells[place].square) = (sums[place], squares[place])
      cells[place].root = squares[place].squareRoot()
    }
  }
}
