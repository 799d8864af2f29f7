import Drift
import Events
import Models
import Parallel
import Sketches

/// What a new version will be measured against: the rows it knows, its own predictions on them, and its losses and
/// scores on the rows that were held out from it.
struct VersionReference {
  /// A held-out row as the version judged it.
  struct Judged {
    let output: Output
    let target: Target
    /// Nil where the target does not fit the task.
    let loss: Double?
    let error: Double?
  }

  /// Rows that a model is asked about at a time.
  private static let asked = 5_000

  private let configuration: ModelConfiguration
  private let schema: Schema
  private let rows: ArraySlice<TrainingRow>
  /// The same as the version reads them.
  private let inputs: ArraySlice<Row>
  /// Whether they are as many as are wanted.
  private let suffices: Bool

  /// All rows in order of time, the past among them; behind a change those since its onset, where they are enough, else
  /// the newest that are. A reference that mixes both sides of a change would find it again in every row to come.
  ///
  /// - Parameters:
  ///   - inputs: all rows as the schema reads them; nil to have them read here.
  ///   - onset: from when on rows are thought to be changed.
  init(
    configuration: ModelConfiguration, schema: Schema, rows: TrainingRows, _ inputs: [Row]? = nil,
    onset: Milliseconds?
  ) {
    self.configuration = configuration
    self.schema = schema
    let (all, wanted) = (rows.all, configuration.training.referenceRows)
    if let onset, let first = all.firstIndex(where: { $0.example.time >= onset }) {
      self.rows = all[min(first, max(all.count - wanted, 0))...]
      suffices = all.count - first >= wanted
    } else {
      self.rows = all[...]
      suffices = all.count >= wanted
    }
    self.inputs = inputs?[self.rows.indices] ?? self.rows.map { schema.row(of: $0.example.features) }[...]
  }

  /// What the rows say without a version, to be made `whole`.
  func features(workers: Workers = .one) -> Reference {
    let watched = watched
    var builder = ReferenceBuilder(
      columns: watched.map { index in
        let column = schema.columns[index]
        return ColumnSchema(name: column.name, kind: column.kind == .numeric ? .numeric : .category)
      }, cycle: configuration.monitor.season, joint: configuration.monitor.joint)
    var values: [ColumnValue] = []
    for row in rows.indices {
      values.removeAll(keepingCapacity: true)
      for index in watched { values.append(inputs[row].values[index].columnValue) }
      builder.add(values, time: rows[row].example.time)
    }
    return builder.finish(provisional: !suffices, workers: workers)
  }

  /// The reference of a version that says itself what it makes of the rows.
  func whole(_ features: Reference, _ judged: [Judged], model: Model, workers: Workers) -> Reference {
    let outputs = workers.map(inputs, by: Self.asked) { model.predict(Array($0)) }.joined()
    return whole(features, judged, predictions: zip(outputs, rows.indices.lazy.map { rows[$0].example.time }))
  }

  /// - Parameter predictions: with their times; of a version that cannot be asked those on the held-out rows alone.
  func whole(
    _ features: Reference, _ judged: [Judged], predictions: some Sequence<(Output, Milliseconds)>
  ) -> Reference {
    let classes = classes
    var builder = ReferenceBuilder(
      columns: [], prediction: classes == nil ? .numeric : .category, cycle: configuration.monitor.season)
    for (output, time) in predictions { builder.add([], prediction: output.columnValue(classes), time: time) }
    for row in judged { if let loss = row.loss { builder.add(loss: loss) } }
    let own = builder.finish()
    let isSeason = { (column: DerivedColumn) in column.derivation.replaces != nil }
    return Reference(
      rows: features.rows, columns: features.columns,
      derived: features.derived.filter(isSeason) + own.derived + features.derived.filter { !isSeason($0) },
      prediction: own.prediction, lossColumn: own.lossColumn, loss: Moments(judged.compactMap(\.loss)),
      error: Moments(judged.compactMap(\.error)), calibration: calibration(judged, over: own.prediction),
      provisional: features.provisional, isOrdered: features.isOrdered)
  }

  private var classes: [String]? {
    if case .multiclass(let classes) = schema.task { classes } else { nil }
  }

  /// Of the schema's columns; time goes on by itself, so that one always drifts.
  private var watched: [Int] { schema.columns.indices.filter { schema.columns[$0].kind != .time } }

  /// Nil for a regression: a prediction says nothing of its own error.
  private func calibration(_ judged: [Judged], over column: ColumnReference?) -> ScoreCalibration? {
    guard let column else { return nil }
    var builder = ScoreCalibrationBuilder(bins: column.binning.binCount, ordered: classes == nil)
    let loss = LossFunction(.standard(for: schema.task), task: schema.task)
    for row in judged {
      guard let bin = column.binning.bin(of: row.output.columnValue(classes)),
        let outcomes = Outcomes(row, loss, classes)
      else { continue }
      builder.add(
        ScoreCalibrationBuilder.Row(
          bin: bin, event: outcomes.event, lossIfEvent: outcomes.lossIfEvent, lossIfNot: outcomes.lossIfNot,
          errorIfEvent: outcomes.errorIfEvent, errorIfNot: outcomes.errorIfNot))
    }
    return builder.finish()
  }
}

/// What a score says of a row: the loss and the error in either case, and which came true.
private struct Outcomes {
  let event: Bool
  let lossIfEvent: Double
  let lossIfNot: Double
  let errorIfEvent: Double
  let errorIfNot: Double

  /// The event is label 1 of a binary task, a hit of the likeliest of several classes.
  init?(_ judged: VersionReference.Judged, _ loss: LossFunction, _ classes: [String]?) {
    guard let error = judged.error else { return nil }
    switch judged.output {
    case .number(let p):
      guard let one = loss(judged.output, .number(1)), let zero = loss(judged.output, .number(0)) else { return nil }
      event = (error == 0) == (p >= 0.5)
      (lossIfEvent, lossIfNot) = (one, zero)
      (errorIfEvent, errorIfNot) = p >= 0.5 ? (0, 1) : (1, 0)
    case .probabilities(let values):
      let best = mostLikely(values)
      let rest = 1 - values[best]
      var missed = 0.0
      guard let classes, let hit = loss(judged.output, .category(classes[best])) else { return nil }
      for other in classes.indices where other != best {
        guard let own = loss(judged.output, .category(classes[other])) else { return nil }
        missed += own * (rest > 0 ? values[other] / rest : 1 / Double(classes.count - 1))
      }
      event = error == 0
      (lossIfEvent, lossIfNot) = (hit, missed)
      (errorIfEvent, errorIfNot) = (0, 1)
    }
  }
}

extension Output {
  /// As the prediction's own column counts it: the number, or the likeliest class.
  fileprivate func columnValue(_ classes: [String]?) -> ColumnValue {
    switch self {
    case .number(let number): .number(number)
    case .probabilities(let values): .category(classes?[mostLikely(values)] ?? "")
    }
  }
}
