import Bytes

/// A multi-layer perceptron over block A: hidden layers of rectified units, learned by Adam in batches of 32, half of them
/// the newest rows and half drawn from the last 2,000; or in whole epochs.
///
/// It scores by basic IEEE arithmetic in an order of its own, and learns by OpenBLAS.
struct Perceptron: Sendable {
  /// Rows between two visits to the optimiser, which takes as many new rows and as many old ones into each batch.
  static let period = 16
  static let batch = 2 * period
  static let steps = 2
  /// Beyond these a weight or a gradient is cut, so that no product overflows.
  static let weightBound: Float = 1e3
  static let gradientBound: Float = 1e12

  /// A layer behind the first: rows of weights, one a unit, and the units' biases, by their first vector of eight.
  struct Layer {
    let weights: Int
    let biases: Int
    let inputs: Int
    let units: Int
  }

  let task: Task
  /// Units of the first hidden layer.
  let width: Int
  /// Those behind it, the outputs last.
  let layers: [Layer]
  /// Vectors of eight: weights and biases of each layer of `layers`, then those of the first layer, input by input.
  var parameters: [Lanes]
  var firsts: [Lanes]
  var seconds: [Lanes]
  var replay: Replay
  var steps = 0
  var rows = 0
  var generator: SeededGenerator
  let seed: UInt64
  var gradients: [Lanes]
  var work = Work()

  /// What a step works in.
  struct Work {
    /// `row · inputs + input`.
    var inputs: [Float] = []
    var labels = [Float](repeating: 0, count: batch)
    /// By layer, `row · units + unit`: sums, at the end turned into gradients by them, and what the next layer sees.
    var sums: [[Float]] = []
    var active: [[Float]] = []
  }

  /// Vectors before those of the first input.
  var head: Int { layers.last.map { $0.biases + Perceptron.vectors($0.units) } ?? 0 }
  var inputs: Int { (parameters.count - head) / Perceptron.vectors(width) }

  static func vectors(_ numbers: Int) -> Int { (numbers + 7) / 8 }

  /// - Parameter hidden: units of each hidden layer: one or more powers of two from 8 on.
  init(task: Task, hidden: [Int], entries: Int, seed: UInt64) {
    self.task = task
    self.seed = seed
    width = hidden[0]
    replay = Replay(entries: entries)
    generator = SeededGenerator(seed: seed, for: "batches")
    var (layers, end, before) = ([Layer](), 0, hidden[0])
    for units in hidden.dropFirst() + [task.outputs] {
      let biases = end + units * before / 8
      layers.append(Layer(weights: end, biases: biases, inputs: before, units: units))
      (end, before) = (biases + Perceptron.vectors(units), units)
    }
    self.layers = layers
    parameters = [Lanes](repeating: Lanes(), count: end)
    (firsts, seconds, gradients) = (parameters, parameters, parameters)
    // The outputs' weights are 0: a perceptron that has learned nothing says nothing.
    for (number, layer) in layers.dropLast().enumerated() {
      var generator = SeededGenerator(seed: seed, for: "layer", "\(number)")
      let deviation = (2 / Double(layer.inputs)).squareRoot()
      draw(layer.weights..<layer.biases, deviation, &generator)
    }
  }

  private mutating func draw(_ range: Range<Int>, _ deviation: Double, _ generator: inout SeededGenerator) {
    for place in range {
      for lane in 0..<8 { parameters[place][lane] = Float(deviation * generator.normal()) }
    }
  }

  /// Makes room for inputs that the encoder added, with weights that depend on the input's name alone.
  mutating func widen(_ encoder: borrowing Encoder) {
    let known = inputs
    let added = max(encoder.inputs.count - known, 0) * Perceptron.vectors(width)
    guard added > 0 else { return }
    parameters.append(contentsOf: repeatElement(Lanes(), count: added))
    for input in known..<encoder.inputs.count {
      let (column, part) = encoder.name(ofInput: input)
      var generator = SeededGenerator(seed: seed, for: column, part)
      let start = head + input * Perceptron.vectors(width)
      draw(start..<start + Perceptron.vectors(width), Network.initialDeviation, &generator)
    }
    firsts.append(contentsOf: repeatElement(Lanes(), count: added))
    seconds.append(contentsOf: repeatElement(Lanes(), count: added))
    gradients.append(contentsOf: repeatElement(Lanes(), count: added))
  }
}

extension Perceptron {
  func encode(into writer: inout ByteWriter) {
    NetworkState(
      rows: rows, steps: steps, generator: generator, parameters: parameters, firsts: firsts, seconds: seconds,
      replay: replay
    ).encode(into: &writer)
  }

  /// Reads a perceptron of as many inputs as the encoder has.
  init(
    from reader: inout ByteReader, task: Task, hidden: [Int], encoder: borrowing Encoder, seed: UInt64
  ) throws(ByteError) {
    self.init(task: task, hidden: hidden, entries: encoder.baseCapacity - 1, seed: seed)
    let count = head + encoder.inputs.count * Perceptron.vectors(width)
    let state = try NetworkState(
      from: &reader, task: task, vectors: count, bound: Perceptron.weightBound, encoder: encoder)
    (rows, steps, generator) = (state.rows, state.steps, state.generator)
    (parameters, firsts, seconds) = (state.parameters, state.firsts, state.seconds)
    gradients = [Lanes](repeating: Lanes(), count: count)
    replay = state.replay
  }
}
