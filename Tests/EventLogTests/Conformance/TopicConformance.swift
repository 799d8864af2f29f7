import Log
import Testing

struct TopicConformance {
  @Test(arguments: LogUnderTest.all) func createdOnceIsCreated(kind: LogUnderTest) throws {
    let opened = try kind.make()
    let plain = TopicSpec(name: "plain", partitions: 3)
    let full = TopicSpec(
      name: "full.v1_2-x", partitions: 1, retention: Retention(milliseconds: 1_000, bytes: 5_000), compacted: true)
    for _ in 0..<2 {
      try opened.log.create(plain)
      try opened.log.create(full)
    }
    #expect(try Set(opened.log.topics()) == [plain, full])
    #expect(try Set(opened.again().topics()) == [plain, full])
    #expect(try opened.log.spec(of: "plain") == plain)
    #expect(try opened.log.spec(of: "other") == nil)
  }

  @Test(arguments: LogUnderTest.all) func propertiesAreFixed(kind: LogUnderTest) throws {
    let opened = try kind.make(TopicSpec(name: "t", partitions: 2))
    for other in [
      TopicSpec(name: "t", partitions: 3), TopicSpec(name: "t", partitions: 2, compacted: true),
      TopicSpec(name: "t", partitions: 2, retention: Retention(milliseconds: 1)),
      TopicSpec(name: "t", partitions: 2, retention: Retention(bytes: 1)),
    ] {
      #expect(code { try opened.log.create(other) } == .topicExists)
    }
  }

  @Test(arguments: LogUnderTest.all, ["", ".", "..", "a/b", "a b", "ä", String(repeating: "x", count: 300)])
  func impossibleNames(kind: LogUnderTest, name: String) throws {
    let opened = try kind.make()
    #expect(code { try opened.log.create(TopicSpec(name: name, partitions: 1)) } == .invalidArgument)
  }

  @Test(arguments: LogUnderTest.all) func impossibleProperties(kind: LogUnderTest) throws {
    let opened = try kind.make()
    for spec in [
      TopicSpec(name: "t", partitions: 0), TopicSpec(name: "t", partitions: -1),
      TopicSpec(name: "t", partitions: 1_000_000),
      TopicSpec(name: "t", partitions: 1, retention: Retention(milliseconds: -1)),
      TopicSpec(name: "t", partitions: 1, retention: Retention(bytes: -1)),
    ] {
      #expect(code { try opened.log.create(spec) } == .invalidArgument)
    }
  }

  @Test(arguments: LogUnderTest.all) func whatIsNotThereIsNamed(kind: LogUnderTest) throws {
    let opened = try kind.make(TopicSpec(name: "t", partitions: 2))
    let producer = try opened.log.makeProducer(id: nil)
    let reader = try opened.log.makeReader()
    for (partition, expected) in [
      (TopicPartition("none", 0), LogError.Code.unknownTopic), (TopicPartition("t", 2), .unknownPartition),
      (TopicPartition("t", -1), .unknownPartition),
    ] {
      #expect(code { try producer.append([AppendBatch(partition, [Record(0, "x")])]) } == expected)
      #expect(code { _ = try producer.nextSequence(in: partition) } == expected)
      #expect(code { _ = try reader.bounds(of: partition) } == expected)
      #expect(code { _ = try reader.read(partition, from: 0, limit: ReadLimit()) } == expected)
      #expect(code { _ = try reader.offset(in: partition, atOrAfter: 0) } == expected)
      #expect(code { _ = try reader.wait(for: [partition: 0], milliseconds: 0) } == expected)
    }
  }
}
