import Foundation
import TestSupport
import Testing

@testable import Models

@Suite struct ElementaryTests {
  private func error(_ value: Double, _ truth: Double) -> Double {
    value == truth ? 0 : abs(value - truth) / abs(truth)
  }

  @Test func exponentialAgreesWithLibm() {
    var worst = 0.0
    var random = SplitMix64(seed: 1)
    for _ in 0..<200_000 {
      let x = (random.uniform() - 0.5) * 1_416
      worst = max(worst, error(Elementary.exp(x), Foundation.exp(x)))
      let small = (random.uniform() - 0.5) * 4
      worst = max(worst, error(Elementary.exp(small), Foundation.exp(small)))
    }
    #expect(worst < 1e-15)
  }

  @Test func exponentialAtTheEnds() {
    #expect(Elementary.exp(0.0) == 1)
    #expect(Elementary.exp(-0.0) == 1)
    #expect(Elementary.exp(710.0) == .infinity)
    #expect(Elementary.exp(Double.infinity) == .infinity)
    #expect(Elementary.exp(-746.0) == 0)
    #expect(Elementary.exp(-Double.infinity) == 0)
    #expect(Elementary.exp(Double.nan).isNaN)
    #expect(Elementary.exp(709.78).isFinite)
    for x in stride(from: -745.1, through: -708, by: 0.01) {
      #expect(
        abs(Elementary.exp(x) - Foundation.exp(x)) <= 2 * Double.leastNonzeroMagnitude + 1e-15 * Foundation.exp(x))
    }
  }

  @Test func logarithmAgreesWithLibm() {
    var worst = 0.0
    var random = SplitMix64(seed: 2)
    for _ in 0..<200_000 {
      let x = Double(bitPattern: random.next() >> 1)
      if x.isFinite && x > 0 { worst = max(worst, error(Elementary.log(x), Foundation.log(x))) }
      let near = 0.5 + random.uniform()
      worst = max(worst, error(Elementary.log(near), Foundation.log(near)))
    }
    for step in 1..<2_000 {
      for x in [1 + Double(step) * 1e-12, 1 - Double(step) * 1e-12, Double(step)] {
        worst = max(worst, error(Elementary.log(x), Foundation.log(x)))
      }
    }
    #expect(worst < 1e-15)
  }

  @Test func logarithmAtTheEnds() {
    #expect(Elementary.log(1) == 0)
    #expect(Elementary.log(0) == -.infinity)
    #expect(Elementary.log(-1).isNaN)
    #expect(Elementary.log(.nan).isNaN)
    #expect(Elementary.log(.infinity) == .infinity)
    let least = Double.leastNonzeroMagnitude
    #expect(error(Elementary.log(least), Foundation.log(least)) < 1e-15)
  }

  @Test func sigmoidIsAccurateAndSymmetric() {
    for step in -8_000...8_000 {
      let z = Double(step) / 10
      let p = Elementary.sigmoid(z)
      #expect((0...1).contains(p))
      #expect(abs(p + Elementary.sigmoid(-z) - 1) < 1e-15)
      if z > -700 { #expect(error(p, 1 / (1 + Foundation.exp(-z))) < 2e-15) }
    }
  }

  @Test func softmaxTakesHugeLogits() {
    var values = [1e300, -1e300, 1e300]
    Elementary.softmax(&values)
    #expect(values == [0.5, 0, 0.5])
  }

  @Test func exponentialOfLanesAgreesWithLibm() {
    var worst = 0.0
    var random = SplitMix64(seed: 3)
    for _ in 0..<4_000 {
      var lanes = Lanes()
      for lane in lanes.indices { lanes[lane] = Float((random.uniform() - 0.5) * (lane < 4 ? 158 : 2)) }
      let values = Elementary.exp(lanes)
      let wide = Elementary.exp(SIMD16(lowHalf: lanes, highHalf: lanes))
      for lane in lanes.indices {
        #expect(values[lane] == Elementary.exp(lanes[lane]) && wide[lane + 8] == values[lane])
        worst = max(worst, error(Double(values[lane]), Foundation.exp(Double(lanes[lane]))))
      }
    }
    #expect(worst < 3e-7)
    #expect(Elementary.exp(Lanes(repeating: 0)) == Lanes(repeating: 1))
    #expect(Elementary.exp(Float.infinity).isFinite && Elementary.exp(-Float.infinity) > 0)
  }

  @Test func sumsAndTopsAreOfAllLanes() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<200 {
      var lanes = SIMD16<Float>()
      for lane in lanes.indices { lanes[lane] = Float(random.below(1_000) - 500) }
      let values = lanes.indices.map { lanes[$0] }
      #expect(lanes.total == values.reduce(0, +) && lanes.top == values.max())
      #expect(lanes.lowHalf.total == values[..<8].reduce(0, +) && lanes.lowHalf.top == values[..<8].max())
      #expect(lanes.clipped(100) == SIMD16(values.map { min(max($0, -100), 100) }))
    }
  }
}
