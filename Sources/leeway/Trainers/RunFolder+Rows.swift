import Engine
import Events
import Foundation
import Models

// What a run's folder holds before the program starts. The same run gives the same bytes.
extension RunFolder {
  static let formatVersion = 1

  /// - Parameters:
  ///   - champion: the artifact to continue from, if there is one that the program can read.
  ///   - limits: what the program may take, as the configuration has it.
  func write(_ training: ExternalTraining, champion: [UInt8]?, limits: ProcessLimits, isTrial: Bool = false) throws {
    try NewFile.write(
      training.request(limits, hasChampion: champion != nil, isTrial: isTrial), to: file("request.json"))
    try NewFile.write(training.schemaText, to: file("schema.json"))
    if let champion { try NewFile.write(champion, to: file("champion")) }
    try write(training.training, of: training, to: "training")
    try write(training.validation, of: training, to: "validation")
    if !training.golden.isEmpty { try write(training.golden, of: training, to: "golden") }
  }

  private func write(_ rows: [ExternalTraining.PreparedRow], of training: ExternalTraining, to name: String) throws {
    guard mkdir(file(name), 0o755) == 0 else { throw Self.failure("cannot be made", file(name)) }
    var table = try NewFile(file("\(name)/rows.csv"))
    var lines = try NewFile(file("\(name)/rows.jsonl"))
    try table.append(training.header)
    for (number, row) in rows.enumerated() {
      try table.append(row.cells(number))
      try lines.append(row.object(number, training.schema))
    }
    try table.flush()
    try lines.flush()
  }
}

extension ExternalTraining {
  fileprivate func request(_ limits: ProcessLimits, hasChampion: Bool, isTrial: Bool) -> [UInt8] {
    Self.text { writer in
      writer.field("format", RunFolder.formatVersion)
      writer.field("trigger", run.run)
      writer.field("model", run.model)
      writer.field("task", schema.task.name)
      writer.field("version", run.version)
      writer.field("parent", run.parent)
      writer.name("champion")
      if hasChampion { writer.value("champion") } else { writer.null() }
      writer.field("seed", run.seed)
      writer.field("time", run.time)
      writer.field("training_rows", training.count)
      writer.field("validation_rows", validation.count)
      writer.field("golden_rows", golden.count)
      writer.field("trial", isTrial)
      writer.name("limits")
      writer.object { writer in
        writer.field("seconds", limits.seconds)
        writer.field("memory", limits.memory)
        writer.field("processes", limits.processes)
      }
    }
  }

  fileprivate var schemaText: [UInt8] {
    Self.text { writer in
      writer.field("task", schema.task.name)
      if case .multiclass(let classes) = schema.task {
        writer.field("classes", each: classes) { $0.value($1) }
      }
      writer.field("columns", each: schema.columns) { writer, column in
        writer.object { writer in
          writer.field("name", column.name)
          writer.field("cell", Self.cellName(column))
          writer.field("kind", column.kind.rawValue)
        }
      }
    }
  }

  private static func text(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    return writer.bytes + [UInt8(ascii: "\n")]
  }

  /// Of its own, whatever a feature is called.
  private static func cellName(_ column: Column) -> String { "features.\(column.name)" }

  fileprivate var header: [UInt8] {
    let names = ["row", "partition", "seq", "time", "label_time", "label", "weight"]
    return Array((names + schema.columns.map { CSVText.cell(Self.cellName($0)) }).joined(separator: ",").utf8 + [0x0a])
  }
}

extension ExternalTraining.PreparedRow {
  /// Rows are not weighed today; a program that reads the column goes on working when they are.
  private static let weight = 1

  fileprivate func cells(_ number: Int) -> [UInt8] {
    let example = row.example
    let label =
      switch target {
      case .number(let value): Value.text(of: value)
      case .category(let name): CSVText.cell(name)
      }
    var line = "\(number),\(row.partition),\(example.seq),\(example.time),\(example.labelTime),\(label),\(Self.weight)"
    for value in values {
      line += ","
      switch value {
      case .number(let value): line += Value.text(of: value)
      case .category(let level): line += CSVText.cell(level)
      case .missing: break
      }
    }
    return Array(line.utf8) + [0x0a]
  }

  fileprivate func object(_ number: Int, _ schema: Schema) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("row", number)
      writer.field("partition", row.partition)
      writer.field("seq", row.example.seq)
      writer.field("time", row.example.time)
      writer.field("label_time", row.example.labelTime)
      writer.name("label")
      switch target {
      case .number(let value): writer.value(value)
      case .category(let name): writer.value(name)
      }
      writer.field("weight", Self.weight)
      writer.name("features")
      writer.object { writer in
        for (column, value) in zip(schema.columns, values) {
          writer.name(text: column.name)
          switch value {
          case .number(let value): writer.value(value)
          case .category(let level): writer.value(level)
          case .missing: writer.null()
          }
        }
      }
    }
    return writer.bytes + [0x0a]
  }
}
