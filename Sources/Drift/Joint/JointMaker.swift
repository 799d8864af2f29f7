import Sketches

/// Makes the columns by which a reference's joint distribution is watched.
struct JointMaker {
  private let columns: [ColumnStore]
  private let slots: [Int]

  /// - Parameter slots: of the reference's rows in order of time. The newest `JointTuning.mostRows` count.
  init(columns: [ColumnStore], slots: [Int]) {
    self.columns = columns
    self.slots = slots.suffix(JointTuning.mostRows)
  }

  /// The projection's column, where the reference holds certain dependence, then the patterns'. Empty for less than two
  /// columns that vary, or fewer rows than `JointTuning.leastRows`.
  func derived() -> [DerivedColumn] {
    guard slots.count >= JointTuning.leastRows, columns.count >= 2 else { return [] }
    let split = JointSplit(rows: slots.count)
    let sample = JointSample(columns: columns.map { values($0, split.fitted) }, stretches: split.stretches)
    let halves = JointHalves(sample)
    var derived: [DerivedColumn] = []
    if let projection = JointProjection(sample, halves: halves) { derived.append(column(projection, split)) }
    derived += JointPattern.cover(halves.halves, most: slots.count / JointTuning.rowsPerPattern).compactMap(column)
    return derived
  }

  private func values(_ store: ColumnStore, _ rows: [Int]) -> JointSample.Column {
    switch store.schema.kind {
    case .numeric: .numbers(rows.map { store.numbers[slots[$0]] })
    case .category: .codes(rows.map { store.codes[slots[$0]] }, levels: store.levels)
    }
  }

  private func column(_ projection: JointProjection, _ split: JointSplit) -> DerivedColumn {
    var sums = [JointProjection.Sums](repeating: .zero, count: split.counted.count)
    for (position, column) in projection.columns.enumerated() {
      let own = values(columns[column], split.counted)
      let bins = projection.bins[position].bins(of: own).map(UInt8.init)
      projection.add(bins: bins.span, position: position, to: &sums)
    }
    return DerivedColumn(
      column: ColumnStore.numericReference("joint dependence", sums.map { projection.value(of: $0) }),
      derivation: .joint(projection))
  }

  private func column(_ pattern: JointPattern) -> DerivedColumn? {
    guard let binning = NumericBinning(validating: pattern.edges) else { return nil }
    var patterns = [Int](repeating: 0, count: slots.count)
    for (bit, half) in pattern.halves.enumerated() {
      let words = half.bits(of: values(columns[half.column], Array(slots.indices)))
      for row in patterns.indices where words[row / 64] >> UInt64(row % 64) & 1 == 1 { patterns[row] |= 1 << bit }
    }
    let names = pattern.halves.map { columns[$0.column].schema.name }
    let reference = ColumnStore.reference(
      "joint: " + names.joined(separator: ", "), .numeric(binning), patterns, Moments(patterns.lazy.map(Double.init)))
    return DerivedColumn(column: reference, derivation: .pattern(pattern))
  }
}
