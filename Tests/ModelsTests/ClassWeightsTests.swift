import TestSupport
import Testing

@testable import Models

@Suite("Class weights")
struct ClassWeightsTests {
  /// One row again and again, a fifth of them ones: what is said is the weighted share.
  private func share(_ rule: ClassWeights.Rule, _ family: Family) throws -> Double {
    let schema = try Schema(task: .binary, columns: columns(.numeric))
    var model = Model(schema: schema, family: family)
    model.classWeights = try ClassWeights(rule, task: .binary)
    var random = SplitMix64(seed: 100)
    let rows: [(Row, Target)] = (0..<1_500).map { _ in
      (schema.row(.number(random.normal())), .number(random.below(5) == 0 ? 1 : 0))
    }
    model.learn(rows)
    return rows.suffix(200).reduce(0) { $0 + model.predict($1.0).number } / 200
  }

  @Test("Every family that knows classes says the share that the weights make", arguments: Family.all(for: .binary))
  func shares(family: Family) throws {
    #expect(abs(try share(.none, family) - 0.2) < 0.1)
    #expect(abs(try share(.balanced, family) - 0.5) < 0.12)
    #expect(abs(try share(.fixed(["1": 4]), family) - 0.5) < 0.12)
    #expect(abs(try share(.fixed(["0": 2, "1": 0.5]), family) - 1.0 / 17) < 0.08)
  }

  @Test("Balanced weights are n/(k·n) of the rows so far; those of equal classes change hardly anything")
  func balanced() throws {
    var weights = try ClassWeights(.balanced, task: .three)
    for label in [0.0, 0, 1, 0] { weights.count(label) }
    #expect(weights.weight(of: 0) == Float(4.0 / 9) && weights.weight(of: 1) == Float(4.0 / 3))
    var rare = try ClassWeights(.balanced, task: .binary)
    for _ in 0..<5_000_000 { rare.count(0) }
    rare.count(1)
    #expect(rare.weight(of: 1) == 1_000)
  }

  @Test("Several classes: a rare one is found more often when it weighs more", arguments: Family.all(for: .three))
  func rareClass(family: Family) throws {
    let schema = try Schema(task: .three, columns: columns(.numeric))
    var random = SplitMix64(seed: 101)
    let rows: [(Row, Target)] = (0..<1_200).map { _ in
      let name = random.below(10) == 0 ? "c" : random.below(2) == 0 ? "a" : "b"
      let x = random.normal() + (name == "c" ? 1.2 : 0)
      return (schema.row(.number(x)), .category(name))
    }
    func found(_ rule: ClassWeights.Rule) throws -> Int {
      var model = Model(schema: schema, family: family)
      model.classWeights = try ClassWeights(rule, task: .three)
      model.learn(rows[..<900])
      return rows[900...].count { row in
        let p = model.predict(row.0).all
        return row.1 == .category("c") && p[2] > p[0] && p[2] > p[1]
      }
    }
    let alike = try found(.none)
    #expect(try found(.balanced) > alike + 5)
    #expect(try found(.fixed(["c": 5])) > alike + 5)
  }

  @Test(
    "Weights of 1 change no output, go into the artifact, and a model without them has none",
    arguments: [
      Task.binary, .three,
    ])
  func artifacts(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let rows = mixedRows(300, seed: 102, schema: schema)
    var plain = Model(schema: schema)
    plain.learn(rows)
    var model = Model(schema: schema)
    model.classWeights = try ClassWeights(.fixed([:]), task: task)
    model.learn(rows)
    #expect(model.predict(rows.map(\.0)) == plain.predict(rows.map(\.0)))
    for rule in [ClassWeights.Rule.balanced, .fixed([task == .binary ? "1" : "b": 2.5])] {
      var one = Model(schema: schema)
      one.classWeights = try ClassWeights(rule, task: task)
      one.learn(rows[..<200])
      var other = try Model(decoding: one.encoded()[...])
      #expect(other.classWeights == one.classWeights)
      one.learn(rows[200...])
      other.learn(rows[200...])
      #expect(one.encoded() == other.encoded())
      one.classWeights = try ClassWeights(.none, task: task)
      #expect(try Model(decoding: one.encoded()[...]).classWeights == one.classWeights)
    }
  }

  @Test("What cannot be weighed is refused")
  func refusals() {
    #expect(throws: ModelError.self) { try ClassWeights(.balanced, task: .regression) }
    #expect(throws: ModelError.self) { try ClassWeights(.fixed(["2": 1]), task: .binary) }
    #expect(throws: ModelError.self) { try ClassWeights(.fixed(["d": 1]), task: .three) }
    for weight in [0, -1, 1e9, Double.nan] {
      #expect(throws: ModelError.self) { try ClassWeights(.fixed(["a": weight]), task: .three) }
    }
    // Of several the first by name, in every process.
    let error = #expect(throws: ModelError.self) {
      try ClassWeights(.fixed(["c": -3, "b": -2, "a": 1]), task: .three)
    }
    #expect(error?.message.contains("a weight of -2.0 for the class b") == true, "\(error?.message ?? "")")
  }
}
