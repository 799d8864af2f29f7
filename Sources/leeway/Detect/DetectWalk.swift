import Drift
import Sketches

/// Walks along a file: the first rows are the reference, the rest is held against it pane by pane, and the rows behind an
/// alarm are the next reference.
struct DetectWalk {
  /// How a file is walked along.
  struct Plan {
    let referenceRows: Int
    /// Rows that are looked at together.
    let pane: Int
    /// Whether the dependence between columns is watched too.
    let joint: Bool
    let detector: DetectorConfiguration
    /// Watches the numeric columns instead; nil for the detector above.
    var method: MeanDetector.Method?
  }

  private var reader: CSVReader
  private let selection: ColumnSelection
  private let plan: Plan
  private var places: [(name: String, index: Int)]
  /// What each column's values are; nil while no row had one.
  private var kinds: [ColumnKind?]
  private var row = CSVRow()
  private var result: DetectResult
  private var walk = DetectResult.Walk()
  /// Every row behind the first reference, over its bins.
  private var totals: [ColumnTotal] = []
  private var findings: WalkFindings
  private var watch: MeanWatch?

  init(path: String, selection: ColumnSelection, plan: Plan) throws(CommandError) {
    reader = try CSVReader(path: path, badRows: .count)
    self.selection = selection
    self.plan = plan
    places = try selection.columns(of: reader)
    kinds = places.map { column in
      let column = selection.column(column.name)
      return column.isTold ? column.kind : nil
    }
    findings = WalkFindings()
    result = DetectResult(
      title: "\(reader.name): \(Figures.count(plan.referenceRows, "row")) as the reference, "
        + (plan.method.map { "\($0.rawValue) row by row" } ?? "panes of \(plan.pane)"))
  }

  mutating func run() throws(CommandError) -> DetectResult {
    let first = try firstReference()
    totals = first.columns.map { ColumnTotal(binning: $0.binning) }
    if let watch {
      try follow(first, with: watch)
    } else {
      var reference: Reference? = first
      while let present = reference, try follow(present) { reference = try nextReference() }
    }
    reader.complainOfBadRows()
    try conclude(first)
    return result
  }

  private mutating func firstReference() throws(CommandError) -> Reference {
    var columns = try readReference()
    guard let read = columns.first?.count, read == plan.referenceRows else {
      reader.complainOfBadRows()
      guard result.rows > 0 else { throw reader.emptiness }
      throw CommandError(
        "\(Figures.count(result.rows, "row")), fewer than --reference-rows \(plan.referenceRows)", at: reader.name,
        remedy: "take a shorter reference")
    }
    if selection.only == nil {
      let counting = columns.indices.filter { kinds[$0] == nil && columns[$0].countsRows(isUnique: false) }
      if !counting.isEmpty { result.notes.append(FileColumn.leftOut(counting.map { columns[$0].name })) }
      for index in counting.reversed() {
        columns.remove(at: index)
        places.remove(at: index)
        kinds.remove(at: index)
      }
    }
    guard !columns.isEmpty else {
      throw CommandError("every column counts the rows", at: reader.name, remedy: "name those to watch in --columns")
    }
    let first = reference(of: &columns)
    watch = plan.method.map { MeanWatch($0, reference: columns, places: places.map(\.index)) }
    return first
  }

  /// The next reference; nil where too few rows are left.
  private mutating func nextReference() throws(CommandError) -> Reference? {
    let before = result.rows
    var columns = try readReference()
    for index in columns.indices { totals[index].add(columns[index]) }
    if columns.first?.count == plan.referenceRows { return reference(of: &columns) }
    if result.rows > before {
      result.notes.append(
        "the \(Figures.count(result.rows - before, "row")) behind the last alarm are too few for another reference and "
          + "were not watched")
    }
    return nil
  }

  /// The next `referenceRows` rows, or what is left of them.
  private mutating func readReference() throws(CommandError) -> [FileColumn] {
    var columns = zip(places, kinds).map { FileColumn(name: $0.name, kind: $1) }
    var read = 0
    while read < plan.referenceRows, try reader.next(&row) {
      for (column, place) in places.enumerated() { columns[column].append(row, place.index) }
      read += 1
    }
    result.rows += read
    return columns
  }

