import Engine
import Events
import Models

/// A model to go on from. It has its own columns, task, family and seed: what the command line says of them has to agree.
extension Learn {
  func beginning(_ path: String) throws -> Model {
    let model = try ModelFile.read(path).model
    if let family = learning.family, model.family.name != family {
      throw CommandError("is of the family \(model.family.name), not \(family)", at: path, remedy: "leave --family out")
    }
    if let task, (task == .regression) != (model.schema.task == .regression) {
      throw CommandError(
        "is of the task \(model.schema.task.name), not \(task.rawValue)", at: path, remedy: "leave --task out")
    }
    if let seed, model.seed != seed {
      throw CommandError("has the seed \(model.seed), not \(seed)", at: path, remedy: "leave --seed out")
    }
    for (option, list, kind) in [
      ("--categorical", columns.categorical, Column.Kind.categorical), ("--numeric", columns.numeric, .numeric),
      ("--hashed", learning.hashed, .hashed), ("--calendar", learning.calendar, .time),
    ] {
      for name in Set(list.names).sorted() { try check(name, is: kind, as: option, model, at: path) }
    }
    return model
  }

  private func check(_ name: String, is kind: Column.Kind, as option: String, _ model: Model, at path: String) throws {
    guard let column = model.schema.columns.first(where: { $0.name == name }) else {
      throw CommandError("has no column \(name)", at: path, remedy: "leave it out of \(option)")
    }
    guard column.kind == kind else {
      throw CommandError(
        "reads \(name) as \(column.kind.reading), which \(option) cannot change any more", at: path,
        remedy: "leave it out of \(option), or train anew without --warm-start")
    }
  }

  /// A sentence on the file's columns that the model does not know.
  func ignored(by model: Model, in table: DemoTable) -> String? {
    let known = Set(model.schema.columns.map(\.name))
    let others = (table.rows.first?.features ?? []).map(\.name).filter { !known.contains($0) }
    return others.isEmpty ? nil : "the model does not know \(others.joined(separator: ", ")), and learns nothing of it"
  }
}
