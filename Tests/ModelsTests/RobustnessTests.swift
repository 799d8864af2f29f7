import TestSupport
import Testing

@testable import Models

@Suite struct RobustnessTests {
  private func garbage(_ random: inout SplitMix64) -> Value {
    switch random.below(12) {
    case 0: .missing
    case 1: .number(.nan)
    case 2: .number(random.below(2) == 0 ? .infinity : -.infinity)
    case 3: .number(Double(bitPattern: random.next()))
    case 4: .number(random.below(2) == 0 ? 1e300 : -1e300)
    case 5: .number(.leastNonzeroMagnitude)
    case 6: .category("")
    case 7: .category("\(random.below(1_000))")
    case 8: .category("\(random.next())")
    case 9: .number(1e6)
    default: .number(random.normal())
    }
  }

  private func target(_ task: Task, _ random: inout SplitMix64) -> Target {
    switch task {
    case .regression:
      .number([0, 1e6, -1e300, Double(bitPattern: random.next()), random.normal()][random.below(5)])
    case .binary: .number([0, 1, 0.5, .nan][random.below(4)])
    case .multiclass: .category(["a", "b", "c", "d"][random.below(4)])
    }
  }

  private func isSane(_ output: Output, _ task: Task) -> Bool {
    let values = output.all
    return values.allSatisfy { $0.isFinite && (task == .regression || (0...1).contains($0)) }
  }

  @Test(arguments: everyTask)
  func garbageNeverMakesANumberThatIsNotFinite(task: Task) throws {
    let kinds: [Column.Kind] = [.numeric, .numeric, .numeric, .categorical, .categorical]
    let schema = try Schema(task: task, columns: kinds.enumerated().map { Column(name: "c\($0)", kind: $1) })
    for seed in 50..<53 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var model = Model(schema: schema)
      for _ in 0..<120 {
        let row = schema.row(from: schema.columns.map { (name: $0.name, value: garbage(&random)) })
        #expect(isSane(model.predict(row), task))
        model.learn(row, target(task, &random))
      }
      let bytes = model.encoded()
      #expect(try Model(decoding: bytes[...]).encoded() == bytes)
    }
  }

  /// Ten columns of trouble beside one that decides: the one must still be found.
  private func troubled(_ rows: Int, seed: UInt64, schema: Schema) -> [(row: Row, score: Double)] {
    var random = SplitMix64(seed: seed)
    return (0..<rows).map { index in
      let x = random.normal()
      let cauchy = random.normal() / (random.normal() + 1e-12)
      let row = schema.row(
        .number(x), .number(7), .number(index == rows / 2 ? 1e300 : random.normal()), .number(cauchy), .missing,
        .number(index < rows / 2 ? 1 : 1e6), .number(1e6 + random.normal()), .category("id-\(index)"), .missing,
        .category("same"))
      return (row, x)
    }
  }

  private let troubledColumns = columns(
    .numeric, .numeric, .numeric, .numeric, .numeric, .numeric, .numeric, .categorical, .categorical, .categorical)

  @Test func troubledColumnsDoNotHideTheOneThatDecides() throws {
    let schema = try Schema(task: .binary, columns: troubledColumns)
    let rows = troubled(2_400, seed: 61, schema: schema).map { ($0.row, Target.number($0.score > 0 ? 1 : 0)) }
    var model = Model(schema: schema)
    model.learn(rows[..<2_000])
    var evaluation = Evaluation(task: .binary)
    for (row, target) in rows[2_000...] { evaluation.add(model.predict(row), target) }
    #expect(evaluation.accuracy ?? 0 > 0.99)
  }

  @Test func labelsOfAnyScaleAreLearned() throws {
    let schema = try Schema(task: .regression, columns: troubledColumns)
    for (offset, scale) in [(0.0, 1e-3), (1e6, 1), (-3e9, 1e6), (0, 1e12)] {
      let rows = troubled(1_400, seed: 62, schema: schema)
        .map { ($0.row, Target.number(offset + scale * $0.score)) }
      var model = Model(schema: schema)
      model.learn(rows[..<1_200])
      var evaluation = Evaluation(task: .regression)
      for (row, target) in rows[1_200...] { evaluation.add(model.predict(row), target) }
      #expect(evaluation.mae ?? .infinity < 0.005 * scale)
    }
  }

  @Test func outlyingLabelsDoNotSpoilARegression() throws {
    let schema = try Schema(task: .regression, columns: troubledColumns)
    let rows = troubled(2_000, seed: 63, schema: schema).enumerated().map { index, row in
      (row.row, Target.number(index % 500 == 3 ? 1e300 : row.score))
    }
    var model = Model(schema: schema)
    model.learn(rows[..<1_500])
    var evaluation = Evaluation(task: .regression)
    for (row, target) in rows[1_504...] { evaluation.add(model.predict(row), target) }
    #expect(evaluation.mae ?? .infinity < 0.2)
  }

  /// Beside the odds that made the labels, which nobody can beat for long.
  @Test func rarePositivesStayCalibrated() throws {
    let schema = try Schema(task: .binary, columns: columns(.numeric))
    var random = SplitMix64(seed: 64)
    var rows: [(Row, Target)] = []
    var truths: [Double] = []
    for _ in 0..<8_000 {
      let isOne = random.uniform() < 0.005
      let x = random.normal() + (isOne ? 2 : 0)
      rows.append((schema.row(.number(x)), .number(isOne ? 1 : 0)))
      truths.append(Elementary.sigmoid(2 * x - 2 + Elementary.log(0.005 / 0.995)))
    }
    var model = Model(schema: schema, family: .linearMixture)
    let outputs = model.predictThenLearn(rows)
    var learned = Evaluation(task: .binary)
    var ideal = learned
    for index in 4_000..<8_000 {
      learned.add(outputs[index], rows[index].1)
      ideal.add(.number(truths[index]), rows[index].1)
    }
    let (loss, bestLoss) = (try #require(learned.logLoss), try #require(ideal.logLoss))
    let (auc, bestAUC) = (try #require(learned.auc), try #require(ideal.auc))
    #expect(loss < 1.12 * bestLoss)
    #expect(auc > bestAUC - 0.02)
  }

  @Test func singleClassIsSaidWithConfidence() throws {
    let schema = try Schema(task: .binary, columns: mixedColumns)
    let rows = mixedRows(2_000, seed: 65, schema: schema).map { ($0.0, Target.number(1)) }
    var model = Model(schema: schema)
    model.learn(rows)
    #expect(model.predict(rows[0].0).number > 0.98)
  }

  @Test func constantLabelIsRepeated() throws {
    let schema = try Schema(task: .regression, columns: mixedColumns)
    let rows = mixedRows(500, seed: 66, schema: schema).map { ($0.0, Target.number(1_234_567)) }
    var model = Model(schema: schema)
    model.learn(rows)
    #expect(model.predict(rows[0].0) == .number(1_234_567))
  }

  @Test func columnsThatAreAlwaysMissingLeaveTheBaseRate() throws {
    let schema = try Schema(task: .binary, columns: mixedColumns)
    var model = Model(schema: schema)
    let row = schema.row()
    for index in 0..<2_000 { model.learn(row, .number(index % 4 == 0 ? 1 : 0)) }
    #expect(abs(model.predict(row).number - 0.25) < 0.05)
  }
}
