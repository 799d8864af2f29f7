import Bytes

/// A network of one hidden layer of 32 rectified units over block A, learned by Adam in small batches, half of them of
/// the newest rows and half drawn from the last 2,000.
struct Network: Sendable {
  static let initialDeviation = 0.2
  /// What the first slot's weights are multiplied by: with 2 the thresholds of the units follow a change twice as fast as
  /// with 1, which measured better on every stream that shifts.
  static let bias: Float = 2
  /// Rows between two visits to the optimiser, which takes as many new rows and as many old ones into each batch.
  static let period = 4
  static let batch = 2 * period
  static let steps = 2
  private static let vectors = Units.count / 8

  let task: Task
  let outputs: Int
  /// Vectors of eight: four of output weights an output; the outputs' biases; then four of hidden weights an input.
  private(set) var parameters: [Lanes]
  private(set) var firsts: [Lanes]
  private(set) var seconds: [Lanes]
  private(set) var replay: Replay
  private(set) var steps = 0
  private(set) var rows = 0
  private var generator: SeededGenerator
  private let seed: UInt64
  /// All zero between steps.
  private var gradients: [Lanes]
  private var work: Work

  /// What a step works in, by row of the batch.
  private struct Work {
    /// In the replay.
    var places = [Int](repeating: 0, count: batch)
    var hidden = [Units](repeating: Units(), count: batch)
    /// `row · outputs + output`: logits, then the loss's gradients by them.
    var errors: [Float]

    init(outputs: Int) { errors = [Float](repeating: 0, count: batch * outputs) }
  }

  private var biases: Int { Network.places(outputs: outputs).biases }
  private var head: Int { Network.places(outputs: outputs).head }
  var inputs: Int { (parameters.count - head) / Network.vectors }

  init(task: Task, entries: Int, seed: UInt64) {
    self.task = task
    self.seed = seed
    outputs = task.outputs
    replay = Replay(entries: entries)
    generator = SeededGenerator(seed: seed, for: "replay")
    parameters = [Lanes](repeating: Lanes(), count: outputs * Network.vectors + (outputs + 7) / 8)
    (firsts, seconds, gradients) = (parameters, parameters, parameters)
    work = Work(outputs: outputs)
  }

  /// Makes room for inputs that the encoder added, with weights that depend on the input's name alone.
  mutating func widen(_ encoder: borrowing Encoder) {
    for input in inputs..<max(inputs, encoder.inputs.count) {
      let (column, part) = encoder.name(ofInput: input)
      var generator = SeededGenerator(seed: seed, for: column, part)
      for _ in 0..<Network.vectors {
        var weights = Lanes()
        for unit in weights.indices { weights[unit] = Float(Network.initialDeviation * generator.normal()) }
        parameters.append(weights)
      }
    }
    let added = parameters.count - firsts.count
    firsts.append(contentsOf: repeatElement(Lanes(), count: added))
    seconds.append(contentsOf: repeatElement(Lanes(), count: added))
    gradients.append(contentsOf: repeatElement(Lanes(), count: added))
  }

  /// The logit of each output, or the standardised value.
  @inline(__always)
  func score(_ row: borrowing EncodedRow, _ inputs: borrowing NetworkInputs, into logits: inout [Float]) {
    let hidden = Network.hidden(row, inputs.of, parameters, head: head).rectified
    for output in 0..<outputs {
      logits[output] = bias(output) + hidden.dot(Network.units(parameters, output * Network.vectors))
    }
  }

  func bias(_ output: Int) -> Float { parameters[biases + output / 8][output % 8] }

  /// What an entry of this input adds to the hidden units, for a value of 1.
  func hidden(ofInput input: Int) -> [Float] {
    let start = head + input * Network.vectors
    let scale = input == 0 ? Network.bias : 1
    return (0..<Units.count).map { parameters[start + $0 / 8][$0 % 8] * scale }
  }

  /// Takes a row with its label, and every fourth time two steps.
  @inline(__always)
  mutating func learn(
    _ row: borrowing EncodedRow, _ inputs: borrowing NetworkInputs, label: Float, weights: ClassWeights
  ) {
    replay.append(row, inputs, label: label)
    rows += 1
    guard rows % Network.period == 0, replay.count >= Network.period else { return }
    for _ in 0..<Network.steps { step(weights) }
  }

  /// One step by the newest rows and as many drawn ones.
  private mutating func step(_ weights: ClassWeights) {
    for age in 0..<Network.period { work.places[age] = replay.place(age: age) }
    for drawn in Network.period..<Network.batch { work.places[drawn] = generator.below(replay.count) }
    Network.forward(replay, parameters, outputs: outputs, &work)
    let (labels, places) = (replay.labels, work.places)
    Gradients.differentiate(&work.errors, rows: Network.batch, task: task, weights: weights) { labels[places[$0]] }
    Network.backward(replay, parameters, outputs: outputs, work, &gradients)
    steps += 1
    Adam.move(&parameters, &firsts, &seconds, &gradients, rate: Adam.rate(step: steps))
  }

