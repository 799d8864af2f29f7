extension Model {
  /// Learns one row: a block of one. False, and nothing changes, where the task cannot use the target or the row
  /// has another number of values than the schema columns.
  @discardableResult
  public mutating func learn(_ row: Row, _ target: Target) -> Bool {
    learn(block: [(row, target)]) == 1
  }

  /// Learns rows in blocks of the family's length. Returns how many could be used.
  @discardableResult
  public mutating func learn(_ rows: ArraySlice<(Row, Target)>) -> Int {
    var learned = 0
    var rest = rows
    while !rest.isEmpty {
      learned += learn(block: rest.prefix(family.blockLength))
      rest = rest.dropFirst(family.blockLength)
    }
    return learned
  }

  @discardableResult
  public mutating func learn(_ rows: [(Row, Target)]) -> Int {
    learn(rows[...])
  }

  /// Learns a block: every row is first scored by the parts of the model as they stood before the block, which is what
  /// serving saw of them, and the mixer moves by those scores; then the parts learn the rows in order. Returns how many
  /// rows could be used; the others change nothing.
  @discardableResult
  public mutating func learn(block rows: ArraySlice<(Row, Target)>) -> Int {
    let learned = learner.learn(block: rows)
    rowsLearned += learned
    return learned
  }

  @discardableResult
  public mutating func learn(block rows: [(Row, Target)]) -> Int {
    learn(block: rows[...])
  }

  /// `predict` of a block's rows, then `learn(block:)`, at a third less of their cost. Returns the outputs in order.
  public mutating func predictThenLearn(block rows: ArraySlice<(Row, Target)>) -> [Output] {
    var outputs: [Output] = []
    outputs.reserveCapacity(rows.count)
    rowsLearned += learner.predictThenLearn(block: rows, &outputs)
    return outputs
  }

  /// Learns one row that this model, or one that it continues, served some time ago: its parts are weighed by what they
  /// said then. False, and nothing changes, where the task cannot use the target or the row has another number of values
  /// than the schema columns.
  ///
  /// For labels that come late and one by one. Weighed by what they would say now, having learned the row's neighbours
  /// since, the fastest parts would look best.
  @discardableResult
  public mutating func learn(_ row: Row, _ target: Target, served: Served) -> Bool {
    let isLearned = learner.learn(row, target, served: served)
    rowsLearned += isLearned ? 1 : 0
    return isLearned
  }

  /// Predicts each row, then learns it, before the next one is predicted: test, then train. Returns the outputs in
  /// order. A row whose target the task cannot use is predicted alone. Cheaper than the two one after the other.
  public mutating func predictThenLearn(_ rows: ArraySlice<(Row, Target)>) -> [Output] {
    var outputs: [Output] = []
    outputs.reserveCapacity(rows.count)
    rowsLearned += learner.predictThenLearn(rows, &outputs)
    return outputs
  }

  public mutating func predictThenLearn(_ rows: [(Row, Target)]) -> [Output] {
    predictThenLearn(rows[...])
  }
}
