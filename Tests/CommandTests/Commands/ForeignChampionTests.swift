import EventLog
import Events
import Log
import Testing

@testable import leeway

/// What people see of a topic `models` to which somebody else has written.
struct ForeignChampionTests {
  private func record(_ version: Int, _ status: ModelStatus, of model: String = "m") -> Record {
    let record = ModelRecord(
      model: model, version: version, status: status, reason: "r", time: 1, parent: nil, trigger: nil,
      family: "kalman-mixture", task: "binary", artifact: String(repeating: "ab", count: 32), configuration: "c",
      code: "x", seed: 1)
    return Record(timestamp: 1, key: Array(model.utf8)[...], value: record.encoded()[...])
  }

  private func listed(_ records: [Record], of model: String? = nil) throws -> Finished {
    let scratch = try Scratch()
    #expect(try Run.leeway("topics", "create", in: scratch.path).status == 0)
    let log = try EmbeddedLog(path: scratch.file("leeway.db"))
    try log.makeProducer(id: nil).append([AppendBatch(TopicPartition("models", 0), records)])
    guard let model else { return try Run.leeway("models", in: scratch.path) }
    return try Run.leeway("models", "list", model, in: scratch.path)
  }

  private func statuses(_ list: Finished) -> [String] {
    list.lines.dropFirst().map { $0.split(separator: " ").prefix(3).dropFirst().joined(separator: " ") }
  }

  /// Serving systems follow the last that is named; the one before is marked, and what is odd is said.
  @Test func thereIsOneChampion() throws {
    let list = try listed([record(1, .champion), record(99, .champion)])
    #expect(list.status == 0 && statuses(list) == ["1 retired", "99 champion"])
    #expect(list.errors.contains("version 99 was named champion, and no record has retired this one"))
  }

  /// Who asks for one model hears of that one.
  @Test func whatIsOddOfAnotherModelIsNotTold() throws {
    let records = [record(1, .champion), record(2, .champion), record(1, .champion, of: "n")]
    let other = try listed(records, of: "n")
    #expect(other.status == 0 && statuses(other) == ["1 champion"] && other.errors.isEmpty, "\(other.errors)")
    #expect(try listed(records, of: "m").errors.contains("version 2 was named champion"))
  }

  @Test func anOrderlyHistoryIsNotOdd() throws {
    let list = try listed([
      record(1, .champion), record(1, .retired), record(2, .champion), record(2, .champion), record(3, .rejected),
    ])
    #expect(statuses(list) == ["1 retired", "2 champion", "3 rejected"])
    #expect(list.errors.isEmpty, "\(list.errors)")
  }
}
