import Drift
import Events
import Models
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

  let configuration: ModelConfiguration
  let schema: Schema
  /// Nil for a version that cannot be asked.
  let predict: (([Row]) -> [Output])?
  let rows: TrainingRows
  /// From when on rows are thought to be changed.
  let onset: Milliseconds?

  init(configuration: ModelConfiguration, model: Model, rows: TrainingRows, onset: Milliseconds?) {
    self.init(
      configuration: configuration, schema: model.schema, predict: { model.predict($0) }, rows: rows, onset: onset)
  }

  init(
    configuration: ModelConfiguration, schema: Schema, predict: (([Row]) -> [Output])?, rows: TrainingRows,
    onset: Milliseconds?
  ) {
    self.configuration = configuration
    self.schema = schema
    self.predict = predict
    self.rows = rows
    self.onset = onset
  }

  func made(_ judged: [Judged]) -> Reference {
    let chosen = chosen
    var builder = builder()
    let inputs = chosen.rows.map { schema.row(of: $0.example.features) }
    let outputs = predict?(inputs)
    let watched = watched
    for (index, row) in chosen.rows.enumerated() {
      builder.add(
        watched.map { inputs[index].values[$0].columnValue },
        prediction: outputs?[index].columnValue(classes) ?? .missing, time: row.example.time)
    }
    for row in judged { if let loss = row.loss { builder.add(loss: loss) } }
    var reference = builder.finish(
      loss: Moments(judged.compactMap(\.loss)), error: Moments(judged.compactMap(\.error)),
      provisional: !chosen.suffices)
    reference.calibration = calibration(judged, over: reference.prediction)
    return reference
  }

  /// The reference of a version that cannot be asked: its own predictions are those on the held-out rows alone.
  ///
  /// - Parameter times: of the judged rows.
  func made(_ judged: [Judged], times: [Milliseconds]) -> Reference {
    var builder = ReferenceBuilder(columns: [], prediction: kind, cycle: configuration.monitor.season)
    for (row, time) in zip(judged, times) {
      builder.add([], prediction: row.output.columnValue(classes), time: time)
    }
    let scores = builder.finish()
    let features = made(judged)
    var whole = Reference(
      rows: features.rows, columns: features.columns, derived: features.derived + scores.derived,
      prediction: scores.prediction, lossColumn: features.lossColumn, loss: features.loss, error: features.error,
      provisional: features.provisional, isOrdered: features.isOrdered)
    whole.calibration = calibration(judged, over: whole.prediction)
    return whole
  }

  private var classes: [String]? {
    if case .multiclass(let classes) = schema.task { classes } else { nil }
  }

  /// Of the schema's columns; time goes on by itself, so that one always drifts.
  private var watched: [Int] { schema.columns.indices.filter { schema.columns[$0].kind != .time } }

  private var kind: ColumnKind { classes == nil ? .numeric : .category }

  private func builder() -> ReferenceBuilder {
    let columns = watched.map { index in
      let column = schema.columns[index]
      return ColumnSchema(name: column.name, kind: column.kind == .numeric ? .numeric : .category)
    }
    return ReferenceBuilder(
      columns: columns, prediction: predict == nil ? nil : kind, cycle: configuration.monitor.season,
      joint: configuration.monitor.joint)
  }

  /// All rows in order of time, the past among them; behind a change those since its onset, where they are enough, else
  /// the newest that are. A reference that mixes both sides of a change would find it again in every row to come.
  private var chosen: (rows: ArraySlice<TrainingRow>, suffices: Bool) {
    let all = rows.past + rows.learned + rows.heldOut
    let wanted = configuration.training.referenceRows
    guard let onset, let first = all.firstIndex(where: { $0.example.time >= onset }) else {
      return (all[...], all.count >= wanted)
    }
    return (all[min(first, max(all.count - wanted, 0))...], all.count - first >= wanted)
  }

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
