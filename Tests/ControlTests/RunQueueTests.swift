import Bytes
import Control
import Events
import Testing

struct RunQueueTests {
  static func trigger(_ id: String) -> Trigger {
    Trigger(
      id: id, model: "m", time: 5, rule: "manual", cause: "c", attempt: 1, rows: RowSet(before: 5, partitions: []))
  }

  static func run(_ id: String) -> RunStarted {
    RunStarted(
      run: id, model: "m", time: 5, version: 1, family: "f", seed: 1, rows: RowSet(before: 5, partitions: []),
      holdout: 0.2)
  }

  enum Move: CaseIterable { case offerA, offerB, offerC, next, finish, finishStranger, cancelB }

  /// Every sequence of six moves, against a plain account of what must come of it.
  @Test func everyShortHistory() {
    var histories: [[Move]] = [[]]
    for _ in 0..<6 { histories = histories.flatMap { history in Move.allCases.map { history + [$0] } } }
    for history in histories {
      var queue = RunQueue()
      var known: [String] = []
      var waiting: [String] = []
      var current: String?
      var faults = 0
      for move in history {
        switch move {
        case .offerA, .offerB, .offerC:
          let id = "\(move)"
          let isNew = !known.contains(id)
          if isNew {
            known.append(id)
            waiting.append(id)
          }
          if queue.offer(Self.trigger(id)) != isNew { faults += 1 }
        case .next:
          let expected = current == nil && !waiting.isEmpty ? waiting.removeFirst() : nil
          let next = queue.next()
          if next?.id != expected { faults += 1 }
          if let next {
            queue.start(Self.run(next.id))
            current = next.id
          }
        case .finish:
          guard let id = current else { continue }
          if queue.finish(id)?.run != id { faults += 1 }
          current = nil
          if queue.finish(id) != nil { faults += 1 }
        case .finishStranger:
          if queue.finish("stranger") != nil { faults += 1 }
        case .cancelB:
          let id = "\(Move.offerB)"
          let expected: RunQueue.Cancelled =
            if current == id {
              .current(Self.run(id))
            } else if waiting.contains(id) {
              .waiting(Self.trigger(id))
            } else { known.contains(id) ? .over : .unknown }
          if queue.cancel(id) != expected { faults += 1 }
          if current == id { current = nil }
          waiting.removeAll { $0 == id }
        }
        if queue.current?.run != current || queue.waiting.map(\.id) != waiting { faults += 1 }
      }
      if faults > 0 { Issue.record("\(faults) faults after \(history)") }
    }
  }

  @Test func remembersAsManyAsItSays() {
    var queue = RunQueue()
    func isNew(_ number: Int) -> Bool { queue.offer(Self.trigger("\(number)")) }
    #expect((0...RecentIDs.remembered).allSatisfy(isNew))
    #expect(!isNew(1))
    #expect(!isNew(RecentIDs.remembered))
    #expect(isNew(0), "the oldest is forgotten")
  }

  @Test func comesBackFromItsBytesAndFromNoOthers() throws {
    var queue = RunQueue()
    for id in ["a", "b", "c"] { _ = queue.offer(Self.trigger(id)) }
    var automatic = Self.trigger("d")
    automatic.rule = "volume"
    #expect(queue.postpone(automatic, runsPerDay: 1) == nil && queue.postpone(automatic, runsPerDay: 1) != nil)
    #expect(queue.postpone(automatic, runsPerDay: nil) == nil)
    #expect(queue.postpone(Self.trigger("e"), runsPerDay: 1) == nil, "a person's")
    _ = queue.next().map { queue.start(Self.run($0.id)) }
    var writer = ByteWriter()
    queue.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try RunQueue(from: &reader) == queue)
    try reader.expectEnd()
    for length in 0..<writer.bytes.count {
      var cut = ByteReader(writer.bytes[..<length])
      #expect(throws: ByteError.self) { _ = try RunQueue(from: &cut) }
    }
    for position in writer.bytes.indices {
      var damaged = writer.bytes
      damaged[position] ^= 0x81
      var reader = ByteReader(damaged)
      _ = try? RunQueue(from: &reader)
    }
  }
}
