import Events
import Log
import TestSupport
import Testing

@testable import leeway

@Suite("When records are due, and with which times")
struct PaceTests {
  private func due(_ pace: Pace, _ times: [Int64]) -> [Double] {
    var pace = pace
    return times.map { pace.due($0) }
  }

  @Test("At full speed at once, at a rate evenly, at a speed as recorded; late ones at once, and never backwards")
  func pace() {
    let times: [Int64] = [5_000, 6_000, 5_500, 6_000, 9_000]
    #expect(due(.full, times) == [0, 0, 0, 0, 0])
    #expect(due(.rate(4), times) == [0, 0.25, 0.5, 0.75, 1])
    #expect(due(.speed(1), times) == [0, 1, 1, 1, 4])
    #expect(due(.speed(0.5), times) == [0, 2, 2, 2, 8])
    #expect(due(.speed(10), [9_000, 1_000, 19_000]) == [0, 0, 1])
    let extremes = due(.speed(2), [.min, 0, .max])
    #expect(zip(extremes, extremes.dropFirst()).allSatisfy { $0 < $1 && $1.isFinite })
  }

  @Test("Timestamps stay, move or become the clock's; events' times move with them, as far as they have one")
  func retiming() {
    func applied(_ retiming: Retiming, _ value: String?, at time: Int64 = 1_000) -> (Bool, Int64, String?) {
      var record = Record(timestamp: time, key: nil, value: value.map { Array($0.utf8)[...] })
      let isMoved = retiming.apply(to: &record)
      return (isMoved, record.timestamp, record.value.map { String(decoding: $0, as: UTF8.self) })
    }
    let value = #"{"time":700,"x":1}"#
    #expect(applied(.none, value) == (true, 1_000, value))
    #expect(applied(Retiming(stamp: .moved(-400), movesEvents: false), value) == (true, 600, value))
    #expect(applied(Retiming(stamp: .moved(-400), movesEvents: true), value) == (true, 600, #"{"time":300,"x":1}"#))
    let now = Retiming(stamp: .now, movesEvents: true, clock: { 5_000 })
    #expect(applied(now, value) == (true, 5_000, #"{"time":4700,"x":1}"#))
    #expect(applied(now, nil) == (true, 5_000, nil))
    #expect(applied(now, "{}") == (false, 5_000, "{}"))
    #expect(applied(Retiming(stamp: .moved(5), movesEvents: true), value, at: .max) == (true, .max, value))
  }

  @Test("A new name is OLD=NEW")
  func renames() {
    #expect(TopicRename(argument: "a=b").map { [$0.old, $0.new] } == ["a", "b"])
    for text in ["", "a", "=", "a=", "=b", "a=b=c"] { #expect(TopicRename(argument: text) == nil, "\(text)") }
  }
}
