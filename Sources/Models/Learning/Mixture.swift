import Bytes

/// The default learner: linear experts over two scopes, a small network, and a mixer that weighs them.
struct Mixture: Learner {
  let task: Task
  private let isRegression: Bool
  let constants: MixtureConstants
  private(set) var encoder: Encoder
  private(set) var experts: LinearExperts
  private(set) var network: Network?
  var perceptron: Perceptron?
  private(set) var mixer: Mixer
  /// Scale of a regression's target.
  private(set) var target = Moments()
  /// Of a logarithmic link.
  private(set) var counts: CountScale?
  var weights = ClassWeights.none
  /// Rows that were learned since this value was made or read.
  private var rows = 0
  private let labels: Labels
  var scratch: Scratch?

  init(schema: Schema, constants: MixtureConstants, seed: UInt64) {
    task = schema.task
    labels = Labels(task)
    isRegression = task == .regression
    self.constants = constants
    encoder = Encoder(schema: schema, constants: constants, seed: seed)
    experts = LinearExperts(task: schema.task, constants: constants)
    network = constants.hasNetwork ? Network(task: schema.task, entries: encoder.baseCapacity - 1, seed: seed) : nil
    perceptron =
      constants.hidden.isEmpty
      ? nil : Perceptron(task: schema.task, hidden: constants.hidden, entries: encoder.baseCapacity - 1, seed: seed)
    mixer = Mixer(task: schema.task, constants: constants)
    counts = isRegression && constants.link == .logarithm ? CountScale() : nil
    widen()
  }

  func predict(_ rows: ArraySlice<Row>) -> [Output] {
    var scratch = Scratch(encoder, outputs: task.outputs)
    return rows.map { row in
      score(row, &scratch)
      return output(scratch.blends)
    }
  }

  func serve(_ rows: ArraySlice<Row>) -> [Served] {
    var scratch = Scratch(encoder, outputs: task.outputs)
    return rows.map { row in
      score(row, &scratch)
      return Served(output: output(scratch.blends), trace: isMixed ? scratch.blends.map(\.told) : nil)
    }
  }

  mutating func predictThenLearn(_ rows: ArraySlice<(Row, Target)>, _ outputs: inout [Output]) -> Int {
    let before = self.rows
    var scratch = takeScratch()
    let span = rows.span
    for index in span.indices {
      score(span[index].0, &scratch)
      outputs.append(output(scratch.blends))
      guard let label = label(of: span[index].1, span[index].0) else { continue }
      weights.count(label)
      if isMixed { mixer.update(&scratch.blends, label: scaled(label), weight: weights.weight(of: Float(label))) }
      train(span[index].0, label, &scratch)
    }
    self.scratch = scratch
    return self.rows - before
  }

  mutating func learn(block rows: ArraySlice<(Row, Target)>) -> Int {
    let before = self.rows
    var scratch = takeScratch()
    var told: [Mixer.Told] = []
    if isMixed {
      told.reserveCapacity(rows.count * task.outputs)
      for (row, target) in rows where label(of: target, row) != nil {
        score(row, &scratch)
        for blend in scratch.blends { told.append(blend.told) }
      }
    }
    learn(rows, told, &scratch)
    self.scratch = scratch
    return self.rows - before
  }

  mutating func predictThenLearn(block rows: ArraySlice<(Row, Target)>, _ outputs: inout [Output]) -> Int {
    let before = self.rows
    var scratch = takeScratch()
    var told: [Mixer.Told] = []
    told.reserveCapacity(rows.count * task.outputs)
    for (row, target) in rows {
      score(row, &scratch)
      outputs.append(output(scratch.blends))
      if isMixed, label(of: target, row) != nil {
        for blend in scratch.blends { told.append(blend.told) }
      }
    }
    learn(rows, told, &scratch)
    self.scratch = scratch
    return self.rows - before
  }

  /// - Parameter told: what the mixer was told of each row that can be learned, where there is more than one part.
  private mutating func learn(_ rows: ArraySlice<(Row, Target)>, _ told: [Mixer.Told], _ scratch: inout Scratch) {
    if !weights.isNone {
      for (row, target) in rows { label(of: target, row).map { weights.count($0) } }
    }
    var next = 0
    for (row, target) in rows where isMixed {
      guard let label = label(of: target, row) else { continue }
      mix(label, told[next..<next + task.outputs], &scratch)
      next += task.outputs
    }
    for (row, target) in rows {
      guard let label = label(of: target, row) else { continue }
      evaluate(row, &scratch)
      train(row, label, &scratch)
    }
  }

  mutating func learn(_ row: Row, _ target: Target, served: Served) -> Bool {
    guard let label = label(of: target, row) else { return false }
    weights.count(label)
    var scratch = takeScratch()
    if let told = served.trace, isMixed, told.count == task.outputs { mix(label, told[...], &scratch) }
    evaluate(row, &scratch)
    train(row, label, &scratch)
    self.scratch = scratch
    return true
  }

  /// The scratch, which nobody else holds until it is put back: it is changed where it is.
  @inline(__always)
  mutating func takeScratch() -> Scratch {
    scratch.take() ?? Scratch(encoder, outputs: task.outputs)
  }

  /// nil where the row or its target cannot be learned from.
  @inline(__always)
  func label(of target: Target, _ row: Row) -> Double? {
    guard row.values.count == encoder.columns.count, let label = labels.label(of: target) else { return nil }
    return counts != nil && label < 0 ? nil : label
  }

