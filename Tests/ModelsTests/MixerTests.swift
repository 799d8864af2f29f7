import TestSupport
import Testing

@testable import Models

@Suite struct AggregationTests {
  @Test(arguments: [0.0, 1e-3, 0.5])
  func weightsAreConvexAndFindTheBetterMember(forgetting: Double) {
    var random = SplitMix64(seed: 16)
    var aggregation = Aggregation(members: 3, forgetting: forgetting)
    #expect(aggregation.weights == [Double](repeating: 1 / 3, count: 3))
    for _ in 0..<2_000 {
      let truth = random.normal()
      let inputs = [truth + 0.1 * random.normal(), random.normal(), -truth]
      var mixture = [0.0]
      aggregation.mix(inputs, into: &mixture)
      aggregation.update(inputs: inputs, mixture: mixture, gradients: [mixture[0] - truth])
      #expect(abs(aggregation.weights.reduce(0, +) - 1) < 1e-12)
      #expect(aggregation.weights.min() ?? -1 >= 0)
    }
    if forgetting < 0.1 { #expect(aggregation.weights[0] > 0.9) }
  }

  @Test(arguments: [0, 1e-3, 1e-2])
  func leaderThatTurnsBadIsReplaced(forgetting: Double) {
    var aggregation = Aggregation(members: 2, forgetting: forgetting)
    for step in 0..<3_000 {
      if step == 2_500 { #expect(aggregation.weights[0] > 0.9) }
      let truth = step.isMultiple(of: 2) ? 1.0 : -1
      let inputs = step < 2_500 ? [truth, -truth] : [-truth, truth]
      var mixture = [0.0]
      aggregation.mix(inputs, into: &mixture)
      aggregation.update(inputs: inputs, mixture: mixture, gradients: [mixture[0] - truth])
    }
    #expect(aggregation.weights[1] > 0.9)
  }

  @Test func oneMemberHasAllTheWeight() {
    var aggregation = Aggregation(members: 1, forgetting: 1e-3)
    aggregation.update(inputs: [3], mixture: [3], gradients: [1])
    #expect(aggregation.weights == [1])
  }

  @Test func extremesStayConvex() {
    var random = SplitMix64(seed: 17)
    var aggregation = Aggregation(members: 4, forgetting: 0)
    for _ in 0..<5_000 {
      let inputs = (0..<8).map { _ in random.below(2) == 0 ? 10.0 : -10 }
      var mixture = [0.0, 0]
      aggregation.mix(inputs, into: &mixture)
      aggregation.update(inputs: inputs, mixture: mixture, gradients: [3, -3])
      #expect(abs(aggregation.weights.reduce(0, +) - 1) < 1e-12)
    }
  }
}

@Suite struct MixerTests {
  @Test func overconfidentExpertsAreDrawnTowardsOneHalf() throws {
    let family = try Family(processNoises: [1e-4, 1e-3])
    var mixer = Mixer(task: .binary, family: family)
    var blend = Mixer.Blend(mixer)
    var random = SplitMix64(seed: 18)
    for _ in 0..<5_000 {
      let says = random.below(2) == 0 ? 8.0 : -8
      mixer.blend([says, says], into: &blend)
      let isRight = random.below(10) < 7
      mixer.update(&blend, label: isRight == (says > 0) ? 1 : 0)
    }
    mixer.blend([8, 8], into: &blend)
    #expect(blend.mixed[0] == 8)
    #expect((0.8...1.6).contains(blend.final[0]))
  }

  @Test func regressionIsNotReshaped() throws {
    var mixer = Mixer(task: .regression, family: try Family(processNoises: [1e-4, 1e-3]))
    var blend = Mixer.Blend(mixer)
    for _ in 0..<1_000 {
      mixer.blend([1, -1], into: &blend)
      mixer.update(&blend, label: 1)
    }
    mixer.blend([4, -4], into: &blend)
    #expect(blend.final[0] > 3.6 && blend.final[0] <= 4)
    mixer.blend([1e9, 1e9], into: &blend)
    #expect(abs(blend.final[0] - 10) < 1e-9)
  }
}
