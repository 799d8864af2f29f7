public import Events
public import Models

extension BuiltinTraining {
  /// Shows on a few of a run's rows that a model can be made of such rows, or goes on with them: what is wrong with a
  /// configuration is found before all rows are read.
  ///
  /// - Parameters:
  ///   - rows: without any there is nothing to show; the run says so itself.
  ///   - champion: nil for the first version.
  /// - Throws: `TrainingFailure` with the sentence for the run's record.
  public func prove(_ run: RunStarted, rows: [TrainingRow], champion: Model?) throws {
    if let champion { try check(champion, of: run) }
    guard let first = rows.first else { return }
    // A column that is named in the configuration may come in other rows.
    var configuration = configuration
    let names = Set(rows.lazy.flatMap { $0.example.features.lazy.map(\.name) })
    configuration.categorical.formIntersection(names)
    configuration.numeric.formIntersection(names)
    configuration.hashed.formIntersection(names)
    configuration.calendar.formIntersection(names)
    var model = try weighed(champion ?? BuiltinTraining(configuration).beginning(rows[...], seed: run.seed))
    let pairs = rows.indices.compactMap { usable(rows, $0, model.schema.row(of: rows[$0].example.features), model) }
    guard !pairs.isEmpty else {
      do {
        _ = try model.family.target(first.example.label.modelValue, of: configuration.task)
      } catch {
        throw TrainingFailure("no label fits the task: \(error)")
      }
      return
    }
    model.learn(pairs.map { ($0.input, $0.target) })
    _ = model.predict(pairs.map(\.input))
  }
}