  private static func forward(
    _ replay: borrowing Replay, _ parameters: [Lanes], outputs: Int, _ work: inout Work
  ) {
    let parameters = parameters.span
    let rows = replay.rows.span
    let (biases, head) = places(outputs: outputs)
    for row in 0..<batch {
      let start = work.places[row] * replay.entries
      let sum = hidden(rows, from: start, to: start + replay.entries, parameters, head: head)
      work.hidden[row] = sum
      let active = sum.rectified
      for output in 0..<outputs {
        work.errors[row * outputs + output] =
          parameters[biases + output / 8][output % 8] + active.dot(units(parameters, output * vectors))
      }
    }
  }

  /// Adds the gradients of the batch's rows, of which each has an equal share.
  private static func backward(
    _ replay: borrowing Replay, _ parameters: [Lanes], outputs: Int, _ work: borrowing Work,
    _ gradients: inout [Lanes]
  ) {
    let parameters = parameters.span
    let rows = replay.rows.span
    let (biases, head) = places(outputs: outputs)
    var gradients = gradients.mutableSpan
    for row in 0..<batch {
      let sum = work.hidden[row]
      let active = sum.rectified
      var back = Units()
      for output in 0..<outputs {
        let error = work.errors[row * outputs + output] * (1 / Float(batch))
        gradients[biases + output / 8][output % 8] += error
        back += units(parameters, output * vectors) * error
        add(active * error, to: &gradients, at: output * vectors)
      }
      let start = work.places[row] * replay.entries
      spread(back.gated(by: sum), rows, from: start, to: start + replay.entries, &gradients, head: head)
    }
  }

  /// Vectors before the biases, and before the first input's.
  @inline(__always)
  private static func places(outputs: Int) -> (biases: Int, head: Int) {
    (outputs * vectors, outputs * vectors + (outputs + 7) / 8)
  }
}

// Kernels.
extension Network {
  @inline(__always)
  private static func units(_ vectors: [Lanes], _ place: Int) -> Units { units(vectors.span, place) }

  @inline(__always)
  private static func units(_ vectors: Span<Lanes>, _ place: Int) -> Units {
    Units(a: vectors[place], b: vectors[place + 1], c: vectors[place + 2], d: vectors[place + 3])
  }

  @inline(__always)
  private static func add(_ units: Units, to vectors: inout MutableSpan<Lanes>, at place: Int) {
    vectors[place] += units.a
    vectors[place + 1] += units.b
    vectors[place + 2] += units.c
    vectors[place + 3] += units.d
  }

  @inline(__always)
  private static func hidden(
    _ row: borrowing EncodedRow, _ inputs: [Int32], _ parameters: [Lanes], head: Int
  ) -> Units {
    let entries = row.entries.span
    let inputs = inputs.span
    let parameters = parameters.span
    var sum = units(parameters, head) * bias
    for index in 1..<row.baseCount {
      let place = head + Int(inputs[Int(entries[index].slot)]) * vectors
      if place < parameters.count { sum += units(parameters, place) * entries[index].value }
    }
    return sum
  }

  /// Of a row of the replay, which ends where a slot is negative.
  @inline(__always)
  private static func hidden(
    _ rows: Span<Entry>, from start: Int, to end: Int, _ parameters: Span<Lanes>, head: Int
  ) -> Units {
    var sum = units(parameters, head) * bias
    for index in start..<end {
      let slot = Int(rows[index].slot)
      if slot < 0 { break }
      sum += units(parameters, head + slot * vectors) * rows[index].value
    }
    return sum
  }

  @inline(__always)
  private static func spread(
    _ back: Units, _ rows: Span<Entry>, from start: Int, to end: Int, _ gradients: inout MutableSpan<Lanes>, head: Int
  ) {
    add(back * bias, to: &gradients, at: head)
    for index in start..<end {
      let slot = Int(rows[index].slot)
      if slot < 0 { break }
      add(back * rows[index].value, to: &gradients, at: head + slot * vectors)
    }
  }
}

extension Network {
  func encode(into writer: inout ByteWriter) {
    NetworkState(
      rows: rows, steps: steps, generator: generator, parameters: parameters, firsts: firsts, seconds: seconds,
      replay: replay
    ).encode(into: &writer)
  }

  /// Reads a network of as many inputs as the encoder has.
  init(
    from reader: inout ByteReader, task: Task, encoder: borrowing Encoder, seed: UInt64
  ) throws(ByteError) {
    self.init(task: task, entries: encoder.baseCapacity - 1, seed: seed)
    let count = head + encoder.inputs.count * Network.vectors
    let state = try NetworkState(from: &reader, task: task, vectors: count, bound: 1e6, encoder: encoder)
    (rows, steps, generator) = (state.rows, state.steps, state.generator)
    (parameters, firsts, seconds) = (state.parameters, state.firsts, state.seconds)
    gradients = [Lanes](repeating: Lanes(), count: count)
    replay = state.replay
  }
}
