import Engine
import Events
import Foundation
import Log
import Models

extension Produce {
  /// `leeway produce examples`: labelled history, so that a first version can be trained before anything is served.
  func importHistory(_ configuration: LeewayConfiguration) throws {
    let engine = configuration.engineConfiguration
    if let model { try Self.find(model, in: engine, common) }
    let log = try configuration.log.openExisting()
    let writer = try HistoryWriter(log: log, configuration: engine, member: "leeway produce examples")
    defer { writer.close() }
    var source = try history(before: writer.before)
    var texts: [String: ColumnTexts] = [:]
    do {
      while let example = try source.next() {
        if let fault = Self.fault(in: example, engine) {
          source.reject(fault)
          continue
        }
        texts[example.model, default: ColumnTexts()].add(example.features)
        try writer.append(example)
      }
    } catch {
      // What was read before the source failed is history all the same; where it is the log that fails, this does too.
      if writer.rows > 0 { _ = try? writer.finish() }
      Terminal.complain("stopped; \(writer.committed) rows are in the log, and would be there twice if imported again")
      throw error
    }
    if writer.rows > 0 { try writer.finish() }
    for (name, texts) in texts.sorted(by: { $0.key < $1.key }) {
      guard let model = engine.model(named: name) else { continue }
      for warning in texts.warnings(of: model, champion: nil) { Terminal.complain("model \(name): \(warning)") }
    }
    try report(sent: writer.rows, undelivered: 0, bad: source.badLines)
  }

  static func find(_ model: String, in configuration: EngineConfiguration, _ common: CommonOptions) throws(CommandError)
  {
    guard configuration.model(named: model) == nil else { return }
    let near = Spelling.nearest(to: model, among: configuration.models.map(\.name)).map { "; did you mean \($0)?" }
    throw CommandError(
      "no model \(model)\(near ?? "")", at: common.config ?? LeewayConfiguration.usualFile,
      remedy: "the configuration lists them under models:")
  }

  /// - Parameter rows: how many rows there are already: a row without an id is called by its number.
  private func history(before rows: Int64) throws(CommandError) -> any RowSource<Example> {
    var number = rows
    func nextID() -> String {
      number += 1
      return "history-\(number)"
    }
    guard let csv else {
      return LineRows(try DataFile.open("-")) { [model] line throws(RowProblem) in
        try Example(line: line, id: nextID(), model: model)
      }
    }
    let reader = try CSVReader(path: csv, badRows: .count)
    let names = ExampleColumns.Names(model: model, label: label, time: time, labelTime: labelTime)
    let columns = try ExampleColumns(reader, names)
    var time = columns.hasTimes ? 0 : try Self.firstTime(csv)
    return TableRows(reader) { row throws(RowProblem) in
      time += Self.rowInterval
      return try columns.example(row, id: nextID(), time: time)
    }
  }

  /// Rows without times happened a second apart, the last one now.
  private static var rowInterval: Milliseconds { 1_000 }

  private static func firstTime(_ csv: String) throws(CommandError) -> Milliseconds {
    guard csv != "-" else {
      throw CommandError(
        "rows from standard input need times", at: csv,
        remedy: "name their column with --time, or give the name of a file, whose rows can be counted first")
    }
    var reader = try CSVReader(path: csv, badRows: .count)
    var row = CSVRow()
    var count: Milliseconds = 0
    while try reader.next(&row) { count += 1 }
    return Milliseconds(Date().timeIntervalSince1970 * 1_000) - count * rowInterval
  }

  /// Why a row would be of no use; `nil` where it is fit to be learned.
  private static func fault(in example: Example, _ configuration: EngineConfiguration) -> String? {
    guard let model = configuration.model(named: example.model) else {
      return "model: no model \(example.model.prefix(80).debugDescription) in the configuration"
    }
    do throws(ModelError) {
      _ = try model.family.target(example.label.modelValue, of: model.task)
    } catch {
      return "label: it does not fit the task \(model.task.name): \(error.message)"
    }
    do throws(EventError) {
      // Whoever reads the row refuses what goes beyond the limits of a record.
      _ = try ExampleRecord.decode(ExampleRecord.example(example).encoded()[...])
      return nil
    } catch {
      return "\(error.path): \(error.reason)"
    }
  }
}
