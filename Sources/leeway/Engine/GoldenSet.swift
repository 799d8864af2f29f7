import Bytes
import Crypto
import Engine
import Events
import Foundation
import Log
import Models
import Synchronization

/// The golden rows of an engine's models, each read once.
final class GoldenSets: Sendable {
  private let sections: [String: GoldenSection]
  private let known = Mutex<[String: [TrainingRow]]>([:])

  /// - Parameter sections: by model.
  init(_ sections: [String: GoldenSection]) {
    self.sections = sections
  }

  /// None for a model without a golden set.
  /// - Throws: as `GoldenSet.rows` does.
  func rows(
    of model: ModelConfiguration, in log: any Log, _ reader: any LogReader, _ names: TopicNames
  ) throws -> [TrainingRow] {
    guard let section = sections[model.name] else { return [] }
    if let rows = known.withLock({ $0[model.name] }) { return rows }
    let rows = try GoldenSet.rows(section, of: model, in: log, reader, names)
    known.withLock { $0[model.name] = rows }
    return rows
  }
}

/// Reads the rows of a golden set.
enum GoldenSet {
  /// They are asked in every run, and held in memory.
  static let mostRows = 100_000

  /// - Throws: `TrainingFailure` with a sentence that names the file and its line, or the partition and its numbers.
  static func rows(
    _ section: GoldenSection, of model: ModelConfiguration, in log: any Log, _ reader: any LogReader,
    _ names: TopicNames
  ) throws -> [TrainingRow] {
    switch section.rows {
    case .file(let path, let label):
      do {
        return try rows(of: path, label: label, task: model.task, family: model.family, model: model.name)
      } catch let error as CommandError {
        throw TrainingFailure("the golden set cannot be used: \(error)")
      }
    case .pinned(let ranges): return try ranges.flatMap { try rows($0, of: model, in: log, reader, names) }
    }
  }

  /// - Throws: `CommandError` where a row has no label of the task or the file cannot be read.
  static func rows(
    of path: String, label: String, task: Models.Task, family: Family, model: String
  ) throws -> [TrainingRow] {
    var reader = try CSVReader(path: path)
    let column = try reader.column(label)
    let features = reader.header.enumerated().filter { $0.offset != column }
    var rows: [TrainingRow] = []
    var row = CSVRow()
    while try reader.next(&row) {
      let place = "\(path):\(row.line)"
      guard rows.count < mostRows else {
        throw CommandError("more than \(Figures.grouped(mostRows)) golden rows", at: place, remedy: "choose fewer")
      }
      guard let label = row.label(column) else {
        throw CommandError("a golden row without a label", at: place, remedy: "give it one, or remove it")
      }
      do throws(ModelError) { _ = try family.target(label.modelValue, of: task) } catch {
        throw CommandError(error.message, at: place)
      }
      let example = Example(
        seq: Int64(rows.count), id: "golden-\(rows.count)", model: model, time: 0, labelTime: 0,
        features: features.map { Feature(name: $0.element, value: row.value($0.offset)) }, label: label)
      rows.append(TrainingRow(partition: 0, example: example))
    }
    guard !rows.isEmpty else { throw CommandError("a golden set without rows", at: path) }
    return rows
  }

  /// SHA-256 of a file in hexadecimal; nothing of one that cannot be read, with which no run succeeds.
  static func checksum(of path: String) -> String {
    (try? Data(contentsOf: URL(fileURLWithPath: path))).map { hexadecimal(SHA256.hash(data: $0)) } ?? ""
  }

  /// The model's own rows of a range.
  private static func rows(
    _ range: PartitionRows, of model: ModelConfiguration, in log: any Log, _ reader: any LogReader, _ names: TopicNames
  ) throws -> [TrainingRow] {
    let place = TopicPartition(names[.examples], range.partition)
    guard let spec = try log.spec(of: place.topic), range.partition < spec.partitions else {
      throw TrainingFailure("the golden set is to be read from \(place), which is not there")
    }
    func missing(_ rows: Range<Int64>) -> TrainingFailure {
      TrainingFailure(
        "\(place) has no rows \(rows.lowerBound) to \(rows.upperBound - 1) of the golden set: they are gone, or have not "
          + "come yet. Pin others, or keep them in a file (gate.golden)")
    }
    let bounds = try reader.bounds(of: place)
    // A row's number never runs ahead of its record's.
    var position = max(bounds.lowerBound, range.first)
    var next = range.first
    var rows: [TrainingRow] = []
    while next < range.end {
      guard position < bounds.upperBound else { throw missing(next..<range.end) }
      let fetch = try reader.read(place, from: position, limit: ReadLimit())
      for stored in fetch.records where next < range.end {
        guard let value = stored.record.value, case .example(let example) = try? ExampleRecord.decode(value),
          example.seq >= next
        else { continue }
        guard example.seq == next else { throw missing(next..<min(example.seq, range.end)) }
        next += 1
        guard example.model == model.name else { continue }
        guard (try? model.family.target(example.label.modelValue, of: model.task)) != nil else {
          throw TrainingFailure("row \(example.seq) of \(place), in the golden set, has no label of the model's task")
        }
        rows.append(TrainingRow(partition: range.partition, example: example))
      }
      guard fetch.next > position else { throw missing(next..<range.end) }
      position = fetch.next
    }
    guard !rows.isEmpty else {
      throw TrainingFailure(
        "rows \(range.first) to \(range.end - 1) of \(place), the golden set, are all of other models")
    }
    return rows
  }
}
