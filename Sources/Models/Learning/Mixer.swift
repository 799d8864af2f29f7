import Bytes

/// From the experts' logits to the model's, in two levels of convex mixtures.
///
/// The first mixes the linear experts of both scopes, those of the plain scope alone, and all of them with the network.
/// The second mixes these three and the network, each of them as it is and, for classification, drawn towards one half
/// in several ways (the plain scope's as it is alone): that calibrates the model, since a mixture that turns out to be
/// too sure loses weight to its own milder forms.
struct Mixer: Equatable, Sendable {
  static let clip: Float = 10
  /// Of the second level's inputs.
  enum Place {
    static let linear = 0
    static let all = 5
    static let plain = 10
    static let network = 11
  }

  private let outputs: Int
  private let isRegression: Bool
  let hasNetwork: Bool
  /// Two classes have half the logistic logit each, so bounds of one class's logit are (C − 1)/C of its bounds.
  let scale: Float
  private(set) var linear: Aggregation
  private(set) var plain: Aggregation
  private(set) var all: Aggregation
  private(set) var last: Aggregation

  init(task: Task, constants: MixtureConstants) {
    outputs = task.outputs
    isRegression = task == .regression
    hasNetwork = constants.hasNetwork
    scale = outputs == 1 ? 1 : Float(outputs - 1) / Float(outputs)
    let scope = constants.expertsOfScope
    var plainMask = Members()
    for lane in 0..<scope { plainMask[lane] = 1 }
    var linearMask = plainMask
    if constants.hasHats { for lane in 0..<scope { linearMask[8 + lane] = 1 } }
    var allMask = linearMask
    if hasNetwork { allMask[15] = 1 }
    let first = Float(constants.mixerForgetting)
    linear = Aggregation(mask: linearMask, forgetting: first)
    plain = Aggregation(mask: plainMask, forgetting: first)
    all = Aggregation(mask: allMask, forgetting: first)
    last = Aggregation(
      mask: Mixer.lastMask(isRegression: isRegression, constants),
      forgetting: Float(constants.calibrationForgetting))
  }

  private static func lastMask(isRegression: Bool, _ constants: MixtureConstants) -> Members {
    var mask = Members()
    let shapes = isRegression ? 1 : 5
    for shape in 0..<shapes { mask[Place.linear + shape] = 1 }
    if constants.hasHats { mask[Place.plain] = 1 }
    guard constants.hasNetwork else { return mask }
    for shape in 0..<shapes { mask[Place.all + shape] = 1 }
    for shape in 0..<(isRegression ? 1 : 3) { mask[Place.network + shape] = 1 }
    return mask
  }

  /// What the two levels were told of one row, output by output.
  struct Trace: Sendable {
    /// The plain scope's experts, the curved scope's, and the network in the last lane.
    fileprivate(set) var inputs: [Members]
    fileprivate(set) var shaped: [Members]

    func fits(_ other: Trace) -> Bool { inputs.count == other.inputs.count }
  }

  /// A row's way through the mixer: kept, since an update needs all of it.
  struct Blend {
    var trace: Trace
    fileprivate var linear: [Float]
    fileprivate var plain: [Float]
    fileprivate var all: [Float]
    /// The model's logits, or its standardised value.
    var final: [Float]
    fileprivate var gradients: [Float]

    init(outputs: Int) {
      let none = [Members](repeating: Members(), count: outputs)
      trace = Trace(inputs: none, shaped: none)
      linear = [Float](repeating: 0, count: outputs)
      (plain, all, final, gradients) = (linear, linear, linear, linear)
    }
  }

  /// Fills `blend` from the logits of a row.
  @inline(__always)
  func blend(_ logits: LinearExperts.Logits, _ network: [Float], into blend: inout Blend) {
    gather(logits, network, into: &blend.trace.inputs)
    for output in 0..<outputs {
      let inputs = blend.trace.inputs[output]
      let linear = self.linear.mix(inputs)
      let plain = self.plain.mix(inputs)
      let all = hasNetwork ? self.all.mix(inputs) : 0
      blend.linear[output] = linear
      blend.plain[output] = plain
      blend.all[output] = all
      let shaped = shapes(linear: linear, plain: plain, all: all, network: inputs[15])
      blend.trace.shaped[output] = shaped
      blend.final[output] = last.mix(shaped)
    }
  }

