import TestSupport
import Testing

@testable import Models

@Suite struct AggregationTests {
  private func mask(_ members: Int) -> Members {
    var mask = Members()
    for lane in 0..<members { mask[lane] = 1 }
    return mask
  }

  private func members(_ values: [Double]) -> Members {
    var members = Members()
    for (lane, value) in values.enumerated() { members[lane] = Float(value) }
    return members
  }

  /// One step of Bernstein online aggregation on squared error.
  private func step(_ aggregation: inout Aggregation, _ inputs: [Double], truth: Double) {
    let inputs = members(inputs)
    let mixture = aggregation.mix(inputs)
    aggregation.update(gains: (mixture - Float(truth)) * (mixture - inputs))
  }

  @Test(arguments: [0, 1e-3, 0.5] as [Float])
  func weightsAreConvexAndFindTheBetterMember(forgetting: Float) {
    var random = SplitMix64(seed: 16)
    var aggregation = Aggregation(mask: mask(3), forgetting: forgetting)
    for lane in 0..<3 { #expect(abs(aggregation.weights[lane] - 1 / 3) < 1e-6) }
    for _ in 0..<2_000 {
      let truth = random.normal()
      step(&aggregation, [truth + 0.1 * random.normal(), random.normal(), -truth], truth: truth)
      #expect(abs(aggregation.weights.total - 1) < 1e-5)
      #expect((0..<16).allSatisfy { aggregation.weights[$0] >= 0 && ($0 < 3 || aggregation.weights[$0] == 0) })
    }
    if forgetting < 0.1 { #expect(aggregation.weights[0] > 0.9) }
  }

  @Test(arguments: [0, 1e-3, 1e-2] as [Float])
  func leaderThatTurnsBadIsReplaced(forgetting: Float) {
    var aggregation = Aggregation(mask: mask(2), forgetting: forgetting)
    for index in 0..<3_000 {
      if index == 2_500 { #expect(aggregation.weights[0] > 0.9) }
      let truth = index.isMultiple(of: 2) ? 1.0 : -1
      step(&aggregation, index < 2_500 ? [truth, -truth] : [-truth, truth], truth: truth)
    }
    #expect(aggregation.weights[1] > 0.9)
  }

  @Test func oneMemberHasAllTheWeight() {
    var aggregation = Aggregation(mask: mask(1), forgetting: 1e-3)
    for _ in 0..<10 { step(&aggregation, [3], truth: 1) }
    #expect(aggregation.weights[0] == 1)
  }

  @Test func extremesStayConvex() {
    var random = SplitMix64(seed: 17)
    var aggregation = Aggregation(mask: mask(16), forgetting: 0)
    for _ in 0..<5_000 {
      step(&aggregation, (0..<16).map { _ in random.below(2) == 0 ? 10.0 : -10 }, truth: random.normal())
      #expect(abs(aggregation.weights.total - 1) < 1e-5)
    }
  }

  /// Nothing happens for so long that the variance of every member is 0.
  @Test func silenceLeavesTheWeights() {
    var aggregation = Aggregation(mask: mask(2), forgetting: 0.5)
    for _ in 0..<1_000 { step(&aggregation, [0, 0], truth: 0) }
    #expect(abs(aggregation.weights[0] - 0.5) < 1e-6)
  }
}

@Suite struct MixerTests {
  private var constants: MixtureConstants {
    var constants = MixtureConstants()
    constants.processNoises = [1e-4, 1e-3]
    constants.hasLeader = false
    constants.hasHats = false
    constants.hasNetwork = false
    return constants
  }

  private func logits(_ one: Float, _ other: Float) -> [Members] {
    var logits = Members()
    logits[0] = one
    logits[1] = other
    return [logits]
  }

  @Test func overconfidentExpertsAreDrawnTowardsOneHalf() {
    var mixer = Mixer(task: .binary, constants: constants)
    var blends = [Mixer.Blend()]
    var random = SplitMix64(seed: 18)
    for _ in 0..<5_000 {
      let says: Float = random.below(2) == 0 ? 8 : -8
      mixer.blend(logits(says, says), [0], into: &blends)
      let isRight = random.below(10) < 7
      mixer.update(&blends, label: isRight == (says > 0) ? 1 : 0, weight: 1)
    }
    mixer.blend(logits(8, 8), [0], into: &blends)
    #expect((0.8...1.6).contains(blends[0].final))
  }

  @Test func regressionIsNotReshaped() {
    var mixer = Mixer(task: .regression, constants: constants)
    var blends = [Mixer.Blend()]
    for _ in 0..<1_000 {
      mixer.blend(logits(1, -1), [0], into: &blends)
      mixer.update(&blends, label: 1, weight: 1)
    }
    mixer.blend(logits(4, -4), [0], into: &blends)
    #expect(blends[0].final > 3.6 && blends[0].final <= 4)
    mixer.blend(logits(1e9, 1e9), [0], into: &blends)
    #expect(abs(blends[0].final - 10) < 1e-4)
  }

  /// What the network says counts as much as it deserves.
  @Test func networkThatIsAlwaysRightTakesOver() {
    var mixed = constants
    mixed.hasNetwork = true
    var mixer = Mixer(task: .binary, constants: mixed)
    var blends = [Mixer.Blend()]
    var random = SplitMix64(seed: 19)
    for _ in 0..<3_000 {
      let truth = random.below(2)
      mixer.blend(logits(Float(random.normal()), Float(random.normal())), [truth == 1 ? 3 : -3], into: &blends)
      mixer.update(&blends, label: Float(truth), weight: 1)
    }
    mixer.blend(logits(-3, -3), [3], into: &blends)
    #expect(blends[0].final > 2)
  }
}
