import TestSupport
import Testing

@testable import Models

@Suite struct RegressionQualityTests {
  @Test(arguments: [Family.mixture, .linearMixture, .linear])
  func linearModelRecoversCoefficients(family: Family) throws {
    var random = SplitMix64(seed: 11)
    let schema = try Schema(task: .regression, columns: columns(.numeric, .numeric, .numeric))
    var model = Model(schema: schema, family: family)
    let truth: (Double, Double, Double) -> Double = { 40 + 3 * $0 - 2 * $1 + 0.5 * $2 }
    var rows: [(Row, Target)] = []
    for _ in 0..<3_000 {
      let x = (random.normal(), 5 * random.normal() + 100, 0.01 * random.normal())
      let row = schema.row(.number(x.0), .number(x.1), .number(x.2))
      rows.append((row, .number(truth(x.0, (x.1 - 100) / 5, x.2 * 100) + 0.5 * random.normal())))
    }
    #expect(model.learn(rows) == 3_000)
    for (a, b, c) in [(0.0, 0.0, 0.0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (-2, 1, 1)] {
      let row = schema.row(.number(a), .number(100 + 5 * b), .number(0.01 * c))
      #expect(abs(model.predict(row).number - truth(a, b, c)) < 0.1)
    }
  }

  /// A parabola has no straight part: only hats and the network see it.
  @Test func curvesAreLearned() throws {
    var random = SplitMix64(seed: 12)
    let schema = try Schema(task: .regression, columns: columns(.numeric))
    func rows(_ count: Int) -> [(Row, Target)] {
      (0..<count).map { _ in
        let x = 2 * random.uniform() - 1
        return (schema.row(.number(x)), .number(x * x))
      }
    }
    let (learned, tested) = (rows(3_000), rows(500))
    func error(_ family: Family) -> Double {
      var model = Model(schema: schema, family: family)
      model.learn(learned)
      var evaluation = Evaluation(task: .regression)
      for (row, target) in tested { evaluation.add(model.predict(row), target) }
      return evaluation.mae ?? .infinity
    }
    #expect(error(.linear) > 0.2)
    for family in [Family.mixture, .linearMixture, .network] { #expect(error(family) < 0.015) }
  }

  @Test func logisticModelIsCalibrated() throws {
    var random = SplitMix64(seed: 12)
    let schema = try Schema(task: .binary, columns: columns(.numeric, .categorical))
    var rows: [(Row, Target)] = []
    var truths: [Double] = []
    for _ in 0..<8_000 {
      let x = random.normal()
      let level = random.below(3)
      let p = Elementary.sigmoid(1.5 * x + Double(level) - 1)
      truths.append(p)
      rows.append((schema.row(.number(x), .category("\(level)")), .number(random.uniform() < p ? 1 : 0)))
    }
    var model = Model(schema: schema)
    model.learn(rows[..<6_000])
    let error = (6_000..<8_000).reduce(0.0) { $0 + abs(model.predict(rows[$1].0).number - truths[$1]) } / 2_000
    #expect(error < 0.015)
  }

  @Test func experiencedMixtureFollowsAnAbruptChange() throws {
    let schema = try Schema(task: .binary, columns: columns(.categorical))
    var model = Model(schema: schema)
    var random = SplitMix64(seed: 13)
    var hits = 0
    let rows: [(Row, Target)] = (0..<4_000).map { index in
      let one = random.below(2) == 0
      return (schema.row(.category(one ? "a" : "b")), .number(one == (index < 3_000) ? 1 : 0))
    }
    for ((_, target), output) in zip(rows, model.predictThenLearn(rows)).dropFirst(3_200) {
      if (output.number >= 0.5) == (target == .number(1)) { hits += 1 }
    }
    #expect(hits >= 780)
  }
}

@Suite struct SoftmaxTests {
  /// Two classes are the logistic model, but for single precision; not so FTRL-proximal, whose two logits take a step each.
  @Test(arguments: [
    (Family.linear, 1e-6), (Family("filters") { ($0.hasLeader, $0.hasNetwork) = (false, false) }, 1e-4),
    (.linearMixture, 0.01),
  ])
  func twoClassesAreLogisticRegression(family: Family, bound: Double) throws {
    let binary = try Schema(task: .binary, columns: mixedColumns)
    let classes = try Schema(task: .multiclass(classes: ["0", "1"]), columns: mixedColumns)
    var logistic = Model(schema: binary, family: family)
    var softmax = Model(schema: classes, family: family)
    let rows = mixedRows(1_000, seed: 14, schema: binary)
    for block in stride(from: 0, to: rows.count, by: 50) {
      let slice = rows[block..<block + 50]
      for (row, _) in slice {
        let p = logistic.predict(row).number
        let q = softmax.predict(row).all
        #expect(abs(p - q[1]) < bound && abs(q[0] + q[1] - 1) < 1e-12)
      }
      #expect(logistic.learn(block: slice) == 50)
      #expect(softmax.learn(block: slice.map { ($0.0, .category($0.1 == .number(1) ? "1" : "0")) }) == 50)
    }
  }

  @Test(arguments: Family.all(for: .three))
  func threeClassesAreLearned(family: Family) throws {
    let schema = try Schema(task: .three, columns: mixedColumns)
    let rows = mixedRows(2_500, seed: 15, schema: schema)
    var model = Model(schema: schema, family: family)
    model.learn(rows[..<2_000])
    var evaluation = Evaluation(task: schema.task)
    for (row, target) in rows[2_000...] {
      let output = model.predict(row)
      #expect(abs(output.all.reduce(0, +) - 1) < 1e-12)
      evaluation.add(output, target)
    }
    #expect(evaluation.accuracy ?? 0 > 0.77)
    #expect(evaluation.logLoss ?? 9 < 0.5)
  }
}

@Suite struct ServedTests {
  /// Labels 100 rows late and one by one, of a stream whose labels are those of their neighbours: parts that are
  /// weighed by what they say after having learned the neighbours look better than they serve.
  @Test func partsAreWeighedByWhatTheySaidWhenTheyServed() throws {
    var random = SplitMix64(seed: 16)
    let schema = try Schema(task: .binary, columns: columns(.numeric))
    var level = 0.0
    let rows: [(Row, Target)] = (0..<3_000).map { _ in
      level += 0.3 * random.normal() - 0.02 * level
      let p = Elementary.sigmoid(3 * level)
      return (schema.row(.number(random.normal())), .number(random.uniform() < p ? 1 : 0))
    }
    func loss(_ learn: (inout Model, Int, Served) -> Void) -> Double {
      var model = Model(schema: schema)
      var served: [Served] = []
      var evaluation = Evaluation(task: .binary)
      for (index, (row, target)) in rows.enumerated() {
        served += model.serve([row])
        evaluation.add(served[index].output, target)
        if index >= 100 { learn(&model, index - 100, served[index - 100]) }
      }
      return evaluation.logLoss ?? .infinity
    }
    let naive = loss { model, index, _ in model.learn(rows[index].0, rows[index].1) }
    let knowing = loss { model, index, served in model.learn(rows[index].0, rows[index].1, served: served) }
    #expect(knowing < 0.9 * naive)
  }

  @Test(arguments: everyTask)
  func servingIsPredicting(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    var model = Model(schema: schema)
    let rows = mixedRows(300, seed: 17, schema: schema)
    model.learn(rows[..<200])
    #expect(model.serve(rows.map(\.0)).map(\.output) == model.predict(rows.map(\.0)))
    let other = try Schema(task: task == .three ? .binary : .three, columns: mixedColumns)
    let foreign = Model(schema: other).serve([rows[0].0])[0]
    #expect(model.learn(rows[200].0, rows[200].1, served: foreign) == true)
    #expect(model.predict(rows[0].0).isFinite)
  }
}
