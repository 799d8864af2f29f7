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
  /// Those of the linear experts, of the plain scope and of all parts, then the second level: an array, since a method
  /// would be handed a copy of anything as large.
  private var mixtures: [Aggregation]

  var linear: Aggregation { mixtures[0] }
  var plain: Aggregation { mixtures[1] }
  var all: Aggregation { mixtures[2] }
  var last: Aggregation { mixtures[3] }

  init(task: Task, constants: MixtureConstants) {
    outputs = task.outputs
    isRegression = task == .regression
    hasNetwork = constants.hasNetwork
    scale = outputs == 1 ? 1 : Float(outputs - 1) / Float(outputs)
    let scope = constants.expertsOfScope
    var plain = Members()
    for lane in 0..<scope { plain[lane] = 1 }
    var linear = plain
    if constants.hasHats { for lane in 0..<scope { linear[8 + lane] = 1 } }
    var all = linear
    if hasNetwork { all[15] = 1 }
    let forgetting = Float(constants.mixerForgetting)
    mixtures = [linear, plain, all].map { Aggregation(mask: $0, forgetting: forgetting) }
    mixtures.append(
      Aggregation(
        mask: Mixer.lastMask(isRegression: isRegression, constants),
        forgetting: Float(constants.calibrationForgetting)))
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

  /// What the two levels were told of one output of a row.
  struct Told: Sendable {
    /// The plain scope's experts, the curved scope's, and the network in the last lane.
    fileprivate(set) var inputs = Members()
    fileprivate(set) var shaped = Members()
  }

  /// What the mixtures said of it: an update needs all of it.
  struct Blend {
    var told = Told()
    /// The mixtures of the linear experts, of the plain scope and of all parts, then the model's logit or standardised
    /// value.
    fileprivate var mixed = SIMD4<Float>()
    /// The loss's gradients by them.
    fileprivate var gradients = SIMD4<Float>()

    /// The model's logit, or its standardised value.
    var final: Float {
      get { mixed[3] }
      set { mixed[3] = newValue }
    }
  }

  /// Fills `blends`, one per output, from the logits of a row.
  @inline(__always)
  func blend(_ logits: [Members], _ network: [Float], into blends: inout [Blend]) {
    gather(logits, network, into: &blends)
    let mixtures = mixtures.span
    var blends = blends.mutableSpan
    for output in blends.indices {
      let inputs = blends[output].told.inputs
      let (linear, plain) = (mixtures[0].mix(inputs), mixtures[1].mix(inputs))
      let all = hasNetwork ? mixtures[2].mix(inputs) : 0
      let shaped = shapes(linear: linear, plain: plain, all: all, network: inputs[15])
      blends[output].told.shaped = shaped
      blends[output].mixed = SIMD4(linear, plain, all, mixtures[3].mix(shaped))
    }
  }

  /// Mixes again what the mixer was told of a row, by the weights of now; what the second level was told stays.
  func remix(_ blends: inout [Blend]) {
    for output in 0..<outputs {
      let told = blends[output].told
      blends[output].mixed = SIMD4(
        mixtures[0].mix(told.inputs), mixtures[1].mix(told.inputs), mixtures[2].mix(told.inputs),
        mixtures[3].mix(told.shaped))
    }
  }

  @inline(__always)
  private func gather(_ logits: [Members], _ network: [Float], into blends: inout [Blend]) {
    let (logits, network) = (logits.span, network.span)
    var blends = blends.mutableSpan
    var center = Members()
    for output in blends.indices {
      var members = logits[output]
      if hasNetwork { members[15] = network[output] }
      if outputs > 1 { center += members }
      blends[output].told.inputs = members
    }
    center /= Float(outputs)
    for output in blends.indices {
      let members = blends[output].told.inputs
      blends[output].told.inputs = (outputs > 1 ? members - center : members).clipped(Mixer.clip * scale)
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

  /// Moves both levels by one row that `blends` was filled from, and that counts for `weight` rows.
  @inline(__always)
  mutating func update(_ blends: inout [Blend], label: Float, weight: Float) {
    Mixer.differentiate(&blends, label: label, isRegression: isRegression)
    for output in blends.indices { blends[output].gradients *= weight }
    let (blends, hasNetwork) = (blends.span, hasNetwork)
    var mixtures = mixtures.mutableSpan
    mixtures[0].update(gains: Mixer.gains(blends, 0))
    mixtures[1].update(gains: Mixer.gains(blends, 1))
    if hasNetwork { mixtures[2].update(gains: Mixer.gains(blends, 2)) }
    mixtures[3].update(gains: Mixer.finalGains(blends))
  }
}

extension Mixer {
  /// The loss's gradients by what the mixtures said.
  @inline(__always)
  private static func differentiate(_ blends: inout [Blend], label: Float, isRegression: Bool) {
    guard blends.count > 1 else {
      let mixed = blends[0].mixed
      blends[0].gradients =
        isRegression ? (mixed - label).clipped(LinearExperts.regressionClip) : Elementary.sigmoid(mixed) - label
      return
    }
    var top = blends[0].mixed
    for blend in blends { top = top.replacing(with: blend.mixed, where: blend.mixed .> top) }
    var sum = SIMD4<Float>()
    for output in blends.indices {
      let shifted = Elementary.exp(blends[output].mixed - top)
      blends[output].gradients = shifted
      sum += shifted
    }
    for output in blends.indices {
      blends[output].gradients = blends[output].gradients / sum - (Float(output) == label ? 1 : 0)
    }
  }

  /// Each member's gain over the mixture of this number, −∂loss · (its output − the mixture's), summed over outputs.
  @inline(__always)
  private static func gains(_ blends: Span<Blend>, _ mixture: Int) -> Members {
    var gains = Members()
    for output in blends.indices {
      gains -= blends[output].gradients[mixture] * (blends[output].told.inputs - blends[output].mixed[mixture])
    }
    return gains
  }

  /// The same for the second level.
  @inline(__always)
  private static func finalGains(_ blends: Span<Blend>) -> Members {
    var gains = Members()
    for output in blends.indices {
      gains -= blends[output].gradients[3] * (blends[output].told.shaped - blends[output].mixed[3])
    }
    return gains
  }
}

extension Mixer {
  func encode(into writer: inout ByteWriter) {
    for mixture in mixtures { mixture.encode(into: &writer) }
  }

  init(from reader: inout ByteReader, task: Task, constants: MixtureConstants) throws(ByteError) {
    self.init(task: task, constants: constants)
    for index in mixtures.indices { try mixtures[index].decode(from: &reader) }
  }
}
