import Bytes
import Engine
import Events
import Foundation
import Models

/// What a program has left in its run's folder. Whatever that is, it is read or refused with a sentence, and no more.
struct TrainerOutput {
  let artifact: [UInt8]
  /// Of each validation row, in order; each fits the task.
  let scores: [Output]
  /// Of each golden row; empty where there is none.
  let goldenScores: [Output]
  let reported: [ReportedFigure]

  private static let mostArtifactBytes = 1 << 30
  private static let mostScoreBytes = 1 << 30
  private static let mostReportBytes = 1 << 16
  private static let mostFigures = 256

  init(_ folder: RunFolder, _ training: ExternalTraining) throws {
    try self.init(
      folder, task: training.schema.task, rows: training.validation.count, goldenRows: training.golden.count)
  }

  init(_ folder: RunFolder, task: Task, rows: Int, goldenRows: Int = 0) throws {
    guard let artifact = try Self.contents(folder, "artifact", atMost: Self.mostArtifactBytes) else {
      throw TrainingFailure("the trainer left no file \"artifact\" in \(folder.path)")
    }
    guard !artifact.isEmpty else { throw TrainingFailure("\(folder.file("artifact")) is empty") }
    self.artifact = artifact
    scores = try Self.scores(folder, "validation", task, rows)
    goldenScores = goldenRows == 0 ? [] : try Self.scores(folder, "golden", task, goldenRows)
    reported = try Self.figures(folder)
  }

  /// Nil where there is no such file. A link, a pipe or a device is not looked into.
  private static func contents(_ folder: RunFolder, _ name: String, atMost limit: Int) throws -> [UInt8]? {
    let path = folder.file(name)
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      if errno == ELOOP { throw TrainingFailure("\(path) is a link: a file is expected") }
      throw RunFolder.failure("cannot be read", path)
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw TrainingFailure("\(path) is not a file")
    }
    guard status.st_size <= limit else {
      throw TrainingFailure("\(path) has \(status.st_size) bytes, at most \(limit) are read")
    }
    do {
      return Array(try file.read(upToCount: limit) ?? Data())
    } catch {
      throw TrainingFailure("\(path) cannot be read: \(error.localizedDescription)")
    }
  }
}

extension TrainerOutput {
  /// - Parameter part: the folder with the rows, and what they are called.
  private static func scores(_ folder: RunFolder, _ part: String, _ task: Task, _ rows: Int) throws -> [Output] {
    let names = ["\(part)/scores.csv", "\(part)/scores.jsonl"]
    let found = try names.map { try contents(folder, $0, atMost: mostScoreBytes) }
    var reader = ScoreReader(task: task, rows: rows, part: part, file: "")
    switch (found[0], found[1]) {
    case (nil, nil): throw TrainingFailure("the trainer left neither \(names[0]) nor \(names[1]) in \(folder.path)")
    case (_?, _?): throw TrainingFailure("there are \(names[0]) and \(names[1]) in \(folder.path): one is expected")
    case (let table?, nil):
      reader.file = folder.file(names[0])
      try reader.read(csv: table)
    case (nil, let lines?):
      reader.file = folder.file(names[1])
      try reader.read(lines: lines)
    }
    return try reader.finish()
  }

  /// What the program says of itself, if it does.
  private static func figures(_ folder: RunFolder) throws -> [ReportedFigure] {
    guard let bytes = try contents(folder, "metrics.json", atMost: mostReportBytes) else { return [] }
    let figures: [ReportedFigure]
    do {
      figures = try JSON.read(bytes[...]) { (json) throws(EventError) in try ReportedFigure.list(from: json) }
    } catch {
      throw TrainingFailure("\(folder.file("metrics.json")): \(error); an object of numbers is expected")
    }
    guard figures.count <= mostFigures else {
      throw TrainingFailure(
        "\(folder.file("metrics.json")) has \(figures.count) figures, at most \(mostFigures) are kept")
    }
    return figures
  }
}

