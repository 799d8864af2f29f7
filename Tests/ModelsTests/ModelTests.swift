import Testing

@testable import Models

@Suite struct ModelTests {
  @Test(arguments: everyTask)
  func freshModelKnowsNothing(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let output = Model(schema: schema).predict(schema.row(.number(1), .number(2), .category("x"), .missing))
    switch task {
    case .regression: #expect(output == .number(0))
    case .binary: #expect(output == .number(0.5))
    case .multiclass: #expect(output == .probabilities([Double](repeating: 1 / 3, count: 3)))
    }
  }

  @Test(arguments: everyTask)
  func sameRowsGiveSameBytes(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let rows = mixedRows(300, seed: 20, schema: schema)
    var one = Model(schema: schema)
    var other = Model(schema: schema)
    one.learn(rows)
    other.learn(rows)
    #expect(one.encoded() == other.encoded())
    #expect(one.rowsLearned == 300)
  }

  @Test(arguments: everyTask)
  func decodedModelContinuesBitForBit(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let rows = mixedRows(300, seed: 21, schema: schema)
    var straight = Model(schema: schema)
    var resumed = straight
    for start in stride(from: 0, to: 300, by: 100) {
      let bytes = resumed.encoded()
      #expect(bytes == straight.encoded())
      resumed = try Model(decoding: bytes[...])
      #expect(resumed.encoded() == bytes)
      #expect(resumed.schema == schema && resumed.family == .standard && resumed.rowsLearned == start)
      straight.learn(block: rows[start..<start + 100])
      resumed.learn(block: rows[start..<start + 100])
      for (row, _) in rows[start..<start + 20] { #expect(straight.predict(row) == resumed.predict(row)) }
    }
  }

  @Test(arguments: everyTask)
  func learningIsBlocksOfTheFamilysLength(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let rows = mixedRows(250, seed: 22, schema: schema)
    let family = Family("blocks") { $0.blockLength = 60 }
    var whole = Model(schema: schema, family: family)
    var parts = whole
    var single = try Model(decoding: whole.encoded()[...])
    #expect(whole.learn(rows) == 250)
    for start in stride(from: 0, to: 250, by: 60) { parts.learn(block: Array(rows[start..<min(start + 60, 250)])) }
    #expect(whole.encoded() == parts.encoded())
    var blocks = single
    for (row, target) in rows {
      #expect(single.learn(row, target) == true)
      blocks.learn(block: [(row, target)])
    }
    #expect(single.encoded() == blocks.encoded())
    #expect(single.encoded() != whole.encoded())
  }

  @Test(arguments: everyTask)
  func blocksArePredictedThenLearnedAtOnce(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let rows = mixedRows(250, seed: 24, schema: schema) + [(schema.row(.missing), .number(.nan))]
    for family in Family.all(for: task) {
      var apart = Model(schema: schema, family: family)
      if task != .regression { try apart.weigh(.balanced) }
      var atOnce = apart
      for start in stride(from: 0, to: rows.count, by: 60) {
        let block = rows[start..<min(start + 60, rows.count)]
        let outputs = apart.predict(block.map(\.0))
        apart.learn(block: block)
        #expect(atOnce.predictThenLearn(block: block) == outputs, "\(family.name)")
      }
      #expect(atOnce.encoded() == apart.encoded() && atOnce.rowsLearned == apart.rowsLearned, "\(family.name)")
    }
  }

  @Test(arguments: everyTask)
  func unusableRowsChangeNothing(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    var model = Model(schema: schema)
    model.learn(mixedRows(50, seed: 23, schema: schema))
    let before = model.encoded()
    let row = schema.row(.number(1), .number(2), .category("new"), .category("new"))
    let narrow = try Schema(task: task, columns: columns(.numeric)).row(.number(1))
    let good: Target = task == .three ? .category("a") : .number(1)
    for target in [Target.number(.nan), .number(.infinity), .category("zebra")] {
      #expect(model.learn(row, target) == false)
      #expect(model.learn(block: [(row, target), (narrow, target)]) == 0)
    }
    #expect(model.learn(narrow, good) == false)
    #expect(model.learn([(Row, Target)]()) == 0)
    #expect(model.encoded() == before)
    #expect(model.predict(narrow) == model.predict(schema.row()))
    #expect(model.learn(block: [(row, .number(.nan)), (row, good)]) == 1)
  }

  @Test func copiesAreIndependent() throws {
    let schema = try Schema(task: .binary, columns: mixedColumns)
    let rows = mixedRows(300, seed: 24, schema: schema)
    var champion = Model(schema: schema)
    champion.learn(rows[..<200])
    let bytes = champion.encoded()
    var challenger = champion
    challenger.learn(rows[200...])
    #expect(champion.encoded() == bytes)
    #expect(challenger.encoded() != bytes)
    #expect(challenger.rowsLearned == 300)
  }

  @Test func familiesHaveNames() {
    for family in Family.all { #expect(Family(named: family.name) == family) }
    #expect(Set(Family.all.map(\.name)).count == Family.all.count)
    #expect(Family(named: "forest") == nil && Family.standard == .mixture)
  }

  /// Test, then train, in one go as one after the other.
  @Test(arguments: everyTask)
  func predictingThenLearningIsBoth(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    var rows = mixedRows(300, seed: 25, schema: schema)
    rows[77].1 = .number(.nan)
    var together = Model(schema: schema)
    var apart = together
    let outputs = together.predictThenLearn(rows)
    for (index, output) in outputs.enumerated() {
      #expect(apart.predict(rows[index].0) == output)
      #expect(apart.learn(rows[index].0, rows[index].1) == (index != 77))
    }
    #expect(together.encoded() == apart.encoded())
    #expect(together.rowsLearned == 299)
  }

  /// Columns in another order give the same model, but for the order of sums.
  @Test(arguments: everyTask)
  func orderOfColumnsDoesNotMatter(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let turned = try Schema(task: task, columns: mixedColumns.reversed())
    var one = Model(schema: schema)
    var other = Model(schema: turned)
    let rows = mixedRows(300, seed: 26, schema: schema)
    let turnedRows = rows.map { (Row(values: $0.0.values.reversed()), $0.1) }
    let scale = task == .regression ? 50.0 : 1
    for (left, right) in zip(one.predictThenLearn(rows), other.predictThenLearn(turnedRows)) {
      for (a, b) in zip(left.all, right.all) { #expect(abs(a - b) < 0.02 * scale) }
    }
  }

  @Test func seedsMakeOtherModels() throws {
    let schema = try Schema(task: .binary, columns: mixedColumns)
    let rows = mixedRows(200, seed: 27, schema: schema)
    var one = Model(schema: schema, seed: 1)
    var other = Model(schema: schema, seed: 2)
    one.learn(rows)
    other.learn(rows)
    #expect(one.predict(rows[0].0) != other.predict(rows[0].0))
  }
}
