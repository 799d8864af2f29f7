import ArgumentParser
import Models

/// What is said of how a model of a CSV file learns.
struct LearningOptions: ParsableArguments {
  @Option(help: "Columns of names that share 1,024 weights, separated by commas: for very many names.")
  var hashed: [NameList] = []

  @Option(help: "Columns with milliseconds since 1970 of which hour and weekday count, separated by commas.")
  var calendar: [NameList] = []

  @Option(
    help: """
      mixture (the default), linear-mixture, linear, logistic, softmax, poisson (of counts), network or mlp.
      """)
  var family: String?

  @Option(help: "balanced, or weights by class such as 0=1,1=5: how much a row counts in learning (default: alike).")
  var classWeights: String?

  func validate() throws {
    if let family, Family(named: family) == nil {
      let names = Family.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--family \(family) is not there; the families are \(names)")
    }
    if let classWeights, ClassWeighting(classWeights) == nil {
      throw ValidationError("--class-weights \(classWeights) is neither balanced nor weights such as a=2,b=1")
    }
  }

  /// The family that is asked for, or the default.
  func family(for task: Task, at path: String) throws(CommandError) -> Family {
    let family = family.flatMap(Family.init(named:)) ?? .standard
    do throws(ModelError) { try family.check(task) } catch { throw CommandError(error.message, at: path) }
    return family
  }

  /// nil where nothing is said.
  func weights(for task: Task, at path: String) throws(CommandError) -> ClassWeights.Rule? {
    guard let rule = classWeights.flatMap(ClassWeighting.init)?.rule else { return nil }
    do throws(ModelError) { _ = try ClassWeights(rule, task: task) } catch {
      throw CommandError(error.message, at: path)
    }
    return rule
  }

  /// Throws where two of a column's kinds are said.
  func checkKinds(_ columns: ColumnOptions) throws {
    var kinds: [String: String] = [:]
    for (option, list) in [
      ("--categorical", columns.categorical), ("--numeric", columns.numeric), ("--hashed", hashed),
      ("--calendar", calendar),
    ] {
      for name in Set(list.names).sorted() {
        if let other = kinds[name] { throw ValidationError("\(other) and \(option) both name \(name)") }
        kinds[name] = option
      }
    }
  }

  /// Throws where family or weights are not for the task.
  func check(_ task: Task, at path: String) throws(CommandError) {
    _ = try family(for: task, at: path)
    _ = try weights(for: task, at: path)
  }

  /// - Parameter dropped: columns that the model does not see.
  func enter(into model: inout ModelSection, without dropped: Set<String>) {
    let (hashed, calendar) = (Set(hashed.names).subtracting(dropped), Set(calendar.names).subtracting(dropped))
    model.hashed = hashed.sorted()
    model.calendar = calendar.sorted()
    model.categorical.removeAll(where: hashed.contains)
    model.numeric.removeAll(where: calendar.contains)
    if let family = family.flatMap(ModelSection.Family.init(rawValue:)) { model.family = family }
    if let weights = classWeights.flatMap(ClassWeighting.init) { model.train.classWeights = weights }
  }
}
