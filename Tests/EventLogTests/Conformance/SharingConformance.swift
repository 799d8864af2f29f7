import Foundation
import Log
import Synchronization
import Testing

/// Several workers in one group, on logs whose workers share the partitions.
@Suite(.blocking) struct SharingConformance {
  private static let topics = ["a", "b"]
  private static let partitions = 4

  private func make(_ kind: LogUnderTest) throws -> LogUnderTest.Opened {
    try kind.make(
      TopicSpec(name: "a", partitions: Self.partitions), TopicSpec(name: "b", partitions: Self.partitions),
      TopicSpec(name: "out", partitions: Self.partitions))
  }

  /// A worker in a thread of its own that copies records to `out`, and what it went through.
  final class Worker: Sendable {
    struct State {
      var held: Set<Int> = []
      var read: [StoredRecord] = []
      var failure: (any Error)?
      var isStopped = false
    }

    let name: String
    let state = Mutex(State())
    private let done = DispatchSemaphore(value: 0)

    /// - Parameter owners: who holds each partition; two at once is an error.
    init(_ log: any Log, _ name: String, _ owners: Owners) {
      self.name = name
      Thread.detachNewThread { [self] in
        do { try run(log, owners) } catch { state.withLock { $0.failure = error } }
        done.signal()
      }
    }

    private func run(_ log: any Log, _ owners: Owners) throws {
      let consumer = try log.join(group: "g", topics: SharingConformance.topics, member: name)
      while !state.withLock({ $0.isStopped }) {
        switch try consumer.poll(SharingConformance.topics, limit: ReadLimit(records: 7)) {
        case .assigned(let numbers, let committed):
          try consumer.seek(SharingConformance.topics, numbers, committed)
          owners.take(numbers, name)
          state.withLock { $0.held.formUnion(numbers) }
        case .revoked(let numbers):
          owners.drop(numbers, name)
          state.withLock { $0.held.subtract(numbers) }
        case .records(let fetches):
          let outputs = fetches.filter { !$0.records.isEmpty }.map { fetch in
            AppendBatch(TopicPartition("out", fetch.partition.partition), fetch.records.map(\.record))
          }
          #expect(Set(fetches.map(\.partition.partition)).isSubset(of: state.withLock { $0.held }))
          let offsets = Dictionary(fetches.map { ($0.partition, $0.next) }) { max($0, $1) }
          try consumer.commit(outputs: outputs, offsets: offsets)
        case .idle: try consumer.wait(SharingConformance.topics, milliseconds: 50)
        }
      }
      // Whoever gets them next may have them at once.
      owners.drop(Array(held), name)
      consumer.close()
    }

    var held: Set<Int> { state.withLock { $0.held } }

    func stop() throws {
      state.withLock { $0.isStopped = true }
      try #require(done.wait(timeout: .now() + .seconds(20)) == .success)
      // For whoever asks once more.
      done.signal()
      if let failure = state.withLock({ $0.failure }) { throw failure }
    }
  }

  final class Owners: Sendable {
    private let owners = Mutex<[Int: String]>([:])

    func take(_ numbers: [Int], _ name: String) {
      owners.withLock { owners in
        for number in numbers {
          #expect(owners[number] == nil || owners[number] == name, "\(number) is held already")
          owners[number] = name
        }
      }
    }

    func drop(_ numbers: [Int], _ name: String) {
      owners.withLock { owners in
        for number in numbers {
          #expect(owners[number] == name)
          owners[number] = nil
        }
      }
    }
  }

  private func wait(_ what: Comment, _ condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(25)
    while try !condition() {
      try #require(ContinuousClock.now < end, what)
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  /// Appends a record to each partition of both topics, and says which texts.
  private func append(_ opened: LogUnderTest.Opened, _ round: Int) throws -> Set<String> {
    let producer = try opened.log.makeProducer(id: nil)
    defer { producer.close() }
    var texts: Set<String> = []
    for topic in Self.topics {
      for number in 0..<Self.partitions {
        let text = "\(topic)\(number) \(round)"
        try producer.append([AppendBatch(TopicPartition(topic, number), [Record(1, text)])])
        texts.insert(text)
      }
    }
    return texts
  }

  private func outputs(_ opened: LogUnderTest.Opened) throws -> [String] {
    let reader = try opened.log.makeReader()
    defer { reader.close() }
    return try (0..<Self.partitions).flatMap { number in
      try reader.all(TopicPartition("out", number)).compactMap(\.record.text)
    }
  }

  @Test(arguments: LogUnderTest.with(.sharing)) func partitionsAreSharedOutAndHandedOver(kind: LogUnderTest) throws {
    let opened = try make(kind)
    let owners = Owners()
    let first = Worker(try opened.again(), "first", owners)
    defer { try? first.stop() }
    try wait("one has all") { first.held.count == Self.partitions }
    var expected = try append(opened, 0)
    try wait("the first round") { try outputs(opened).count >= expected.count }
    let second = Worker(try opened.again(), "second", owners)
    defer { try? second.stop() }
    try wait("two share") { first.held.count == 2 && second.held.count == 2 }
    #expect(first.held.isDisjoint(with: second.held))
    if kind.has(.committedOffsets) {
      expected.formUnion(try append(opened, 1))
      try wait("the second round") { try outputs(opened).count >= expected.count }
    }
    try second.stop()
    try wait("one has all again") { first.held.count == Self.partitions }
    if kind.has(.committedOffsets) {
      expected.formUnion(try append(opened, 2))
      try wait("the third round") { try outputs(opened).count >= expected.count }
      // Each once, whoever copied it.
      #expect(try outputs(opened).sorted() == expected.sorted())
    }
    try first.stop()
  }
}
