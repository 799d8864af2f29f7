import Log
import Testing

@Suite(.blocking) struct GroupConformance {
  private let specs = [TopicSpec(name: "a", partitions: 2), TopicSpec(name: "b", partitions: 2)]
  private let out = TopicSpec(name: "out", partitions: 1)

  private func make(_ kind: LogUnderTest) throws -> LogUnderTest.Opened {
    try kind.make(specs[0], specs[1], out, TopicSpec(name: "odd", partitions: 3))
  }

  @Test(arguments: LogUnderTest.all) func readsTopicsInTheOrderAsked(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let producer = try opened.log.makeProducer(id: nil)
    for topic in ["a", "b"] {
      for number in 0..<2 {
        try producer.append([AppendBatch(TopicPartition(topic, number), [Record(0, "\(topic)\(number)")])])
      }
    }
    let consumer = try opened.log.join(group: "g", topics: ["a", "b"], member: "m")
    #expect(try consumer.start(["a", "b"]).isEmpty)
    let first = try consumer.drain(["b"]).map(\.partition)
    #expect(first.sorted() == [TopicPartition("b", 0), TopicPartition("b", 1)])
    let second = try consumer.drain(["b", "a"]).map(\.partition)
    #expect(second.sorted() == [TopicPartition("a", 0), TopicPartition("a", 1)])
    guard case .idle = try consumer.poll(["a", "b"], limit: ReadLimit()) else {
      Issue.record("more than was appended")
      return
    }
    try consumer.seek(TopicPartition("b", 1), to: 0)
    #expect(try consumer.drain(["a", "b"]).map(\.partition) == [TopicPartition("b", 1)])
    #expect(code { _ = try consumer.poll(["out"], limit: ReadLimit()) } == .invalidArgument)
    #expect(code { try consumer.seek(TopicPartition("out", 0), to: 0) } == .invalidArgument)
  }

  /// A small limit over busy partitions: each is read before any is read a second time twice over.
  @Test(arguments: LogUnderTest.with(.owners)) func partitionsAreReadFairly(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let producer = try opened.log.makeProducer(id: nil)
    for number in 0..<2 {
      for round in 0..<40 {
        try producer.append([AppendBatch(TopicPartition("a", number), [Record(Int64(round), "x")])])
      }
    }
    let consumer = try opened.log.join(group: "g", topics: ["a"], member: "m")
    _ = try consumer.start(["a"])
    var counts = [0, 0]
    for _ in 0..<10 {
      guard case .records(let fetches) = try consumer.poll(["a"], limit: ReadLimit(records: 4)) else { break }
      for fetch in fetches { counts[fetch.partition.partition] += fetch.records.count }
    }
    #expect(counts[0] > 0 && counts[1] > 0 && abs(counts[0] - counts[1]) <= 8)
  }

