import TestSupport
import Testing

@testable import Models

/// Experts that learn given sparse rows, outside any encoder.
private struct Bench {
  var experts: LinearExperts
  private var scratch: Scratch

  init(_ task: Task, width: Int, _ change: (inout MixtureConstants) -> Void) throws {
    var constants = MixtureConstants()
    constants.hasLeader = false
    constants.hasHats = false
    change(&constants)
    let schema = try Schema(task: task, columns: (0..<8).map { Column(name: "c\($0)", kind: .numeric) })
    let encoder = Encoder(schema: schema, constants: MixtureConstants(), seed: 1)
    scratch = Scratch(encoder, outputs: task.outputs)
    experts = LinearExperts(task: task, constants: constants)
    experts.widen(to: width, hats: width)
  }

  init(_ task: Task, noises: [Double], width: Int) throws {
    try self.init(task, width: width) { $0.processNoises = noises }
  }

  mutating func learn(_ entries: [(Int, Float)], hats: [(Int, Float)] = [], _ label: Float) {
    place(entries, hats)
    experts.score(scratch.row, into: &scratch.logits)
    experts.learn(scratch.row, label: label, weight: 1, logits: &scratch.logits, sums: &scratch.sums)
  }

  func plain(_ entries: [(Int, Float)]) -> [Float] { logits(entries, []).flatMap { lanes($0.lowHalf) } }

  func curved(_ entries: [(Int, Float)], hats: [(Int, Float)]) -> [Float] {
    logits(entries, hats).flatMap { lanes($0.highHalf) }
  }

  private func logits(_ entries: [(Int, Float)], _ hats: [(Int, Float)]) -> [Members] {
    var bench = self
    bench.place(entries, hats)
    experts.score(bench.scratch.row, into: &bench.scratch.logits)
    return bench.scratch.logits
  }

  private func lanes(_ lanes: Lanes) -> [Float] { lanes.indices.map { lanes[$0] } }

  private mutating func place(_ entries: [(Int, Float)], _ hats: [(Int, Float)]) {
    (scratch.row.baseCount, scratch.row.hatCount) = (entries.count, hats.count)
    for (index, (slot, value)) in entries.enumerated() {
      scratch.row.entries[index] = Entry(slot: Int32(slot), value: value)
    }
    for (index, (slot, value)) in hats.enumerated() {
      scratch.row.entries[scratch.row.hatStart + index] = Entry(slot: Int32(slot), value: value)
    }
  }
}

@Suite struct KalmanTests {
  /// One column and no process noise: ridge regression with penalty 1, whose solution is Σxy/(1 + Σx²).
  @Test func oneColumnIsRidgeRegression() throws {
    var random = SplitMix64(seed: 7)
    var bench = try Bench(.regression, noises: [0], width: 1)
    var xy = 0.0
    var xx = 1.0
    for _ in 0..<2_000 {
      let x = 2 * random.uniform() - 1
      let y = 0.7 * x + 0.2 * random.normal()
      bench.learn([(0, Float(x))], Float(y))
      xy += x * y
      xx += x * x
      #expect(abs(Double(bench.plain([(0, 1)])[0]) - xy / xx) < 2e-6)
    }
  }