  /// A column without a value could hold anything; as one of levels it shows the first value that comes.
  private mutating func reference(of columns: inout [FileColumn]) -> Reference {
    for index in columns.indices {
      if kinds[index] == nil {
        if columns[index].isBlank { columns[index].becomeCategorical() } else { kinds[index] = columns[index].kind }
      }
      findings.note(columns[index].remark(in: reader.name))
    }
    walk.references.append(result.rows - plan.referenceRows + 1...result.rows)
    return Reference(columns, joint: plan.joint)
  }

  /// - Returns: false at the end of the file, true behind an alarm.
  private mutating func follow(_ reference: Reference) throws(CommandError) -> Bool {
    var detector = ModelDetector(reference: reference, configuration: plan.detector)
    findings.begin(thin: detector.thinColumns)
    walk.evidence.begin()
    var counter = PaneCounter(reference: reference, totals: totals, places: places.map(\.index))
    var panes = 0
    while try readPane(into: &counter) {
      detector.observe(counter.pane, start: Int64(result.rows - counter.rows))
      findings.watched += counter.rows
      counter.clear()
      panes += 1
      let strength = detector.statistic / plan.detector.threshold
      walk.evidence.add(row: result.rows, evidence: strength)
      if strength >= 1 {
        let reading = detector.tick()
        findings.weigh(reading, plan.detector)
        walk.alarms.append(findings.alarm(reading, row: result.rows, strength: strength))
        return true
      }
      if panes % 256 == 0 { findings.weigh(detector.reading(), plan.detector) }
    }
    findings.end(detector.reading(), plan.detector)
    return false
  }

  /// Reads on to the file's end with detectors that take no other reference.
  private mutating func follow(_ reference: Reference, with watch: MeanWatch) throws(CommandError) {
    let name = watch.method.rawValue
    guard !watch.isEmpty else {
      throw CommandError(
        "no column holds numbers, and \(name) watches nothing else", at: reader.name, remedy: "leave out --detector")
    }
    if !watch.unwatched.isEmpty {
      result.notes.append("\(watch.unwatched.joined(separator: ", ")): not watched, for \(name) watches numbers only")
    }
    var watch = watch
    var counter = PaneCounter(reference: reference, totals: totals, places: places.map(\.index))
    while try reader.next(&row) {
      result.rows += 1
      counter.count(row, number: result.rows, into: &totals)
      let columns = watch.read(row)
      guard !columns.isEmpty else { continue }
      walk.alarms.append(
        DetectResult.Alarm(
          row: result.rows, columns: columns, detector: name, evidence: nil, change: "mean", onset: nil))
    }
    counter.flush(into: &totals)
  }

  /// - Returns: false where no row is left.
  private mutating func readPane(into counter: inout PaneCounter) throws(CommandError) -> Bool {
    while counter.rows < plan.pane, try reader.next(&row) {
      result.rows += 1
      counter.count(row, number: result.rows, into: &totals)
    }
    counter.flush(into: &totals)
    return counter.rows > 0
  }

  private mutating func conclude(_ reference: Reference) throws(CommandError) {
    guard result.rows > plan.referenceRows else {
      throw CommandError(
        "no row is left behind the reference's \(Figures.grouped(plan.referenceRows))", at: reader.name,
        remedy: "take a shorter reference")
    }
    let comparisons = zip(reference.columns, totals).map { ColumnComparison(reference: $0, current: $1.sketch) }
    let drifts = DriftTest.drifts(of: comparisons, configuration: DetectComparison.sizes)
    // Rows of later references are not watched, yet what happened in them shows in the whole. Two answers share the
    // level; a method without a promise answers nothing.
    let answers = plan.method == nil ? 2.0 : 1
    let wholes = TwoSampleTest(level: 0.01 / answers).changes(in: comparisons)
    for ((comparison, drift), whole) in zip(zip(comparisons, drifts), wholes) {
      let (changed, chance) = findings.answer(for: drift.column)
      result.add(
        drift, changed: changed == .yes || whole.changed == .no ? changed : whole.changed,
        pValue: min(answers * chance, answers * whole.adjustedPValue, 1), comparison,
        effectiveRows: comparison.effectiveRows)
    }
    result.notes += findings.notes(referenceRows: plan.referenceRows)
    result.walk = walk
  }
}