/// Reads scores row by row, and refuses the first that is not as it has to be.
private struct ScoreReader {
  let task: Task
  let rows: Int
  let part: String
  var file: String
  private var scores: [Output] = []

  init(task: Task, rows: Int, part: String, file: String) {
    self.task = task
    self.rows = rows
    self.part = part
    self.file = file
  }

  private var columns: [String] {
    if case .multiclass(let classes) = task { ["row"] + classes.map { "score.\($0)" } } else { ["row", "score"] }
  }

  mutating func read(csv bytes: [UInt8]) throws {
    do {
      var reader = try CSVReader(MemorySource(bytes, name: file))
      guard reader.header == columns else {
        throw failure(1, "the columns are \(shown(reader.header))", "\(shown(columns))")
      }
      var row = CSVRow()
      while try reader.next(&row) {
        guard let number = row.number(0) else { throw failure(row.line, "no number of a row", "row \(scores.count)") }
        var values: [Double] = []
        for index in 1..<columns.count {
          guard let value = row.number(index) else {
            let cell = String(decoding: row[index].prefix(40), as: UTF8.self)
            throw failure(row.line, "\(columns[index]) is \"\(cell)\"", "a finite number")
          }
          values.append(value)
        }
        try take(number, values, at: row.line)
      }
    } catch let error as CommandError {
      throw TrainingFailure("\(error)")
    }
  }

  mutating func read(lines bytes: [UInt8]) throws {
    var reader = LineReader(MemorySource(bytes, name: file))
    while let line = try reader.next() {
      guard case .text(let text) = line else { throw failure(reader.number, "a line too long", "one object a line") }
      let said: (row: Double, values: [Double])
      do throws(EventError) {
        said = try JSON.read(text) { (json) throws(EventError) in
          let score = try json.need("score")
          let isList = if case .array = score.value { true } else { false }
          return (
            try json.need("row").number(),
            isList ? try score.list { (value) throws(EventError) in try value.number() } : [try score.number()]
          )
        }
      } catch {
        throw failure(reader.number, "\(error)", #"an object such as {"row":0,"score":0.5}"#)
      }
      guard said.values.count == columns.count - 1 else {
        throw failure(reader.number, "\(said.values.count) scores", "\(columns.count - 1)")
      }
      try take(said.row, said.values, at: reader.number)
    }
  }

  private mutating func take(_ number: Double, _ values: [Double], at line: Int) throws {
    guard scores.count < rows else { throw failure(line, "a score too many", "\(rows) scores, one per \(part) row") }
    guard number == Double(scores.count) else {
      throw failure(
        line, "row \(Figures.short(number))", "row \(scores.count): every row once, in the order of rows.csv")
    }
    switch task {
    case .regression:
      guard let value = values.first, value.magnitude <= ModelLimits.magnitude else {
        throw failure(line, "a score beyond \(ModelLimits.magnitude)", "a regression value")
      }
      scores.append(.number(value))
    case .binary:
      guard let value = values.first, (0...1).contains(value) else {
        throw failure(line, "a score of \(values.first ?? .nan)", "a probability from 0 to 1")
      }
      scores.append(.number(value))
    case .multiclass:
      let sum = values.reduce(0, +)
      guard values.allSatisfy((0...1).contains), abs(sum - 1) <= 1e-3 else {
        throw failure(line, "scores of sum \(sum)", "probabilities from 0 to 1 of sum 1")
      }
      scores.append(.probabilities(values))
    }
  }

  func finish() throws -> [Output] {
    guard scores.count == rows else {
      throw TrainingFailure("\(file) has \(scores.count) scores: \(rows) are expected, one per \(part) row")
    }
    return scores
  }

  private func shown(_ names: [String]) -> String {
    String(names.joined(separator: ",").prefix(200))
  }

  private func failure(_ line: Int, _ found: String, _ expected: String) -> TrainingFailure {
    TrainingFailure("\(file):\(line): \(found); expected \(expected)")
  }
}
