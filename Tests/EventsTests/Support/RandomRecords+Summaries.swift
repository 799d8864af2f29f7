import Events

extension RandomRecords {
  mutating func moments() -> MomentsRecord {
    MomentsRecord(count: max(1, count()), mean: number(), m2: positive(), min: number(), max: number())
  }

  mutating func levels(_ count: ClosedRange<Int>) -> [LevelCount] {
    list(count) { LevelCount(level: $0.text(), count: $0.count()) }
  }

  mutating func column() -> ColumnSummary {
    ColumnSummary(
      name: name(), count: count(), missing: count(), invalid: count(), moments: maybe { $0.moments() },
      bins: list(1...5) { $0.count() }, unseen: levels(0...2), unseenOther: count())
  }

  mutating func referenceColumn() -> ColumnReferenceRecord {
    let isNumeric = flag()
    return ColumnReferenceRecord(
      name: name(), edges: isNumeric ? list(0...4) { $0.number() } : nil,
      levels: isNumeric ? nil : list(0...4) { $0.text() }, otherLevels: isNumeric ? [] : list(0...2) { $0.text() },
      otherLevelsIncomplete: flag(), counts: list(1...5) { $0.count() }, missing: count(),
      moments: maybe { $0.moments() }, dependence: pick([1, 1.5, 1 + share()]))
  }

  mutating func reference() -> ReferenceRecord {
    ReferenceRecord(
      rows: count(), provisional: flag(), columns: list(0...3) { $0.referenceColumn() },
      prediction: maybe { $0.referenceColumn() }, loss: maybe { $0.moments() }, error: maybe { $0.moments() },
      lossColumn: maybe { $0.referenceColumn() },
      derived: list(0...2) { DerivedColumnRecord(column: $0.referenceColumn(), derivation: $0.bytes(0...9)) },
      calibration: maybe { $0.bytes(0...9) }, ordered: flag())
  }

  mutating func bytes(_ count: ClosedRange<Int>) -> [UInt8] { list(count) { UInt8($0.int(0...255)) } }

  mutating func sketch(_ kind: SketchRecord.Kind) -> SketchRecord {
    SketchRecord(
      kind: kind, model: name(), version: version(), partition: count(), start: bound(),
      end: bound(), column: name(), rows: count(), sketch: bytes(3...40))
  }

  mutating func task() -> String { pick(["regression", "binary", "multiclass"]) }

  mutating func pane() -> SummaryRecord {
    .pane(
      PaneSummary(
        model: name(), version: version(), partition: count(), tick: bound(), start: bound(), end: bound(),
        rows: count(), columns: list(0...3) { $0.column() }, prediction: maybe { $0.column() },
        derived: list(0...2) { $0.column() },
        facts: maybe { VersionFacts(published: $0.bound(), task: $0.task(), reference: $0.reference()) }))
  }

  mutating func judged() -> SummaryRecord {
    .judged(
      JudgedSummary(
        model: name(), version: version(), partition: count(), tick: bound(), start: bound(), end: bound(),
        rows: count(), loss: maybe { $0.moments() }, lossBins: list(0...3) { $0.count() },
        error: maybe { $0.moments() }, label: maybe { $0.moments() },
        expired: count()))
  }

  mutating func progress() -> SummaryRecord {
    .progress(
      Progress(
        partition: count(), tick: bound(), resolved: bound(), nextSeq: exampleNumber(),
        counts: list(0...3) {
          ModelCounts(
            model: $0.name(), predictions: $0.count(), examples: $0.count(), duplicatePredictions: $0.count(),
            duplicateLabels: $0.count(), orphanLabels: $0.count(), expired: $0.count(), late: $0.count())
        }))
  }
}
