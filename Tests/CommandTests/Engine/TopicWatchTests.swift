import Engine
import Events
import Log
import Testing

@testable import Simulation
@testable import leeway

/// What is said, and when, of topics that change under a running engine.
@Suite("Topics under a running engine")
struct TopicWatchTests {
  private let log = SimulatedLog()
  private let configuration = EngineConfiguration(inputPartitions: 2, models: [])

  init() throws { try Topic.createAll(in: log, configuration: configuration) }

  private func append(_ count: Int, to place: TopicPartition) throws {
    let records = (0..<count).map { Record(timestamp: Int64($0), key: [1], value: [2]) }
    try log.makeProducer(id: nil).append([AppendBatch(place, records)])
  }

  @Test("Every topic is missed, but not at once", arguments: Topic.allCases)
  func deleted(topic: Topic) throws {
    var watch = try TopicWatch(log, configuration)
    #expect(try watch.look(seconds: 0).failure == nil)
    log.delete(topic.rawValue)
    #expect(try watch.look(seconds: 5).failure == nil)
    #expect(try watch.look(seconds: 10).failure == nil)
    let failure = try #require(try watch.look(seconds: 15).failure)
    #expect(failure.code == .unknownTopic && !failure.retriable)
    #expect(failure.message.contains("Topic \(topic.rawValue) was deleted"), "\(failure.message)")
  }

  @Test("A topic that comes back as it was is none that was missed")
  func passing() throws {
    var watch = try TopicWatch(log, configuration)
    log.delete("drift")
    #expect(try watch.look(seconds: 0).failure == nil)
    try Topic.createAll(in: log, configuration: configuration)
    #expect(try watch.look(seconds: 5).failure == nil)
    log.delete("drift")
    #expect(try watch.look(seconds: 10).failure == nil)
    #expect(try watch.look(seconds: 15).failure == nil)
  }

  @Test("One that is made anew between two looks is known by its end")
  func madeAnew() throws {
    let place = TopicPartition("predictions", 1)
    var watch = try TopicWatch(log, configuration)
    try append(5, to: place)
    #expect(try watch.look(seconds: 0).failure == nil)
    log.delete("predictions")
    try Topic.createAll(in: log, configuration: configuration)
    try append(4, to: place)
    #expect(try watch.look(seconds: 5).failure == nil)
    let failure = try #require(try watch.look(seconds: 10).failure)
    #expect(failure.code == .offsetOutOfRange && !failure.retriable && failure.partition == place)
    #expect(failure.message.contains("predictions/1 ended at offset 5 and now ends at 4"), "\(failure.message)")
  }

  @Test("An end that is seen earlier once is a broker's that leads no more")
  func earlierOnce() throws {
    let place = TopicPartition("predictions", 1)
    var watch = try TopicWatch(log, configuration)
    try append(5, to: place)
    #expect(try watch.look(seconds: 0).failure == nil)
    for second in stride(from: 5.0, to: 30, by: 10) {
      log.delete("predictions")
      try Topic.createAll(in: log, configuration: configuration)
      try append(4, to: place)
      #expect(try watch.look(seconds: second).failure == nil)
      try append(1, to: place)
      #expect(try watch.look(seconds: second + 5).failure == nil)
    }
  }

  @Test("At the end of the engine only what was missed before is taken for deleted")
  func lastLook() throws {
    var watch = try TopicWatch(log, configuration)
    log.delete("drift")
    #expect(try watch.look(seconds: 0, patience: 0).failure == nil)
    #expect(try watch.look(seconds: 1, patience: 0).failure?.code == .unknownTopic)
  }

  @Test("Partitions that nobody reads stop the engine", arguments: Topic.allCases)
  func grown(topic: Topic) throws {
    log.delete(topic.rawValue)
    let count = configuration.partitions(of: topic)
    try log.create(TopicSpec(name: topic.rawValue, partitions: count + 1))
    var watch = try TopicWatch(log, configuration)
    let failure = try #require(try watch.look(seconds: 0).failure)
    #expect(failure.code == .unknownPartition && !failure.retriable)
    #expect(failure.message.contains("Topic \(topic.rawValue) has \(count + 1) partitions"), "\(failure.message)")
  }

  @Test("A transaction is told of once it lasts, seldom again, and when it is over")
  func held() throws {
    let place = TopicPartition("labels", 0)
    var held = HeldPartitions()
    let open = [place: PartitionEnd(stable: 7, last: 9)]
    var told: [(second: Int, line: String)] = []
    for second in stride(from: 0, to: 700, by: 5) {
      told += held.look(at: open, seconds: Double(second)).map { (second, $0) }
    }
    #expect(told.map(\.second) == [20, 620])
    for line in told.map(\.line) {
      for part in ["labels/0", "offset 7", "2 offsets", "transaction"] { #expect(line.contains(part), "\(line)") }
    }
    let over = held.look(at: [place: PartitionEnd(stable: 9, last: 9)], seconds: 700)
    #expect(over.count == 1 && over[0].contains("labels/0 can be read from offset 7 on again"), "\(over)")
  }

  @Test("Transactions that follow one another are not told of")
  func short() {
    let place = TopicPartition("watermarks", 0)
    var held = HeldPartitions()
    for second in 0..<300 {
      let offset = Int64(second / 15)
      #expect(held.look(at: [place: PartitionEnd(stable: offset, last: offset + 1)], seconds: Double(second)).isEmpty)
    }
  }
}
