import Bytes

/// A network of one hidden layer of 32 rectified units over block A, learned by Adam in small batches, half of them of
/// the newest rows and half drawn from the last 2,000.
struct Network: Sendable {
  private static let initialDeviation = 0.2
  /// What the first slot's weights are multiplied by: with 2 the thresholds of the units follow a change twice as fast as
  /// with 1, which measured better on every stream that shifts.
  private static let bias: Float = 2
  /// Rows between two visits to the optimiser, which takes as many new rows and as many old ones into each batch.
  static let batch = 4
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
  private var errors: [Float]

  /// Vectors before the biases, and before the first input's.
  private var biases: Int { outputs * Network.vectors }
  private var head: Int { biases + (outputs + 7) / 8 }
  var inputs: Int { (parameters.count - head) / Network.vectors }

  init(task: Task, entries: Int, seed: UInt64) {
    self.task = task
    self.seed = seed
    outputs = task.outputs
    replay = Replay(entries: entries)
    generator = SeededGenerator(seed: seed, for: "replay")
    parameters = [Lanes](repeating: Lanes(), count: outputs * Network.vectors + (outputs + 7) / 8)
    (firsts, seconds, gradients) = (parameters, parameters, parameters)
    errors = [Float](repeating: 0, count: outputs)
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
  func score(_ row: borrowing SparseRow, _ inputs: borrowing NetworkInputs, into logits: inout [Float]) {
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
  mutating func learn(_ row: borrowing SparseRow, _ inputs: borrowing NetworkInputs, label: Float) {
    replay.append(row, inputs, label: label)
    rows += 1
    guard rows % Network.batch == 0 else { return }
    for _ in 0..<Network.steps {
      let size = min(Network.batch, replay.count)
      for age in 0..<size { accumulate(replay.place(age: age), share: 1 / Float(2 * size)) }
      for _ in 0..<size { accumulate(generator.below(replay.count), share: 1 / Float(2 * size)) }
      steps += 1
      Adam.move(&parameters, &firsts, &seconds, &gradients, rate: Adam.rate(step: steps))
    }
  }

  /// Adds the gradient of one replayed row.
  private mutating func accumulate(_ place: Int, share: Float) {
    let start = place * replay.entries
    let sum = Network.hidden(replay.slots, replay.values, from: start, entries: replay.entries, parameters, head: head)
    let hidden = sum.rectified
    for output in 0..<outputs {
      errors[output] = bias(output) + hidden.dot(Network.units(parameters, output * Network.vectors))
    }
    Network.gradient(&errors, label: replay.labels[place], task: task)
    var back = Units()
    for output in 0..<outputs {
      let error = errors[output] * share
      gradients[biases + output / 8][output % 8] += error
      back += Network.units(parameters, output * Network.vectors) * error
      Network.add(hidden * error, to: &gradients, at: output * Network.vectors)
    }
    Network.spread(
      replay.slots, replay.values, from: start, entries: replay.entries, back.gated(by: sum), &gradients, head: head)
  }

  /// From logits to the loss's gradient by them.
  private static func gradient(_ logits: inout [Float], label: Float, task: Task) {
    switch task {
    case .regression: logits[0] = (logits[0] - label).clipped(LinearExperts.regressionClip)
    case .binary: logits[0] = Elementary.sigmoid(logits[0]) - label
    case .multiclass:
      Elementary.softmax(&logits)
      logits[Int(label)] -= 1
    }
  }
}

// Kernels.
extension Network {
  @inline(__always)
  private static func units(_ vectors: [Lanes], _ place: Int) -> Units {
    Units(a: vectors[place], b: vectors[place + 1], c: vectors[place + 2], d: vectors[place + 3])
  }

  @inline(__always)
  private static func units(_ vectors: Span<Lanes>, _ place: Int) -> Units {
    Units(a: vectors[place], b: vectors[place + 1], c: vectors[place + 2], d: vectors[place + 3])
  }

  @inline(__always)
  private static func add(_ units: Units, to vectors: inout [Lanes], at place: Int) {
    vectors[place] += units.a
    vectors[place + 1] += units.b
    vectors[place + 2] += units.c
    vectors[place + 3] += units.d
  }

  private static func hidden(
    _ row: borrowing SparseRow, _ inputs: [Int32], _ parameters: [Lanes], head: Int
  ) -> Units {
    let slots = row.slots.span
    let values = row.values.span
    let inputs = inputs.span
    let parameters = parameters.span
    var sum = units(parameters, head) * bias
    for entry in 1..<row.count {
      let place = head + Int(inputs[Int(slots[entry])]) * vectors
      if place < parameters.count { sum += units(parameters, place) * values[entry] }
    }
    return sum
  }

  private static func hidden(
    _ slots: [Int32], _ values: [Int16], from start: Int, entries: Int, _ parameters: [Lanes], head: Int
  ) -> Units {
    let slots = slots.span
    let values = values.span
    let parameters = parameters.span
    var sum = units(parameters, head) * bias
    for entry in start..<start + entries {
      let slot = Int(slots[entry])
      if slot < 0 { break }
      sum += units(parameters, head + slot * vectors) * (Float(values[entry]) * (1 / Replay.step))
    }
    return sum
  }

  private static func spread(
    _ slots: [Int32], _ values: [Int16], from start: Int, entries: Int, _ back: Units, _ gradients: inout [Lanes],
    head: Int
  ) {
    let slots = slots.span
    let values = values.span
    var gradients = gradients.mutableSpan
    gradients[head] += back.a * bias
    gradients[head + 1] += back.b * bias
    gradients[head + 2] += back.c * bias
    gradients[head + 3] += back.d * bias
    for entry in start..<start + entries {
      let slot = Int(slots[entry])
      if slot < 0 { break }
      let value = Float(values[entry]) * (1 / Replay.step)
      let place = head + slot * vectors
      gradients[place] += back.a * value
      gradients[place + 1] += back.b * value
      gradients[place + 2] += back.c * value
      gradients[place + 3] += back.d * value
    }
  }
}

extension Network {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: rows)
    writer.append(count: steps)
    writer.append(fixed: generator.state)
    for vectors in [parameters, firsts, seconds] { writer.append(vectors, lanes: 8) }
    replay.encode(into: &writer)
  }

  /// Reads a network of as many inputs as the encoder has.
  init(
    from reader: inout ByteReader, task: Task, encoder: borrowing Encoder, seed: UInt64
  ) throws(ByteError) {
    self.init(task: task, entries: encoder.baseCapacity - 1, seed: seed)
    rows = try reader.index(upTo: 1 << 53)
    steps = try reader.index(upTo: 1 << 53)
    generator = SeededGenerator(state: try reader.fixed())
    let inputs = encoder.inputs.count
    let count = head + inputs * Network.vectors
    try reader.expect(count, ofBytes: 96)
    parameters = try reader.vectors(count, lanes: 8, in: -1e6...1e6)
    firsts = try reader.vectors(count, lanes: 8, in: -1e12...1e12)
    seconds = try reader.vectors(count, lanes: 8, in: 0...1e24)
    guard zip(firsts, seconds).allSatisfy(Adam.isPossible) else {
      throw reader.failure("moments that no gradients have")
    }
    gradients = [Lanes](repeating: Lanes(), count: count)
    let classes = task == .regression ? 0 : max(outputs, 2)
    replay = try Replay(from: &reader, entries: encoder.baseCapacity - 1, inputs: inputs, classes: classes)
  }
}
