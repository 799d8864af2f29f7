import TestSupport
import Testing

@testable import Drift

/// The library river 0.26.1 on the same streams (Page–Hinkley with a threshold of 20, all else as it comes).
@Suite("Familiar detectors")
struct FamiliarTests {
  enum Kind: Sendable {
    case levels, bits, ramp, steps

    func values(seed: UInt64) -> [Double] {
      var chance = SplitMix64(seed: seed)
      switch self {
      case .levels:
        return (0..<6_000).map { row in
          let level = row / 1_000
          return chance.normal() + Double(level) * 1.5 * (level % 2 == 1 ? 1 : -1)
        }
      case .bits: return (0..<10_000).map { chance.uniform() < ($0 / 2_000 % 2 == 0 ? 0.1 : 0.25) ? 1 : 0 }
      case .ramp: return (0..<5_000).map { chance.normal() + Double($0) * 0.001 }
      case .steps: return (0..<5_000).map { chance.uniform() + Double($0 / 700 % 3) * 0.4 }
      }
    }
  }

  struct Golden: Sendable {
    let kind: Kind
    let seed: UInt64
    let adwin: [Int]
    let width: Int
    let mean: Double
    let pageHinkley: [Int]

    init(_ kind: Kind, seed: UInt64, adwin: [Int], width: Int, mean: Double, pageHinkley: [Int]) {
      self.kind = kind
      self.seed = seed
      self.adwin = adwin
      self.width = width
      self.mean = mean
      self.pageHinkley = pageHinkley
    }
  }

  static let goldens = [
    Golden(
      .levels, seed: 1, adwin: [1023, 2015, 3007, 4031, 5023], width: 976, mean: 7.525222664966221,
      pageHinkley: [
        197, 837, 1007, 1366, 2002, 2160, 2282, 2449, 2680, 2770, 2978, 3008, 3126, 3202, 3775, 4000, 4397, 4668, 4893,
        5001, 5164, 5320, 5430, 5636, 5790, 5926,
      ]),
    Golden(
      .levels, seed: 2, adwin: [1023, 2015, 3007, 4031, 5023], width: 976, mean: 7.503712854476408,
      pageHinkley: [
        354, 467, 778, 988, 1019, 1125, 1282, 1522, 1990, 2020, 2301, 2438, 2716, 2953, 3002, 3259, 3298, 3423, 3579,
        3764, 4001, 4407, 4631, 5001, 5444, 5817,
      ]),
    Golden(
      .bits, seed: 1, adwin: [2239, 4223, 6239, 8223], width: 1776, mean: 0.10247747747747747,
      pageHinkley: [2099, 3346, 4109, 5478, 6161, 7623, 8087]),
    Golden(
      .bits, seed: 2, adwin: [2175, 4319, 6239, 8255], width: 1744, mean: 0.10665137614678899,
      pageHinkley: [1824, 2172, 4093, 6182, 8039]),
    Golden(
      .ramp, seed: 1, adwin: [703, 1439, 2143, 2655, 3199, 3999, 4639], width: 360, mean: 4.86057936193582,
      pageHinkley: [
        185, 381, 549, 696, 839, 1279, 1577, 1698, 1865, 2144, 2258, 2349, 2435, 2765, 2967, 3117, 3232, 3373, 3628,
        3839, 4027, 4186, 4437, 4736,
      ]),
    Golden(
      .ramp, seed: 2, adwin: [735, 1215, 1983, 2559, 3263, 3999, 4703], width: 296, mean: 4.892201616177351,
      pageHinkley: [
        256, 352, 655, 902, 1036, 1201, 1345, 1496, 1818, 1934, 2130, 2343, 2516, 2719, 2940, 3045, 3129, 3286, 3381,
        3542, 3765, 4021, 4107, 4370, 4635, 4864,
      ]),
    Golden(
      .steps, seed: 1, adwin: [735, 1439, 2143, 2847, 3551, 4223, 4959], width: 40, mean: 0.8896395519986926,
      pageHinkley: [750, 1428, 2120, 2847, 3545, 4226, 4942]),
    Golden(
      .steps, seed: 2, adwin: [735, 1471, 2143, 2847, 3551, 4223, 4959], width: 40, mean: 0.8691231249308039,
      pageHinkley: [728, 1447, 2123, 2842, 3545, 4214, 4943]),
  ]

  @Test("ADWIN cuts where river cuts", arguments: goldens)
  func adwin(golden: Golden) {
    var detector = ADWIN()
    var found: [Int] = []
    for (row, value) in golden.kind.values(seed: golden.seed).enumerated() {
      detector.update(value)
      if detector.driftDetected { found.append(row) }
    }
    #expect(found == golden.adwin)
    #expect(detector.width == golden.width)
    #expect((detector.estimation - golden.mean).magnitude < 1e-9)
  }

  @Test("Page–Hinkley alarms where river alarms", arguments: goldens)
  func pageHinkley(golden: Golden) {
    var detector = PageHinkley(threshold: 20)
    var found: [Int] = []
    for (row, value) in golden.kind.values(seed: golden.seed).enumerated() {
      detector.update(value)
      if detector.driftDetected { found.append(row) }
    }
    #expect(found == golden.pageHinkley)
  }

  @Test("Values that are no numbers are passed over", arguments: MeanDetector.Method.allCases)
  func noNumbers(method: MeanDetector.Method) {
    var detector = MeanDetector(method)
    var same = detector
    for row in 0..<500 {
      detector.update(Double(row % 7))
      same.update(.nan)
      same.update(Double(row % 7))
      same.update(.infinity)
    }
    #expect(detector == same)
    #expect(!detector.driftDetected)
  }
}
