import Bytes

/// From the experts' logits to the model's: a convex mixture, then, for classification, a second one over the first
/// drawn towards one half in several ways, which calibrates it.
struct Mixer: Equatable, Sendable {
  private static let clip = 10.0
  private static let bounds = [3.0, 2.0, 1.0]
  private static let shapes = bounds.count + 2

  private let experts: Int
  private let outputs: Int
  private let isRegression: Bool
  /// Two classes have half the logistic logit each, so bounds of one class's logit are (C − 1)/C of its bounds.
  private let scale: Double
  private var mixture: Aggregation
  private var calibration: Aggregation

  init(task: Task, family: Family) {
    experts = family.processNoises.count
    outputs = task.outputs
    isRegression = task == .regression
    scale = outputs == 1 ? 1 : Double(outputs - 1) / Double(outputs)
    mixture = Aggregation(members: experts, forgetting: family.mixerForgetting)
    calibration = Aggregation(members: Mixer.shapes, forgetting: family.calibrationForgetting)
  }

  /// What one row's logits become on the way: kept, since an update needs all of it.
  struct Blend {
    var inputs: [Double]
    var mixed: [Double]
    var shaped: [Double]
    var final: [Double]
    fileprivate var gradients: [Double]

    init(_ mixer: Mixer) {
      inputs = [Double](repeating: 0, count: mixer.outputs * mixer.experts)
      mixed = [Double](repeating: 0, count: mixer.outputs)
      shaped = [Double](repeating: 0, count: mixer.outputs * Mixer.shapes)
      final = mixed
      gradients = mixed
    }
  }

  /// Fills `blend` from the experts' logits; `blend.final` holds the model's logits, or the standardised value.
  func blend(_ logits: [Double], into blend: inout Blend) {
    for expert in 0..<experts {
      var center = 0.0
      if outputs > 1 {
        for output in 0..<outputs { center += logits[output * experts + expert] }
        center /= Double(outputs)
      }
      for output in 0..<outputs {
        let lane = output * experts + expert
        blend.inputs[lane] = (logits[lane] - center).clipped(Mixer.clip * scale)
      }
    }
    mixture.mix(blend.inputs, into: &blend.mixed)
    guard !isRegression else {
      blend.final[0] = blend.mixed[0]
      return
    }
    for output in 0..<outputs {
      let value = blend.mixed[output]
      let base = output * Mixer.shapes
      blend.shaped[base] = value
      blend.shaped[base + 1] = value / 2
      for (index, bound) in Mixer.bounds.enumerated() { blend.shaped[base + 2 + index] = value.clipped(bound * scale) }
    }
    calibration.mix(blend.shaped, into: &blend.final)
  }

  /// Moves both levels by one row that `blend` was filled from.
  mutating func update(_ blend: inout Blend, label: Double) {
    gradient(of: blend.mixed, label: label, into: &blend.gradients)
    mixture.update(inputs: blend.inputs, mixture: blend.mixed, gradients: blend.gradients)
    guard !isRegression else { return }
    gradient(of: blend.final, label: label, into: &blend.gradients)
    calibration.update(inputs: blend.shaped, mixture: blend.final, gradients: blend.gradients)
  }

  /// The loss's gradient by the logits.
  private func gradient(of logits: [Double], label: Double, into gradients: inout [Double]) {
    if isRegression {
      gradients[0] = (logits[0] - label).clipped(KalmanExperts.regressionClip)
    } else if outputs == 1 {
      gradients[0] = Elementary.sigmoid(logits[0]) - label
    } else {
      for output in logits.indices { gradients[output] = logits[output] }
      Elementary.softmax(&gradients, start: 0, stride: 1, count: outputs)
      gradients[Int(label)] -= 1
    }
  }
}

extension Mixer {
  func encode(into writer: inout ByteWriter) {
    mixture.encode(into: &writer)
    if !isRegression { calibration.encode(into: &writer) }
  }

  init(from reader: inout ByteReader, task: Task, family: Family) throws(ByteError) {
    self.init(task: task, family: family)
    mixture = try Aggregation(from: &reader, members: experts, forgetting: family.mixerForgetting)
    if !isRegression {
      calibration = try Aggregation(
        from: &reader, members: Mixer.shapes, forgetting: family.calibrationForgetting)
    }
  }
}