  /// Slots that never meet are independent ridge regressions: the mean of a level's labels, shrunk by one row.
  @Test func levelsAreShrunkMeans() throws {
    var random = SplitMix64(seed: 8)
    var bench = try Bench(.regression, noises: [0], width: 5)
    var sums = [Double](repeating: 0, count: 5)
    var counts = [Double](repeating: 1, count: 5)
    for _ in 0..<1_000 {
      let level = random.below(5)
      let y = Double(level) / 5 + 0.1 * random.normal()
      bench.learn([(level, 1)], Float(y))
      sums[level] += y
      counts[level] += 1
    }
    for level in 0..<5 { #expect(abs(Double(bench.plain([(level, 1)])[0]) - sums[level] / counts[level]) < 2e-6) }
  }

  /// With process noise the scalar Kalman filter's recursion, gaps between touches included.
  @Test func noiseGrowsWithRowsSinceTheLastTouch() throws {
    var random = SplitMix64(seed: 9)
    let q = 3e-3
    var bench = try Bench(.regression, noises: [q], width: 2)
    var weight = 0.0
    var variance = 1.0
    var age = 0.0
    for _ in 0..<1_000 {
      age += 1
      guard random.below(3) == 0 else {
        bench.learn([(1, 0.5)], 0)
        continue
      }
      let y = random.normal() / 2
      bench.learn([(0, 1)], Float(y))
      variance = min(1, variance + q * age)
      age = 0
      weight += variance / (1 + variance) * (y - weight)
      variance -= variance * variance / (1 + variance)
      #expect(abs(Double(bench.plain([(0, 1)])[0]) - weight) < 1e-5)
    }
  }

  @Test func firstLogisticStepIsClosedForm() throws {
    var bench = try Bench(.binary, noises: [0, 0.5], width: 2)
    bench.learn([(0, 1), (1, -2)], 1)
    // p = 1/2, curvature 1/4, innovation 2, S = 4 + 1 + 4.
    let expected: Float = 2.0 / 9 * (1 + 4)
    for logit in bench.plain([(0, 1), (1, -2)]).prefix(2) { #expect(abs(logit - expected) < 1e-6) }
  }

  @Test func outlyingTargetMovesNoMoreThanThree() throws {
    var wild = try Bench(.regression, noises: [0], width: 1)
    var tame = wild
    wild.learn([(0, 1)], 1e30)
    tame.learn([(0, 1)], 3)
    #expect(wild.experts == tame.experts)
  }

  @Test func expertsDoNotSeeEachOther() throws {
    var random = SplitMix64(seed: 10)
    var pair = try Bench(.binary, noises: [1e-4, 1e-2], width: 3)
    var slow = try Bench(.binary, noises: [1e-4], width: 3)
    var fast = try Bench(.binary, noises: [1e-2], width: 3)
    for _ in 0..<500 {
      let row = [(0, Float(1)), (1 + random.below(2), Float(random.normal()))]
      let label = Float(random.below(2))
      pair.learn(row, label)
      slow.learn(row, label)
      fast.learn(row, label)
      #expect(pair.plain(row)[0] == slow.plain(row)[0] && pair.plain(row)[1] == fast.plain(row)[0])
    }
  }

  @Test func newSlotsStartAtThePriorWithoutOldNoise() throws {
    var bench = try Bench(.regression, noises: [1e-3], width: 1)
    for _ in 0..<100 { bench.learn([(0, 1)], 1) }
    bench.experts.widen(to: 2, hats: 0)
    bench.learn([(1, 1)], 1)
    #expect(abs(bench.plain([(1, 1)])[0] - 0.5) < 1e-6)
  }

  /// The curved scope over base slots and hats is the plain scope over all of them in a row.
  @Test(arguments: [Task.regression, .binary, .three])
  func hatsAreMoreSlots(task: Task) throws {
    var random = SplitMix64(seed: 11)
    var curved = try Bench(task, width: 4) {
      $0.hasHats = true
      $0.hasLeader = true
    }
    var plain = try Bench(task, width: 8) { $0.hasLeader = true }
    for _ in 0..<400 {
      let base = [(0, Float(1)), (random.below(4), Float(random.normal()))]
      let hats = [(random.below(4), Float(random.uniform()))]
      let all = base + hats.map { ($0.0 + 4, $0.1) }
      let label = task == .regression ? Float(random.normal()) : Float(random.below(task == .three ? 3 : 2))
      curved.learn(base, hats: hats, label)
      plain.learn(all, label)
      for (one, other) in zip(curved.curved(base, hats: hats), plain.plain(all)) { #expect(abs(one - other) < 1e-4) }
    }
  }
}

@Suite struct LeaderTests {
  /// McMahan and others 2013, algorithm 1, per coordinate with λ₁ = λ₂ = 0, computed here in double precision.
  @Test func stepsAreThePublishedOnes() throws {
    var random = SplitMix64(seed: 12)
    var bench = try Bench(.binary, width: 3) {
      $0.processNoises = []
      $0.hasLeader = true
    }
    var sums = [0.0, 0, 0]
    var squares = [0.0, 0, 0]
    func weight(_ slot: Int) -> Double { -sums[slot] / ((1 + squares[slot].squareRoot()) / 0.05) }
    for _ in 0..<1_000 {
      let row = [(0, 1.0), (1, random.normal()), (2, random.uniform())]
      let label = Double(random.below(2))
      let p = Elementary.sigmoid(row.reduce(0.0) { $0 + weight($1.0) * $1.1 })
      for (slot, value) in row {
        let gradient = (p - label) * value
        let rate = ((squares[slot] + gradient * gradient).squareRoot() - squares[slot].squareRoot()) / 0.05
        sums[slot] += gradient - rate * weight(slot)
        squares[slot] += gradient * gradient
      }
      bench.learn(row.map { ($0.0, Float($0.1)) }, Float(label))
      for slot in 0..<3 { #expect(abs(Double(bench.plain([(slot, 1)])[0]) - weight(slot)) < 1e-4) }
    }
  }
}
