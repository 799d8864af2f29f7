import EventLog
import Events
import Log
import Testing

@testable import Simulation
@testable import leeway

struct DeadLetterCountTests {
  private func letter(_ topic: Topic, _ code: String) -> Record {
    let letter = DeadLetter(
      topic: topic.rawValue, partition: 0, offset: 1, code: code, reason: "r", time: 1, sample: "s")
    return Record(timestamp: 1, value: letter.encoded()[...])
  }

  /// Those from before its start are others' news; each letter after it is told once.
  @Test func everyLetterIsToldOnce() throws {
    let scratch = try Scratch()
    let log = try EmbeddedLog(path: scratch.file("log.db"))
    let place = TopicPartition("x.deadletters", 0)
    try log.create(TopicSpec(name: place.topic, partitions: 1))
    let producer = try log.makeProducer(id: nil)
    try producer.append([AppendBatch(place, [letter(.labels, "old")])])
    var count = try DeadLetterCount(log, names: TopicNames(prefix: "x."))
    #expect(try count.look() == nil)
    let letters = [letter(.predictions, "late"), letter(.labels, "no_time"), letter(.predictions, "not_json")]
    try producer.append([AppendBatch(place, letters + [letter(.predictions, "late")])])
    try producer.append([AppendBatch(place, [Record(timestamp: 1, value: [1])])])
    #expect(
      try count.look()
        == "5 dead letters (?: 1 unreadable; labels: 1 no_time; predictions: 2 late, 1 not_json)")
    #expect(try count.look() == nil)
    let flood = [Record](repeating: letter(.labels, "late"), count: DeadLetterCount.mostRead)
    for _ in 0..<3 { try producer.append([AppendBatch(place, flood)]) }
    #expect(try count.look()?.hasPrefix("more than ") == true)
    #expect(try count.look() == nil)
  }

  /// What was counted before an error is told by the next look.
  @Test func nothingIsForgottenForAnError() throws {
    let log = SimulatedLog()
    let place = TopicPartition("deadletters", 0)
    try log.create(TopicSpec(name: place.topic, partitions: 1))
    let producer = try log.makeProducer(id: nil)
    var count = try DeadLetterCount(log, names: TopicNames())
    // One is as much as a read brings.
    let large = Record(timestamp: 1, value: Array(repeating: 1, count: 8 << 20)[...])
    for _ in 0..<3 { try producer.append([AppendBatch(place, [large])]) }
    for reads in 0..<3 {
      log.with { $0.arm(.refused, after: reads) }
      #expect(throws: LogError.self, "after \(reads) operations") { try count.look() }
    }
    #expect(try count.look() == "3 dead letters (?: 3 unreadable)")
    #expect(try count.look() == nil)
  }
}
