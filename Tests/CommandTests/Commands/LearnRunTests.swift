import Engine
import Models
import TestSupport
import Testing

@testable import leeway

/// Late labels and rare versions, against the same rows one at a time.
@Suite("Test-then-train")
struct LearnRunTests {
  private static func table(_ scratch: Scratch, seed: UInt64) throws -> DemoTable {
    var file = MadeFile("x,k,y", seed: seed)
    file.add(250) { _, chance in
      let x = chance.normal()
      let label = chance.unit() < 0.1 ? "" : x + chance.normal() > 0 ? "1" : "0"
      return "\(chance.unit() < 0.1 ? "" : "\(x)"),\(chance.below(4)),\(label)"
    }
    return try DemoTable(
      DemoTable.Plan(path: try scratch.write("f.csv", file.text), label: "y", categorical: ["k"]), leastRows: 1)
  }

  /// Serves row by row; whenever a version's labels are known, the model learns them and takes over.
  private static func plain(
    _ rows: [(Row, Target?)], _ start: Model, delay: Int, every: Int
  ) -> (outputs: [Output], model: Model) {
    var (model, published, learned) = (start, start, 0)
    var served: [Served] = []
    for known in rows.indices {
      served += published.serve([rows[known].0])
      guard known + 1 - delay - learned >= every else { continue }
      let range = learned..<learned + every
      if every < model.family.blockLength {
        for index in range {
          if let target = rows[index].1 { model.learn(rows[index].0, target, served: served[index]) }
        }
      } else {
        model.learn(range.compactMap { index in rows[index].1.map { (rows[index].0, $0) } })
      }
      (learned, published) = (range.upperBound, model)
    }
    for index in learned..<rows.count where every < model.family.blockLength {
      if let target = rows[index].1 { model.learn(rows[index].0, target, served: served[index]) }
    }
    if every >= model.family.blockLength {
      model.learn(rows[learned...].compactMap { row, target in target.map { (row, $0) } })
    }
    return (served.map(\.output), model)
  }

  @Test("Each row is scored by the version that had been published by then, whatever is served together")
  func versions() throws {
    let scratch = try Scratch()
    for (seed, (delay, every)) in [(0, 2), (1, 1), (3, 7), (20, 99), (0, 100), (60, 101), (200, 1), (10, 300)]
      .enumerated()
    {
      let table = try Self.table(scratch, seed: UInt64(seed))
      let schema = try Schema(
        task: table.task, columns: [Column(name: "x", kind: .numeric), Column(name: "k", kind: .categorical)])
      let start = Model(schema: schema, seed: UInt64(seed))
      let run = try LearnRun(table: table, model: start, labelDelay: delay, publishEvery: every, place: "f")
      var (outputs, targets): ([Output], [Target?]) = ([], [])
      let result = try run.result { row, target, output in
        #expect(row == outputs.count)
        outputs.append(output)
        targets.append(target)
      }
      let rows = zip(table.rows, targets).map { (schema.row(of: $0.features), $1) }
      let plain = Self.plain(rows, start, delay: delay, every: every)
      #expect(outputs == plain.outputs && result.rows == outputs.count, "\(delay), \(every)")
      #expect(result.model.encoded() == plain.model.encoded(), "\(delay), \(every)")
      #expect(result.learned == plain.model.rowsLearned, "\(delay), \(every)")
      #expect(result.learned == table.rows.count { $0.label != nil }, "\(delay), \(every)")
    }
  }

  @Test("Labels at once: each row is scored by a model that has learned those before it") func atOnce() throws {
    let scratch = try Scratch()
    let table = try Self.table(scratch, seed: 9)
    let schema = try Schema(
      task: table.task, columns: [Column(name: "x", kind: .numeric), Column(name: "k", kind: .categorical)])
    var model = Model(schema: schema)
    let run = try LearnRun(table: table, model: model, labelDelay: 0, publishEvery: 1, place: "f")
    var passed: [(target: Target?, output: Output)] = []
    let result = try run.result { passed.append(($1, $2)) }
    for (row, (target, output)) in zip(table.rows, passed) {
      let input = schema.row(of: row.features)
      #expect(model.predict(input) == output)
      if let target { model.learn(input, target) }
    }
    #expect(model.encoded() == result.model.encoded())
    #expect(result.learned == table.rows.count { $0.label != nil })
  }
}