  /// Moves the mixer by what the parts said of a row.
  private mutating func mix(_ label: Double, _ told: ArraySlice<Mixer.Told>, _ scratch: inout Scratch) {
    for (output, told) in told.enumerated() { scratch.blends[output].told = told }
    mixer.remix(&scratch.blends)
    mixer.update(&scratch.blends, label: scaled(label), weight: weights.weight(of: Float(label)))
  }

  /// Encodes a row and lets the linear experts score it.
  @inline(__always)
  func evaluate(_ row: Row, _ scratch: inout Scratch) {
    encoder.encode(row, into: &scratch.row)
    if hasExperts { experts.score(scratch.row, into: &scratch.logits) }
  }

  /// Fills the scratch's blends.
  @inline(__always)
  private func score(_ row: Row, _ scratch: inout Scratch) {
    evaluate(row, &scratch)
    network?.score(scratch.row, encoder.inputs, into: &scratch.network)
    perceptron?.score(scratch.row, encoder.inputs, into: &scratch.network)
    if isMixed {
      mixer.blend(scratch.logits, scratch.network, into: &scratch.blends)
    } else {
      for output in scratch.blends.indices {
        scratch.blends[output].final = hasExperts ? scratch.logits[output][0] : scratch.network[output]
      }
    }
  }

  /// A family without them has no slots for them either.
  var hasExperts: Bool { constants.expertsOfScope > 0 }

  /// Whether there is more than one part to weigh.
  var isMixed: Bool { constants.parts > 1 }

  @inline(__always)
  private func output(_ blends: [Mixer.Blend]) -> Output {
    switch task {
    case .regression:
      guard counts == nil else {
        return .number(target.mean * Elementary.exp(Double(blends[0].final.clipped(CountScale.bound))))
      }
      return .number(target.mean + Double(blends[0].final) * target.deviation)
    case .binary: return .number(Elementary.sigmoid(Double(blends[0].final)))
    case .multiclass:
      var logits = blends.map { Double($0.final) }
      Elementary.softmax(&logits)
      return .probabilities(logits)
    }
  }

  /// Learns a row that the scratch holds encoded, with the logits of the linear experts; then the statistics move, those
  /// of the target among them: what was predicted of a row and what is learned of it are therefore the same numbers, and
  /// are computed once.
  @inline(__always)
  private mutating func train(_ row: Row, _ truth: Double, _ scratch: inout Scratch) {
    if scratch.row.hasUnseen, encoder.admit(row) {
      widen()
      evaluate(row, &scratch)
    }
    if counts == nil { learn(scaled(truth), &scratch) } else { learn(count: truth, &scratch) }
    encoder.follow(scratch.row)
    if isRegression { target.add(truth) }
    rows += 1
  }

  @inline(__always)
  private mutating func learn(_ label: Float, _ scratch: inout Scratch) {
    if hasExperts {
      experts.learn(
        scratch.row, label: label, weight: weights.weight(of: label), logits: &scratch.logits, sums: &scratch.sums)
    }
    network?.learn(scratch.row, encoder.inputs, label: label, weights: weights)
    perceptron?.learn(scratch.row, encoder.inputs, label: label, weights: weights)
  }

  private mutating func learn(count: Double, _ scratch: inout Scratch) {
    guard let scale = counts, let label = scale.scaled(count, mean: target.mean) else { return }
    counts?.follow(count, score: scratch.logits[0][0], mean: target.mean)
    experts.learn(
      scratch.row, label: label, weight: scale.weight(mean: target.mean), logits: &scratch.logits, sums: &scratch.sums)
  }

  private mutating func widen() {
    if hasExperts { experts.widen(to: encoder.width, hats: encoder.hatWidth) }
    network?.widen(encoder)
    perceptron?.widen(encoder)
  }

  /// A regression's target in standard units.
  func scaled(_ label: Double) -> Float {
    isRegression ? Float(target.standardized(label)).clipped(Replay.labelBound) : Float(label)
  }
}

extension Mixture {
  func encode(into writer: inout ByteWriter) {
    target.encode(into: &writer)
    counts?.encode(into: &writer)
    encoder.encode(into: &writer)
    experts.encode(into: &writer)
    network?.encode(into: &writer)
    perceptron?.encode(into: &writer)
    mixer.encode(into: &writer)
  }

  init(
    from reader: inout ByteReader, schema: Schema, constants: MixtureConstants, seed: UInt64
  ) throws(ByteError) {
    task = schema.task
    labels = Labels(task)
    isRegression = task == .regression
    self.constants = constants
    target = try Moments(from: &reader)
    counts = isRegression && constants.link == .logarithm ? try CountScale(from: &reader) : nil
    encoder = try Encoder(from: &reader, schema: schema, constants: constants, seed: seed)
    experts = try LinearExperts(
      from: &reader, task: task, constants: constants, width: constants.expertsOfScope > 0 ? encoder.width : 0,
      hats: encoder.hatWidth)
    network =
      constants.hasNetwork ? try Network(from: &reader, task: task, encoder: encoder, seed: seed) : nil
    perceptron =
      constants.hidden.isEmpty
      ? nil
      : try Perceptron(from: &reader, task: task, hidden: constants.hidden, encoder: encoder, seed: seed)
    mixer = try Mixer(from: &reader, task: task, constants: constants)
  }
}
