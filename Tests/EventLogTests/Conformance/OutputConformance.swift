import Foundation
import Log
import Synchronization
import Testing

/// Outputs that are handed over ahead of their commit.
@Suite(.blocking) struct OutputConformance {
  private let input = TopicPartition("in", 0)
  private let output = TopicPartition("out", 0)

  private func make(_ kind: LogUnderTest) throws -> LogUnderTest.Opened {
    let opened = try kind.make(TopicSpec(name: "in", partitions: 1), TopicSpec(name: "out", partitions: 2))
    try opened.log.makeProducer(id: nil).append([AppendBatch(input, (0..<10).map { Record($0, "\($0)") })])
    return opened
  }

  private func join(_ opened: LogUnderTest.Opened, _ member: String = "m") throws -> any LogConsumer {
    let consumer = try opened.again().join(group: "g", topics: ["in"], member: member)
    try consumer.start(["in"])
    // Only with the next poll does a worker that shares its group take what it was given.
    _ = try consumer.poll(["in"], limit: ReadLimit(records: 1))
    return consumer
  }

  private func batch(_ texts: [String], to partition: Int = 0) -> AppendBatch {
    AppendBatch(TopicPartition("out", partition), texts.map { Record(1, $0) })
  }

  private func texts(_ opened: LogUnderTest.Opened, _ partition: Int = 0) throws -> [String?] {
    try opened.log.makeReader().all(TopicPartition("out", partition)).map(\.record.text)
  }

  @Test(arguments: LogUnderTest.all) func whatWasSentComesWithTheCommitInItsOrder(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let consumer = try join(opened)
    let reader = try opened.log.makeReader()
    var expected: [[String]] = [[], []]
    for round in 0..<4 {
      for step in 0..<3 {
        let texts = (0..<5).map { "\(round).\(step).\($0)" }
        try consumer.send([batch(texts), batch([texts[0]], to: 1), batch([])])
        expected[0] += texts
        expected[1] += [texts[0]]
      }
      if kind.has(.isolation) {
        // Nothing of it is to be seen, nor is there anything to wait for.
        #expect(try reader.all(output).count == round * 16)
        let end = try reader.bounds(of: output).upperBound
        #expect(try !reader.wait(for: [output: end], milliseconds: 30))
      }
      try consumer.commit(outputs: [batch(["\(round) last"])], offsets: [input: Int64(round)])
      expected[0] += ["\(round) last"]
      #expect(try reader.all(output).map(\.record.text) == expected[0])
      #expect(try reader.all(TopicPartition("out", 1)).map(\.record.text) == expected[1])
      if kind.has(.committedOffsets) {
        #expect(try reader.committed(group: "g") == [input: Int64(round)])
      }
    }
    // With nothing to add.
    try consumer.send([batch(["sent alone"])])
    try consumer.commit(outputs: [], offsets: [input: 9])
    #expect(try texts(opened) == expected[0] + ["sent alone"])
    try consumer.commit(outputs: [], offsets: [input: 10])
    #expect(try texts(opened) == expected[0] + ["sent alone"])
  }

  @Test(arguments: LogUnderTest.with(.isolation)) func whatIsNotCommittedIsGone(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let first = try join(opened)
    try first.commit(outputs: [batch(["kept"])], offsets: [input: 1])
    try first.send([batch(["lost"]), batch(["lost"], to: 1)])
    first.close()
    let second = try join(opened)
    try second.commit(outputs: [batch(["also kept"])], offsets: [input: 2])
    #expect(try texts(opened) == ["kept", "also kept"])
    #expect(try texts(opened, 1).isEmpty)
    let end = try opened.log.makeReader().bounds(of: TopicPartition("out", 1)).upperBound
    #expect(try !opened.log.makeReader().wait(for: [TopicPartition("out", 1): 0], milliseconds: 0))
    #expect(try opened.log.makeReader().read(TopicPartition("out", 1), from: 0, limit: ReadLimit()).next == end)
  }

