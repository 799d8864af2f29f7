import TestSupport
import Testing

@testable import Models

@Suite struct KalmanTests {
  /// Experts that learn given sparse rows, outside any encoder.
  private struct Bench {
    var experts: KalmanExperts
    var scratch: Scratch

    init(_ task: Task, noises: [Double], width: Int) throws {
      let family = try Family(processNoises: noises)
      let schema = try Schema(task: task, columns: columns(.numeric))
      scratch = Scratch(Model(schema: schema, family: family))
      experts = KalmanExperts(task: task, family: family)
      experts.widen(to: width)
    }

    mutating func learn(_ entries: [(Int, Double)], _ label: Double) {
      scratch.row.clear()
      for (slot, value) in entries { scratch.row.append(slot, value) }
      experts.learn(label: label, &scratch)
    }

    mutating func logits(_ entries: [(Int, Double)]) -> [Double] {
      scratch.row.clear()
      for (slot, value) in entries { scratch.row.append(slot, value) }
      experts.score(scratch.row, into: &scratch.logits)
      return scratch.logits
    }
  }

  /// One column and no process noise: ridge regression with penalty 1, whose solution is Σxy/(1 + Σx²).
  @Test func oneColumnIsRidgeRegression() throws {
    var random = SplitMix64(seed: 7)
    var bench = try Bench(.regression, noises: [0], width: 1)
    var xy = 0.0
    var xx = 1.0
    for _ in 0..<2_000 {
      let x = 2 * random.uniform() - 1
      let y = 0.7 * x + 0.2 * random.normal()
      bench.learn([(0, x)], y)
      xy += x * y
      xx += x * x
      #expect(abs(bench.logits([(0, 1)])[0] - xy / xx) < 1e-12)
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
      bench.learn([(level, 1)], y)
      sums[level] += y
      counts[level] += 1
    }
    for level in 0..<5 { #expect(abs(bench.logits([(level, 1)])[0] - sums[level] / counts[level]) < 1e-12) }
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
      bench.learn([(0, 1)], y)
      variance = min(1, variance + q * age)
      age = 0
      weight += variance / (1 + variance) * (y - weight)
      variance -= variance * variance / (1 + variance)
      #expect(abs(bench.logits([(0, 1)])[0] - weight) < 1e-12)
    }
  }

