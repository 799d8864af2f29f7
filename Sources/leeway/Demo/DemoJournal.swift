import Engine
import Events
import Log

/// What the demo reads of the engine's topics while it runs: triggers, and what became of versions.
final class DemoJournal {
  struct Triggered {
    let row: Int
    let trigger: Trigger
  }

  struct Judged {
    let row: Int
    let record: ModelRecord
  }

  private let reader: any LogReader
  private let names: TopicNames
  private let partitions: Int
  private var next: [TopicPartition: Int64] = [:]
  private(set) var triggers: [Triggered] = []
  private(set) var versions: [Judged] = []
  /// Runs that made no version, with the reason.
  private(set) var failures: [RunFinished] = []

  init(log: any Log, configuration: EngineConfiguration) throws {
    reader = try log.makeReader()
    names = configuration.names
    partitions = configuration.modelPartitions
  }

  /// Lines for what is new.
  ///
  /// - Parameter row: the row that was served last.
  func look(atRow row: Int) throws -> [String] {
    var lines: [String] = []
    for value in try news(.triggers) {
      let trigger = try Trigger.decode(value)
      triggers.append(Triggered(row: row, trigger: trigger))
      lines.append("row \(row): trigger \(trigger.summary)")
    }
    for value in try news(.runs) {
      guard case .finished(let report) = try RunRecord.decode(value), let failure = report.failure else { continue }
      failures.append(report)
      lines.append("row \(row): run for version \(report.version) came to nothing: \(failure)")
    }
    for value in try news(.models) {
      let record = try ModelRecord.decode(value)
      guard record.status != .retired else { continue }
      versions.append(Judged(row: row, record: record))
      let outcome = record.status == .champion ? "published" : record.status.rawValue
      lines.append("row \(row): version \(record.version) \(outcome): \(record.reason)")
    }
    return lines
  }

  func close() {
    reader.close()
  }

  /// Rows in `examples`: they are numbered without gaps.
  func countExamples(partitions: Int) throws -> Int {
    let examples = ExampleReader(reader: reader, names: names)
    return try (0..<partitions).reduce(0) { try $0 + Int(examples.firstFreeNumber(in: $1)) }
  }

  private func news(_ topic: Topic) throws -> [ArraySlice<UInt8>] {
    var values: [ArraySlice<UInt8>] = []
    for partition in 0..<partitions {
      let place = TopicPartition(names[topic], partition)
      next[place] = try reader.each(of: place, from: next[place, default: 0]) { stored in
        if let value = stored.record.value { values.append(value) }
      }
    }
    return values
  }
}

extension Trigger {
  /// The rule and its evidence in a few words.
  var summary: String {
    guard let value, let statistic else { return rule }
    let of = column.map { " of \($0)" } ?? ""
    let limit = threshold.map { ", threshold \(Figures.short($0))" } ?? ""
    return "\(rule): \(statistic)\(of) \(Figures.short(value))\(limit)"
  }
}
