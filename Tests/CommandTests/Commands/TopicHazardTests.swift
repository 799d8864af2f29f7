import EventLog
import Events
import Log
import Testing

@testable import leeway

/// Which settings of topics are told of at an engine's start, and which keep it from starting.
struct TopicHazardTests {
  private static let day: Int64 = 86_400_000

  private func hazards(_ topic: Topic, _ retention: Retention, compacted: Bool) -> [TopicHazard] {
    var present = Topic.allCases.map { $0.spec(TopicsSection()) }
    present.removeAll { $0.name == topic.rawValue }
    present.append(
      TopicSpec(name: topic.rawValue, partitions: 1, retention: retention, compacted: compacted))
    return TopicHazard.all(in: present, LeewayConfiguration())
  }

  @Test func theContractsAreSafe() {
    #expect(TopicHazard.all(in: Topic.allCases.map { $0.spec(TopicsSection()) }, LeewayConfiguration()).isEmpty)
    #expect(TopicHazard.all(in: [], LeewayConfiguration()).isEmpty)
  }

  @Test(arguments: Topic.allCases) func shortRetention(topic: Topic) {
    let found = hazards(topic, Retention(milliseconds: Self.day), compacted: topic.isCompacted)
    let isHarmless = [.features, .watermarks, .sketches, .drift, .deadletters].contains(topic)
    #expect(found.count == (isHarmless ? 0 : 1), "\(found)")
    #expect(found.allSatisfy { $0.topic == topic.rawValue && !$0.isCertain && !$0.remedy.isEmpty })
  }

  /// The horizon of 7 days and the lateness of 10 s are what events have to be kept for.
  @Test func eventsAreKeptForTheHorizon() {
    let needed = 7 * Self.day + 10_000
    for topic in [Topic.predictions, .labels] {
      #expect(hazards(topic, Retention(milliseconds: needed), compacted: false).isEmpty)
      let found = hazards(topic, Retention(milliseconds: needed - 1), compacted: false)
      #expect(found.map(\.remedy) == ["set retention.ms=\(needed) or more"])
    }
  }

  @Test(arguments: Topic.allCases) func compactionTakesHistories(topic: Topic) {
    let found = hazards(topic, Retention(milliseconds: topic.retention), compacted: true)
    #expect(found.count == (topic == .checkpoints ? 0 : 1))
    #expect(found.allSatisfy { $0.isCertain == (topic.partitionSetting == .models) })
  }

  @Test func snapshotsThatAreDeleted() {
    let deleted = hazards(.checkpoints, Retention(milliseconds: 60_000), compacted: false)
    #expect(deleted.map(\.isCertain) == [true] && deleted[0].problem.contains("cleanup.policy=delete"))
    #expect(hazards(.checkpoints, .forever, compacted: false).map(\.isCertain) == [false])
  }

  /// What an engine asks when it begins: partitions that were added are nobody's to read.
  @Test func otherPartitionsAreFound() throws {
    let scratch = try Scratch()
    let log = try EmbeddedLog(path: scratch.file("log.db"))
    #expect(throws: Never.self) { try Topic.checkPartitions(in: log, TopicsSection()) }
    try log.create(TopicSpec(name: "labels", partitions: 6))
    let error = #expect(throws: CommandError.self) { try Topic.checkPartitions(in: log, TopicsSection()) }
    #expect(error?.place == "topic labels" && error?.problem == "has 6 partitions, the configuration says 4")
  }

  /// What `topics check` says where one of the joined topics has grown.
  @Test func aTopicThatHasGrown() {
    let present = Topic.allCases.map { topic in
      let spec = topic.spec(TopicsSection())
      return topic == .predictions
        ? TopicSpec(name: spec.name, partitions: 6, retention: spec.retention, compacted: false) : spec
    }
    let grown = TopicDifference.all(in: present, configuration: TopicsSection(), isEmbedded: false)
    #expect(
      grown == [
        TopicDifference(
          kind: .partitions, topic: "predictions", problem: "has 6 partitions instead of 4",
          remedy: "give labels, features, watermarks, examples 6 as well and set topics.partitions to 6")
      ])
    // An embedded log cannot.
    let embedded = TopicDifference.all(in: present, configuration: TopicsSection(), isEmbedded: true)
    #expect(embedded.first?.remedy == "set topics.partitions to 6, or start a new log")
  }
}
