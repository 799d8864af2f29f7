import Log
import Testing

@Suite(.blocking) struct TopicConformance {
  @Test(arguments: LogUnderTest.with(.administration)) func createdOnceIsCreated(kind: LogUnderTest) throws {
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
    #expect(try opened.again().spec(of: full.name) == full)
    #expect(try opened.log.spec(of: "other") == nil)
  }

  @Test(arguments: LogUnderTest.all) func partitionsAreCounted(kind: LogUnderTest) throws {
    let opened = try kind.make(TopicSpec(name: "three", partitions: 3), TopicSpec(name: "one", partitions: 1))
    for log in [opened.log, try opened.again()] {
      #expect(try log.partitions(of: "three") == 3)
      #expect(try log.partitions(of: "one") == 1)
      // Asking does not make it.
      for _ in 0..<2 { #expect(try log.partitions(of: "none") == nil) }
    }
    guard kind.has(.administration) else { return }
    // A topic that came after the log was opened.
    let other = try opened.again()
    #expect(try other.partitions(of: "late") == nil)
    try opened.log.create(TopicSpec(name: "late", partitions: 2))
    #expect(try other.partitions(of: "late") == 2)
  }

  @Test(arguments: LogUnderTest.with(.administration)) func propertiesAreFixed(kind: LogUnderTest) throws {
    let opened = try kind.make(TopicSpec(name: "t", partitions: 2))
    for other in [
      TopicSpec(name: "t", partitions: 3), TopicSpec(name: "t", partitions: 2, compacted: true),
      TopicSpec(name: "t", partitions: 2, retention: Retention(milliseconds: 1)),
      TopicSpec(name: "t", partitions: 2, retention: Retention(bytes: 1)),
    ] {
      #expect(code { try opened.log.create(other) } == .topicExists)
    }
  }

  @Test(
    arguments: LogUnderTest.with(.administration),
    ["", ".", "..", "a/b", "a b", "ä", String(repeating: "x", count: 300)])
  func impossibleNames(kind: LogUnderTest, name: String) throws {
    let opened = try kind.make()
    #expect(code { try opened.log.create(TopicSpec(name: name, partitions: 1)) } == .invalidArgument)
  }

  @Test(arguments: LogUnderTest.with(.administration)) func impossibleProperties(kind: LogUnderTest) throws {
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