  /// Mixes again what a trace holds, by the weights of now; what the second level was told stays.
  func remix(_ blend: inout Blend) {
    for output in 0..<outputs {
      let inputs = blend.trace.inputs[output]
      blend.linear[output] = linear.mix(inputs)
      blend.plain[output] = plain.mix(inputs)
      blend.all[output] = all.mix(inputs)
      blend.final[output] = last.mix(blend.trace.shaped[output])
    }
  }

  @inline(__always)
  private func gather(_ logits: LinearExperts.Logits, _ network: [Float], into inputs: inout [Members]) {
    var center = Members()
    for output in 0..<outputs {
      var members = Members(lowHalf: logits.plain[output], highHalf: logits.curved[output])
      if hasNetwork { members[15] = network[output] }
      inputs[output] = members
      if outputs > 1 { center += members }
    }
    center /= Float(outputs)
    for output in 0..<outputs {
      let members = outputs > 1 ? inputs[output] - center : inputs[output]
      inputs[output] = members.clipped(Mixer.clip * scale)
    }
  }

  @inline(__always)
  private func shapes(linear: Float, plain: Float, all: Float, network: Float) -> Members {
    var shaped = Members()
    shaped[Place.linear] = linear
    shaped[Place.plain] = plain
    shaped[Place.all] = all
    shaped[Place.network] = network
    guard !isRegression else { return shaped }
    for bound in 1...3 {
      shaped[Place.linear + bound] = linear.clipped(Float(bound) * scale)
      shaped[Place.all + bound] = all.clipped(Float(bound) * scale)
    }
    shaped[Place.linear + 4] = linear / 2
    shaped[Place.all + 4] = all / 2
    shaped[Place.network + 1] = network / 2
    shaped[Place.network + 2] = network.clipped(2 * scale)
    return shaped
  }

  /// Moves both levels by one row that `blend` was filled from.
  @inline(__always)
  mutating func update(_ blend: inout Blend, label: Float) {
    let isRegression = isRegression
    linear.update(
      gains: Mixer.gains(blend.linear, blend.trace.inputs, label, &blend.gradients, isRegression: isRegression))
    plain.update(
      gains: Mixer.gains(blend.plain, blend.trace.inputs, label, &blend.gradients, isRegression: isRegression))
    if hasNetwork {
      all.update(
        gains: Mixer.gains(blend.all, blend.trace.inputs, label, &blend.gradients, isRegression: isRegression))
    }
    last.update(
      gains: Mixer.gains(blend.final, blend.trace.shaped, label, &blend.gradients, isRegression: isRegression))
  }

  // The kernels are static: a method would be handed a copy of the mixer, which is large.

  /// Each member's gain over a mixture that said `mixed`.
  @inline(__always)
  private static func gains(
    _ mixed: [Float], _ inputs: [Members], _ label: Float, _ gradients: inout [Float], isRegression: Bool
  ) -> Members {
    guard mixed.count > 1 else {
      let gradient =
        isRegression
        ? (mixed[0] - label).clipped(LinearExperts.regressionClip) : Elementary.sigmoid(mixed[0]) - label
      return Members() - gradient * (inputs[0] - mixed[0])
    }
    for output in mixed.indices { gradients[output] = mixed[output] }
    Elementary.softmax(&gradients)
    gradients[Int(label)] -= 1
    var gains = Members()
    for output in mixed.indices { gains -= gradients[output] * (inputs[output] - mixed[output]) }
    return gains
  }
}

extension Mixer {
  func encode(into writer: inout ByteWriter) {
    for part in [linear, plain, all, last] { part.encode(into: &writer) }
  }

  init(from reader: inout ByteReader, task: Task, constants: MixtureConstants) throws(ByteError) {
    self.init(task: task, constants: constants)
    let forgetting = Float(constants.mixerForgetting)
    linear = try Aggregation(from: &reader, mask: linear.mask, forgetting: forgetting)
    plain = try Aggregation(from: &reader, mask: plain.mask, forgetting: forgetting)
    all = try Aggregation(from: &reader, mask: all.mask, forgetting: forgetting)
    last = try Aggregation(
      from: &reader, mask: last.mask, forgetting: Float(constants.calibrationForgetting))
  }
}
