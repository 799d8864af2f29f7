import TestSupport
import Testing

@testable import Models

@Suite("Counts")
struct CountTests {
  /// A draw of a Poisson process of this mean, by the product of uniforms, in parts where the mean is large.
  private func poisson(_ mean: Double, _ random: inout SplitMix64) -> Double {
    guard mean < 30 else { return poisson(mean / 2, &random) + poisson(mean / 2, &random) }
    let bound = Elementary.exp(-mean)
    var (product, count) = (random.uniform(), 0.0)
    while product > bound {
      product *= random.uniform()
      count += 1
    }
    return count
  }

  @Test("Coefficients of the logarithm of the mean are found, from rare counts to large ones, and totals agree")
  func coefficients() throws {
    let schema = try Schema(task: .regression, columns: columns(.numeric, .categorical))
    for (index, base) in [0.05, 1, 40, 3_000].enumerated() {
      var random = SplitMix64(seed: 90 + UInt64(index))
      func mean(_ x: Double, _ isB: Bool) -> Double { base * Elementary.exp(0.6 * x + (isB ? 0.8 : 0)) }
      let rows: [(Row, Target)] = (0..<6_000).map { _ in
        let (x, isB) = (random.normal(), random.below(2) == 1)
        return (schema.row(.number(x), .category(isB ? "b" : "a")), .number(poisson(mean(x, isB), &random)))
      }
      var model = Model(schema: schema, family: .poisson)
      let outputs = model.predictThenLearn(rows)
      let (said, true_) = (
        outputs[2_000...].reduce(0) { $0 + $1.number }, rows[2_000...].reduce(0) { $0 + count($1.1) }
      )
      #expect(abs(said / true_ - 1) < 0.03, "\(base): \(said), \(true_)")
      for (x, isB) in [(0.0, false), (0, true), (1, false), (-1, true)] {
        let found = model.predict(schema.row(.number(x), .category(isB ? "b" : "a"))).number
        #expect(abs(found / mean(x, isB) - 1) < (base < 10 ? 0.4 : 0.1), "\(base), \(x), \(isB): \(found)")
      }
    }
  }

  private func count(_ target: Target) -> Double { if case .number(let count) = target { count } else { .nan } }

  @Test("A straight line loses on counts that grow by factors")
  func factors() throws {
    let schema = try Schema(task: .regression, columns: columns(.numeric))
    var random = SplitMix64(seed: 95)
    let rows: [(Row, Target)] = (0..<4_000).map { _ in
      let x = random.normal()
      return (schema.row(.number(x)), .number(poisson(5 * Elementary.exp(x), &random)))
    }
    func figures(_ family: Family) -> Evaluation {
      var model = Model(schema: schema, family: family)
      var evaluation = Evaluation(task: .regression)
      for (output, row) in zip(model.predictThenLearn(rows), rows).dropFirst(400) { evaluation.add(output, row.1) }
      return evaluation
    }
    let (counts, line) = (figures(.poisson), figures(.linear))
    // That of the truth is close to 1.
    #expect(try #require(counts.poissonDeviance) < 1.2)
    #expect(try #require(line.poissonDeviance) > 2)
    #expect(try #require(counts.mae) < (try #require(line.mae)))
  }

  @Test("Negative numbers are refused and teach nothing; a mean of 0 is said until there is more; outliers pass")
  func edges() throws {
    let schema = try Schema(task: .regression, columns: columns(.numeric))
    #expect(throws: ModelError.self) { try Family.poisson.target(.number(-1), of: .regression) }
    #expect(try Family.poisson.target(.number(0), of: .regression) == .number(0))
    #expect(try Family.linear.target(.number(-1), of: .regression) == .number(-1))
    var model = Model(schema: schema, family: .poisson)
    let row = schema.row(.number(1))
    #expect(model.predict(row) == .number(0))
    let refused = model.learn(row, .number(-3))
    #expect(!refused)
    for _ in 0..<20 { model.learn(row, .number(0)) }
    #expect(model.rowsLearned == 20)
    #expect(model.predict(row) == .number(0))
    for _ in 0..<300 { model.learn(row, .number(7)) }
    #expect(abs(model.predict(row).number - 7) < 1)
    for _ in 0..<5 { model.learn(row, .number(1e300)) }
    for _ in 0..<2_000 { model.learn(row, .number(7)) }
    let after = model.predict(row).number
    #expect(after > 0 && after.isFinite && after < 100)
  }

  @Test("The deviance is that of the definition, and there is none of negative numbers")
  func deviance() {
    let loss = LossFunction(.poissonDeviance, task: .regression)
    #expect(loss(.number(3), .number(3)) == 0)
    #expect(loss(.number(2), .number(0)) == 4)
    let some = loss(.number(2), .number(5)) ?? .nan
    #expect(abs(some - 2 * (5 * Elementary.log(2.5) - 3)) < 1e-12)
    #expect(loss(.number(2), .number(-1)) == nil)
    #expect(loss(.number(-4), .number(1))?.isFinite == true)
    var evaluation = Evaluation(task: .regression)
    evaluation.add(.number(2), .number(0))
    #expect(evaluation.poissonDeviance == 4)
    evaluation.add(.number(2), .number(-1))
    #expect(evaluation.poissonDeviance == nil)
  }
}