  /// What is committed can be read after settling, whatever transaction was open before it.
  @Test(arguments: LogUnderTest.with(.isolation)) func settlingWaitsForWhatIsHidden(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let consumer = try join(opened)
    try consumer.send([batch(["sent"])])
    try opened.log.makeProducer(id: nil).append([batch(["behind"])])
    let (log, output) = (opened.log, output)
    let seen = Mutex<[String?]>([])
    let settling = DispatchSemaphore(value: 0)
    let thread = try BackgroundThread {
      let reader = try log.makeReader()
      settling.signal()
      try reader.settle(output)
      let records = try reader.all(output)
      seen.withLock { $0 = records.map(\.record.text) }
    }
    try #require(settling.wait(timeout: .now() + 60) == .success)
    Thread.sleep(forTimeInterval: 0.2)
    try consumer.commit(outputs: [], offsets: [input: 1])
    try thread.join()
    #expect(seen.withLock { $0 }.contains("behind"))
    #expect(try Set(texts(opened)) == ["sent", "behind"])
  }

  /// What waits behind an open transaction lies between the end that readers see and the end that there is.
  @Test(arguments: LogUnderTest.with(.isolation, .sharing)) func endsTellWhatIsHidden(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let consumer = try join(opened)
    let reader = try opened.log.makeReader()
    let places = [output, TopicPartition("out", 1), input]
    let before = try reader.ends(of: places)
    #expect(before.count == places.count && before.values.allSatisfy { !$0.isHeld })
    try consumer.send([batch(["sent"])])
    try opened.log.makeProducer(id: nil).append([batch(["behind"])])
    let end = ContinuousClock.now + .seconds(5)
    // What is sent travels for a while.
    while try reader.ends(of: [output])[output]?.isHeld != true { try #require(ContinuousClock.now < end) }
    let held = try #require(try reader.ends(of: places)[output])
    #expect(try held.stable == reader.bounds(of: output).upperBound)
    #expect(try reader.ends(of: places)[input] == before[input])
    try consumer.commit(outputs: [], offsets: [input: 1])
    let after = try #require(try reader.ends(of: places)[output])
    #expect(try !after.isHeld && after.last >= held.last && after.last == reader.bounds(of: output).upperBound)
    #expect(code { _ = try reader.ends(of: [output, TopicPartition("none", 0)]) } == .unknownTopic)
  }

  @Test(arguments: LogUnderTest.all) func endsOfSeveralPartitions(kind: LogUnderTest) throws {
    let opened = try make(kind)
    try opened.log.makeProducer(id: nil).append([batch(["a", "b"], to: 1)])
    let reader = try opened.log.makeReader()
    let places = [output, TopicPartition("out", 1), input]
    let ends = try reader.ends(of: places)
    #expect(Set(ends.keys) == Set(places))
    for place in places { #expect(try ends[place]?.stable == reader.bounds(of: place).upperBound, "\(place)") }
    #expect(ends[TopicPartition("out", 1)]?.last ?? 0 >= 2)
  }

  /// A commit that is refused leaves what was sent for the next one.
  @Test(arguments: LogUnderTest.all) func whatWasSentOutlivesACommitThatIsRefused(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let consumer = try join(opened)
    try consumer.send([batch(["first"])])
    let nowhere = AppendBatch(TopicPartition("none", 0), [Record(1, "x")])
    #expect(code { try consumer.commit(outputs: [nowhere], offsets: [input: 1]) } == .unknownTopic)
    let beyond = AppendBatch(TopicPartition("out", 7), [Record(1, "x")])
    #expect(code { try consumer.commit(outputs: [beyond], offsets: [input: 1]) } == .unknownPartition)
    if kind.has(.isolation) { #expect(try texts(opened).isEmpty) }
    try consumer.commit(outputs: [batch(["second"])], offsets: [input: 1])
    #expect(try texts(opened) == ["first", "second"])
  }
}
