extension Model {
  /// Learns one row: a block of one. False, and nothing changes, where the task cannot use the target or the row
  /// was made by another schema.
  @discardableResult
  public mutating func learn(_ row: Row, _ target: Target) -> Bool {
    guard fits(row), let label = labels.label(of: target) else { return false }
    var scratch = Scratch(self)
    mix(row, label, &scratch)
    train(row, label, &scratch)
    return true
  }

  /// Learns rows in blocks of the family's `blockLength`. Returns how many could be used.
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

  /// Learns a block: every row is first scored by the experts as they stood before the block, which is what serving
  /// saw of them, and the mixer moves by those scores; then the experts learn the rows in order. Mixing by scores
  /// taken after learning would prefer experts that are too fast. Returns how many rows could be used; the others
  /// change nothing.
  @discardableResult
  public mutating func learn(block rows: ArraySlice<(Row, Target)>) -> Int {
    var scratch = Scratch(self)
    for (row, target) in rows where fits(row) {
      if let label = labels.label(of: target) { mix(row, label, &scratch) }
    }
    let before = rowsLearned
    for (row, target) in rows where fits(row) {
      if let label = labels.label(of: target) { train(row, label, &scratch) }
    }
    return rowsLearned - before
  }

  @discardableResult
  public mutating func learn(block rows: [(Row, Target)]) -> Int {
    learn(block: rows[...])
  }

  /// Moves the mixer alone. Experts that have learned nothing all say the same.
  private mutating func mix(_ row: Row, _ label: Double, _ scratch: inout Scratch) {
    guard rowsLearned > 0 else { return }
    score(row, &scratch)
    mixer.update(&scratch.blend, label: scaled(label))
  }

  /// Statistics first, so that the row is encoded by a mean and deviation that know it; then the experts.
  private mutating func train(_ row: Row, _ label: Double, _ scratch: inout Scratch) {
    encoder.learn(row, into: &scratch.row)
    experts.widen(to: encoder.width)
    if case .regression = schema.task { target.add(label) }
    experts.learn(label: scaled(label), &scratch)
    rowsLearned += 1
  }

  /// A regression's target in standard units.
  private func scaled(_ label: Double) -> Double {
    if case .regression = schema.task { return target.standardized(label) }
    return label
  }
}
