import Drift
public import Events
public import Models
import Sketches

/// Trains the built-in families: continues the champion, or begins anew, on a run's rows. Pure.
public struct BuiltinTraining: Sendable {
  public let configuration: ModelConfiguration

  public init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
  }

  /// Rows learned between two looks at whether to go on.
  private static let batch = 1_000

  /// - Parameters:
  ///   - champion: nil for the first version.
  ///   - checkQuota: called again and again while rows are learned; what it throws ends the run.
  /// - Throws: `TrainingFailure` with the sentence for the run's record.
  public func train(_ run: RunStarted, rows: [TrainingRow], champion: Model?, checkQuota: () throws -> Void = {}) throws
    -> TrainedArtifact
  {
    let training = configuration.training
    let rows = try TrainingRows(
      rows, for: run, minimumRows: training.minimumRows, maximumRows: training.maximumRows)
    if let champion { try check(champion, of: run) }
    let fresh = try champion ?? beginning(rows.learned, seed: run.seed)
    var challenger = fresh
    let pairs = rows.learned.compactMap { usable($0, schema: fresh.schema) }
    guard !pairs.isEmpty else { throw TrainingFailure("none of \(rows.learned.count) rows has a label to learn from") }
    for start in stride(from: 0, to: pairs.count, by: Self.batch) {
      try checkQuota()
      challenger.learn(pairs[start..<min(start + Self.batch, pairs.count)])
    }
    let artifact = challenger.encoded()
    let comparison = compare(challenger, champion, on: rows.heldOut)
    let before = rows.heldOut.first?.example.time ?? run.rows.before
    let result = RunResult(
      artifact: artifactChecksum(artifact), artifactBytes: artifact.count, trainedRows: pairs.count,
      validatedRows: comparison.challenger.count, refusedRows: rows.learned.count - pairs.count,
      learned: TrainingRows.span(
        rows.learned, from: (rows.isCut ? nil : run.rows.from) ?? rows.learned.first?.example.time, before: before),
      heldOut: TrainingRows.span(rows.heldOut, from: before, before: run.rows.before), rowsHash: rows.hash,
      challenger: comparison.challenger.metrics, champion: champion.map { _ in comparison.champion.metrics },
      difference: champion.flatMap { _ in comparison.difference.record },
      reference: ReferenceRecord(
        VersionReference(configuration: configuration, model: challenger, rows: rows, onset: run.onset)
          .made(comparison.judged)))
    return TrainedArtifact(artifact: artifact, result: result)
  }

  /// A model is continued as it began: what would change its columns is another model.
  func check(_ champion: Model, of run: RunStarted) throws {
    let schema = champion.schema
    let fault: String? =
      if schema.task != configuration.task {
        "its task is \(schema.task.name)"
      } else if let column = schema.columns
        .first(where: { configuration.dropped.contains($0.name) })
      {
        "it reads \(column.name), which is dropped now"
      } else if let column = schema.columns
        .first(where: { configuration.categorical.contains($0.name) && $0.kind == .numeric })
      {
        "it reads \(column.name) as a number"
      } else if let column = schema.columns
        .first(where: { configuration.numeric.contains($0.name) && $0.kind == .categorical })
      { "it reads \(column.name) as names" } else { nil }
    guard let fault else { return }
    throw TrainingFailure(
      "version \(run.parent ?? 0) cannot be continued under this configuration: \(fault). Begin anew under another name"
    )
  }

  func beginning(_ rows: [TrainingRow], seed: UInt64) throws -> Model {
    do {
      let schema = try Schema.infer(
        task: configuration.task,
        rows: rows.lazy.map { $0.example.features.lazy.map { (name: $0.name, value: $0.value.modelValue) } },
        categorical: configuration.categorical, numeric: configuration.numeric, dropped: configuration.dropped)
      return Model(schema: schema, family: configuration.family, seed: seed)
    } catch {
      throw TrainingFailure("no schema can be made of the rows: \(error)")
    }
  }

  func usable(_ row: TrainingRow, schema: Schema) -> (Row, Target)? {
    guard let target = try? schema.task.target(row.example.label.modelValue) else { return nil }
    return (schema.row(of: row.example.features), target)
  }

  private struct Comparison {
    var challenger: Evaluation
    var champion: Evaluation
    var difference = Moments()
    /// Of the challenger, in order of time.
    var judged: [VersionReference.Judged] = []
  }

  private func compare(_ challenger: Model, _ champion: Model?, on rows: [TrainingRow]) -> Comparison {
    let task = challenger.schema.task
    var comparison = Comparison(challenger: Evaluation(task: task), champion: Evaluation(task: task))
    let loss = LossFunction(.standard(for: task), task: task)
    let error = LossFunction(task == .regression ? .absoluteError : .zeroOne, task: task)
    for row in rows {
      guard let (input, target) = usable(row, schema: challenger.schema) else { continue }
      let output = challenger.predict(input)
      comparison.challenger.add(output, target)
      let own = loss(output, target)
      comparison.judged.append(
        VersionReference.Judged(output: output, target: target, loss: own, error: error(output, target)))
      guard let champion else { continue }
      let other = champion.predict(champion.schema.row(of: row.example.features))
      comparison.champion.add(other, target)
      if let own, let other = loss(other, target) { comparison.difference.update(own - other) }
    }
    return comparison
  }
}

/// The first of the largest probabilities.
func mostLikely(_ probabilities: [Double]) -> Int {
  probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
}

extension Schema {
  public func row(of features: [Feature]) -> Row {
    row(from: features.lazy.map { (name: $0.name, value: $0.value.modelValue) })
  }
}

extension Value {
  var columnValue: ColumnValue {
    switch self {
    case .number(let number): .number(number)
    case .category(let level): .category(level)
    case .missing: .missing
    }
  }
}

extension Evaluation {
  var metrics: MetricsRecord {
    MetricsRecord(
      rows: count, loss: lossMean ?? .infinity, accuracy: accuracy, logLoss: logLoss, auc: auc, mae: mae, rmse: rmse)
  }
}