  @Test(arguments: LogUnderTest.all) func outputsAndOffsetsAreOne(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let input = TopicPartition("a", 0)
    let output = TopicPartition("out", 0)
    try opened.log.makeProducer(id: nil).append([AppendBatch(input, [Record(1, "x"), Record(2, "y")])])
    let reader = try opened.log.makeReader()
    let consumer = try opened.log.join(group: "g", topics: ["a"], member: "m")
    _ = try consumer.start(["a"])
    if kind.has(.boundedOffsets) {
      let outputs = [AppendBatch(output, [Record(1, "z")])]
      #expect(code { try consumer.commit(outputs: outputs, offsets: [input: 3 + kind.marks]) } == .offsetOutOfRange)
    }
    #expect(
      code {
        try consumer.commit(
          outputs: [AppendBatch(output, [Record(1, "z")]), AppendBatch(TopicPartition("none", 0), [Record(1, "z")])],
          offsets: [input: 2])
      } == .unknownTopic)
    #expect(try reader.bounds(of: output) == 0..<0)
    #expect(try reader.committed(group: "g").isEmpty)
    try consumer.commit(outputs: [AppendBatch(output, [Record(1, "z")])], offsets: [input: 1])
    #expect(try reader.all(output).map(\.record.text) == ["z"])
    guard kind.has(.committedOffsets) else { return }
    #expect(try reader.committed(group: "g") == [input: 1])
    #expect(try reader.committed(group: "h").isEmpty)
    consumer.close()
    let next = try opened.again().join(group: "g", topics: ["a"], member: "n")
    #expect(try next.start(["a"]) == [input: 1])
    #expect(try next.drain(["a"]).flatMap(\.records).map(\.record.text) == ["y"])
    try next.commit(outputs: [], offsets: [input: 2, TopicPartition("a", 1): 0])
    #expect(try reader.committed(group: "g") == [input: 2, TopicPartition("a", 1): 0])
  }

  @Test(arguments: LogUnderTest.with(.owners)) func aSecondOwnerIsRefusedOrTheFirstFenced(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let input = TopicPartition("a", 0)
    let first = try opened.log.join(group: "g", topics: ["a"], member: "first-worker")
    try first.start(["a"])
    do {
      let second = try opened.again().join(group: "g", topics: ["a"], member: "second-worker")
      try second.start(["a"])
      #expect(code { try first.commit(outputs: [], offsets: [input: 0]) } == .fenced)
    } catch {
      let error = try #require(error as? LogError)
      #expect(error.code == .groupOwned && error.message.contains("first-worker"))
      try first.commit(outputs: [], offsets: [input: 0])
    }
    let other = try opened.log.join(group: "other", topics: ["a"], member: "m")
    try other.commit(outputs: [], offsets: [input: 0])
  }

  @Test(arguments: LogUnderTest.all) func aGroupIsFreeOnceItsOwnerCloses(kind: LogUnderTest) throws {
    let opened = try make(kind)
    // Before the group has decided anything, with a decision that waits to be taken, and at work.
    for polls in 0..<4 {
      let consumer = try opened.log.join(group: "g", topics: ["a", "b"], member: "m")
      for poll in 0..<polls {
        if poll == 0 { try consumer.start(["a", "b"]) } else { _ = try consumer.poll(["a"], limit: ReadLimit()) }
      }
      for _ in 0..<2 { consumer.close() }
      #expect(code { _ = try consumer.poll(["a"], limit: ReadLimit()) } == .closed)
      #expect(code { try consumer.commit(outputs: [], offsets: [:]) } == .closed)
    }
  }

  @Test(arguments: LogUnderTest.all) func impossibleGroups(kind: LogUnderTest) throws {
    let opened = try make(kind)
    #expect(code { _ = try opened.log.join(group: "g", topics: ["a", "odd"], member: "m") } == .invalidArgument)
    #expect(code { _ = try opened.log.join(group: "g", topics: [], member: "m") } == .invalidArgument)
    #expect(code { _ = try opened.log.join(group: "g", topics: ["none"], member: "m") } == .unknownTopic)
    #expect(code { _ = try opened.log.join(group: "a/b", topics: ["a"], member: "m") } == .invalidArgument)
  }

  @Test(arguments: LogUnderTest.all) func whetherAllHasBeenRead(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let producer = try opened.log.makeProducer(id: nil)
    try producer.append([AppendBatch(TopicPartition("a", 1), (0..<30).map { Record($0, "\($0)") })])
    let consumer = try opened.log.join(group: "g", topics: ["a", "b"], member: "m")
    #expect(try !consumer.hasReadAll(["a", "b"]))
    try consumer.start(["a", "b"])
    #expect(try !consumer.hasReadAll(["a", "b"]))
    for _ in 0..<2 {
      var records = try consumer.drain(["a", "b"]).flatMap(\.records).count
      // What came after an end was seen may take a while to arrive.
      for _ in 0..<100 where try !consumer.hasReadAll(["a", "b"]) {
        try consumer.wait(["a", "b"], milliseconds: 100)
        records += try consumer.drain(["a", "b"]).flatMap(\.records).count
      }
      #expect(records == 30)
      #expect(try consumer.hasReadAll(["a", "b"]))
      #expect(try consumer.drain(["a", "b"]).flatMap(\.records).isEmpty)
      try producer.append([AppendBatch(TopicPartition("b", 0), [Record(0, "x")])])
      #expect(try consumer.hasReadAll(["a"]))
      #expect(try !consumer.hasReadAll(["b"]))
      #expect(try !consumer.hasReadAll(["a", "b"]))
      try consumer.seek(TopicPartition("a", 1), to: 1)
      #expect(try !consumer.hasReadAll(["a"]))
    }
  }

  @Test(arguments: LogUnderTest.all) func waitingForTopics(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let consumer = try opened.log.join(group: "g", topics: ["a", "b"], member: "m")
    try consumer.wait(["a"], milliseconds: 10_000)
    _ = try consumer.start(["a", "b"])
    let start = ContinuousClock.now
    try opened.log.makeProducer(id: nil).append([AppendBatch(TopicPartition("b", 1), [Record(0, "x")])])
    try consumer.wait(["a", "b"], milliseconds: 10_000)
    #expect(ContinuousClock.now - start < .seconds(5))
    // The other topic's record is no reason to go on.
    _ = try consumer.drain(["a"])
    let again = ContinuousClock.now
    try consumer.wait(["a"], milliseconds: 30)
    #expect(ContinuousClock.now - again >= .milliseconds(29))
  }
}