  @Test func firstLogisticStepIsClosedForm() throws {
    var bench = try Bench(.binary, noises: [0, 0.5], width: 2)
    bench.learn([(0, 1), (1, -2)], 1)
    // p = 1/2, curvature 1/4, innovation 2, S = 4 + 1 + 4.
    let expected = 2.0 / 9 * (1 + 4)
    for logit in bench.logits([(0, 1), (1, -2)]) { #expect(abs(logit - expected) < 1e-15) }
  }

  @Test func outlyingTargetMovesNoMoreThanThree() throws {
    var wild = try Bench(.regression, noises: [0], width: 1)
    var tame = wild
    wild.learn([(0, 1)], 1e90)
    tame.learn([(0, 1)], 3)
    #expect(wild.experts == tame.experts)
  }

  @Test func expertsDoNotSeeEachOther() throws {
    var random = SplitMix64(seed: 10)
    var pair = try Bench(.binary, noises: [1e-4, 1e-2], width: 3)
    var slow = try Bench(.binary, noises: [1e-4], width: 3)
    var fast = try Bench(.binary, noises: [1e-2], width: 3)
    for _ in 0..<500 {
      let row = [(0, 1.0), (1 + random.below(2), random.normal())]
      let label = Double(random.below(2))
      pair.learn(row, label)
      slow.learn(row, label)
      fast.learn(row, label)
      #expect(pair.logits(row) == slow.logits(row) + fast.logits(row))
    }
  }

  @Test func newSlotsStartAtThePriorWithoutOldNoise() throws {
    var bench = try Bench(.regression, noises: [1e-3], width: 1)
    for _ in 0..<100 { bench.learn([(0, 1)], 1) }
    bench.experts.widen(to: 2)
    bench.learn([(1, 1)], 1)
    #expect(abs(bench.logits([(1, 1)])[0] - 0.5) < 1e-12)
  }
}

@Suite struct RegressionQualityTests {
  @Test func linearModelRecoversCoefficients() throws {
    var random = SplitMix64(seed: 11)
    let schema = try Schema(task: .regression, columns: columns(.numeric, .numeric, .numeric))
    var model = Model(schema: schema)
    let truth: (Double, Double, Double) -> Double = { 40 + 3 * $0 - 2 * $1 + 0.5 * $2 }
    var rows: [(Row, Target)] = []
    for _ in 0..<5_000 {
      let x = (random.normal(), 5 * random.normal() + 100, 0.01 * random.normal())
      let row = schema.row(.number(x.0), .number(x.1), .number(x.2))
      rows.append((row, .number(truth(x.0, (x.1 - 100) / 5, x.2 * 100) + 0.5 * random.normal())))
    }
    #expect(model.learn(rows) == 5_000)
    for (a, b, c) in [(0.0, 0.0, 0.0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (-2, 1, 1)] {
      let row = schema.row(.number(a), .number(100 + 5 * b), .number(0.01 * c))
      #expect(abs(model.predict(row).number - truth(a, b, c)) < 0.1)
    }
  }

  @Test func logisticModelIsCalibrated() throws {
    var random = SplitMix64(seed: 12)
    let schema = try Schema(task: .binary, columns: columns(.numeric, .categorical))
    var rows: [(Row, Target)] = []
    var truths: [Double] = []
    for _ in 0..<20_000 {
      let x = random.normal()
      let level = random.below(3)
      let p = Elementary.sigmoid(1.5 * x + Double(level) - 1)
      truths.append(p)
      rows.append((schema.row(.number(x), .category("\(level)")), .number(random.uniform() < p ? 1 : 0)))
    }
    var model = Model(schema: schema)
    model.learn(rows[..<15_000])
    let error = (15_000..<20_000).reduce(0.0) { $0 + abs(model.predict(rows[$1].0).number - truths[$1]) } / 5_000
    #expect(error < 0.02)
  }

  @Test func experiencedMixtureFollowsAnAbruptChange() throws {
    let schema = try Schema(task: .binary, columns: columns(.categorical))
    var model = Model(schema: schema)
    var random = SplitMix64(seed: 13)
    var hits = 0
    for index in 0..<4_000 {
      let one = random.below(2) == 0
      let row = schema.row(.category(one ? "a" : "b"))
      let truth: Double = one == (index < 3_000) ? 1 : 0
      if index >= 3_200, (model.predict(row).number >= 0.5) == (truth == 1) { hits += 1 }
      model.learn(row, .number(truth))
    }
    #expect(hits >= 780)
  }
}

@Suite struct SoftmaxTests {
  @Test func twoClassesAreLogisticRegression() throws {
    let binary = try Schema(task: .binary, columns: mixedColumns)
    let classes = try Schema(task: .multiclass(classes: ["0", "1"]), columns: mixedColumns)
    var logistic = Model(schema: binary)
    var softmax = Model(schema: classes)
    let rows = mixedRows(3_000, seed: 14, schema: binary)
    for block in stride(from: 0, to: rows.count, by: 50) {
      let slice = rows[block..<block + 50]
      for (row, _) in slice {
        let p = logistic.predict(row).number
        let q = softmax.predict(row).all
        #expect(abs(p - q[1]) < 1e-9 && abs(q[0] + q[1] - 1) < 1e-12)
      }
      #expect(logistic.learn(block: slice) == 50)
      #expect(softmax.learn(block: slice.map { ($0.0, .category($0.1 == .number(1) ? "1" : "0")) }) == 50)
    }
  }

  @Test func threeClassesAreLearned() throws {
    let schema = try Schema(task: .three, columns: mixedColumns)
    let rows = mixedRows(6_000, seed: 15, schema: schema)
    var model = Model(schema: schema)
    model.learn(rows[..<5_000])
    var evaluation = Evaluation(task: schema.task)
    for (row, target) in rows[5_000...] {
      let output = model.predict(row)
      #expect(abs(output.all.reduce(0, +) - 1) < 1e-12)
      evaluation.add(output, target)
    }
    #expect(evaluation.accuracy ?? 0 > 0.68)
    #expect(evaluation.logLoss ?? 9 < 0.7)
  }
}
