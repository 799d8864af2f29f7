import Bytes

/// The default learner: linear experts over two scopes, a small network, and a mixer that weighs them.
struct Mixture: Learner {
  let task: Task
  private let isRegression: Bool
  let constants: MixtureConstants
  private(set) var encoder: Encoder
  private(set) var experts: LinearExperts
  private(set) var network: Network?
  private(set) var mixer: Mixer
  /// Scale of a regression's target.
  private(set) var target = Moments()

  init(schema: Schema, constants: MixtureConstants, seed: UInt64) {
    task = schema.task
    isRegression = task == .regression
    self.constants = constants
    encoder = Encoder(schema: schema, constants: constants, seed: seed)
    experts = LinearExperts(task: schema.task, constants: constants)
    network = constants.hasNetwork ? Network(task: schema.task, entries: encoder.baseCapacity - 1, seed: seed) : nil
    mixer = Mixer(task: schema.task, constants: constants)
    widen()
  }

  /// What scoring and learning work in, made once a call.
  private struct Scratch {
    var row: EncodedRow
    var logits: LinearExperts.Logits
    var network: [Float]
    var experts: LinearExperts.Scratch
    var blend: Mixer.Blend

    init(_ mixture: borrowing Mixture) {
      let outputs = mixture.task.outputs
      row = EncodedRow(mixture.encoder)
      logits = LinearExperts.Logits(outputs: outputs)
      network = [Float](repeating: 0, count: outputs)
      experts = LinearExperts.Scratch(mixture.encoder, outputs: outputs)
      blend = Mixer.Blend(outputs: outputs)
    }
  }

  func predict(_ rows: ArraySlice<Row>) -> [Output] {
    var scratch = Scratch(self)
    return rows.map { row in
      score(row, &scratch)
      return output(scratch.blend)
    }
  }

  func serve(_ rows: ArraySlice<Row>) -> [Served] {
    var scratch = Scratch(self)
    return rows.map { row in
      score(row, &scratch)
      return Served(output: output(scratch.blend), trace: isMixed ? scratch.blend.trace : nil)
    }
  }

  mutating func predictThenLearn(_ rows: ArraySlice<LabelledRow>) -> [Output] {
    var scratch = Scratch(self)
    var outputs: [Output] = []
    outputs.reserveCapacity(rows.count)
    for row in rows {
      score(row.row, &scratch)
      outputs.append(output(scratch.blend))
      if isMixed, let label = row.label { mixer.update(&scratch.blend, label: scaled(label)) }
      train(row, &scratch)
    }
    return outputs
  }

  mutating func learn(block rows: ArraySlice<LabelledRow>) {
    var scratch = Scratch(self)
    if isMixed {
      let traces = rows.map { row in
        score(row.row, &scratch)
        return scratch.blend.trace
      }
      for (row, trace) in zip(rows, traces) { mix(row.label, trace, &scratch) }
    }
    for row in rows { train(row, &scratch) }
  }

  mutating func learn(_ row: LabelledRow, served: Served) {
    var scratch = Scratch(self)
    if let trace = served.trace, isMixed, trace.fits(scratch.blend.trace) { mix(row.label, trace, &scratch) }
    train(row, &scratch)
  }

  /// Moves the mixer by what the parts said of a row.
  private mutating func mix(_ label: Double?, _ trace: Mixer.Trace, _ scratch: inout Scratch) {
    guard let label else { return }
    scratch.blend.trace = trace
    mixer.remix(&scratch.blend)
    mixer.update(&scratch.blend, label: scaled(label))
  }

  /// Fills the scratch's blend.
  @inline(__always)
  private func score(_ row: Row, _ scratch: inout Scratch) {
    encoder.encode(row, into: &scratch.row)
    experts.score(scratch.row, into: &scratch.logits)
    network?.score(scratch.row.base, encoder.inputs, into: &scratch.network)
    if isMixed {
      mixer.blend(scratch.logits, scratch.network, into: &scratch.blend)
    } else if constants.hasNetwork {
      for output in scratch.network.indices { scratch.blend.final[output] = scratch.network[output] }
    } else {
      for output in scratch.network.indices { scratch.blend.final[output] = scratch.logits.plain[output][0] }
    }
  }

  /// A family without them has no slots for them either.
  var hasExperts: Bool { constants.expertsOfScope > 0 }

  /// Whether there is more than one part to weigh.
  var isMixed: Bool { constants.parts > 1 }

  private func output(_ blend: Mixer.Blend) -> Output {
    switch task {
    case .regression: return .number(target.mean + Double(blend.final[0]) * target.deviation)
    case .binary: return .number(Elementary.sigmoid(Double(blend.final[0])))
    case .multiclass:
      var logits = blend.final.map(Double.init)
      Elementary.softmax(&logits)
      return .probabilities(logits)
    }
  }

  /// Statistics first, so that the row is encoded by a mean and deviation that know it; then the experts.
  @inline(__always)
  private mutating func train(_ row: LabelledRow, _ scratch: inout Scratch) {
    guard let truth = row.label else { return }
    let width = encoder.width
    encoder.learn(row.row, into: &scratch.row)
    if encoder.width > width { widen() }
    if isRegression { target.add(truth) }
    let label = scaled(truth)
    if hasExperts { experts.learn(scratch.row, label: label, &scratch.experts) }
    network?.learn(scratch.row.base, encoder.inputs, label: label)
  }

  private mutating func widen() {
    if hasExperts { experts.widen(to: encoder.width, hats: encoder.hatWidth) }
    network?.widen(encoder)
  }

  /// A regression's target in standard units.
  private func scaled(_ label: Double) -> Float {
    isRegression ? Float(target.standardized(label)).clipped(Replay.labelBound) : Float(label)
  }
}

extension Mixture {
  func encode(into writer: inout ByteWriter) {
    target.encode(into: &writer)
    encoder.encode(into: &writer)
    experts.encode(into: &writer)
    network?.encode(into: &writer)
    mixer.encode(into: &writer)
  }

  init(
    from reader: inout ByteReader, schema: Schema, constants: MixtureConstants, seed: UInt64
  ) throws(ByteError) {
    task = schema.task
    isRegression = task == .regression
    self.constants = constants
    target = try Moments(from: &reader)
    encoder = try Encoder(from: &reader, schema: schema, constants: constants, seed: seed)
    experts = try LinearExperts(
      from: &reader, task: task, constants: constants, width: constants.expertsOfScope > 0 ? encoder.width : 0,
      hats: encoder.hatWidth)
    network =
      constants.hasNetwork ? try Network(from: &reader, task: task, encoder: encoder, seed: seed) : nil
    mixer = try Mixer(from: &reader, task: task, constants: constants)
  }
}
