import Foundation
import Testing

@testable import leeway

/// What an engine's log says of a cluster.
struct OutageReportTests {
  private static let clock = Date(timeIntervalSince1970: 1_700_000_000)

  private func notes(_ report: inout OutageReport, _ outage: String?, _ seconds: Range<Int>) -> [OutageReport.Note] {
    seconds.compactMap {
      guard report.beginTrying() else { return nil }
      return report.tried(outage: outage, at: Double($0), clock: Self.clock + Double($0))
    }
  }

  /// Told at once, then every 30 s, and when it is over; however often clients complain in between.
  @Test func anOutage() throws {
    var report = OutageReport(cluster: "Kafka at k:9092")
    #expect(!report.isInDoubt && notes(&report, "x", 0..<5).isEmpty)
    report.suspect()
    #expect(report.isInDoubt)
    let first = notes(&report, "Disconnected", 5..<6)
    #expect(first.map(\.text) == ["Kafka at k:9092 is not reachable (Disconnected); waiting, nothing is lost"])
    var later: [OutageReport.Note] = []
    for second in 6..<100 {
      report.suspect()
      later += notes(&report, "Connection refused", second..<(second + 1))
    }
    #expect(later.count == 3 && later.allSatisfy { !$0.isGood && $0.text.contains("since 2023-11-14T22:13:25Z, for") })
    #expect(later.last?.text.contains("for 90 s (Connection refused)") == true)
    let end = notes(&report, nil, 105..<110)
    #expect(end == [OutageReport.Note(text: "Kafka at k:9092 answers again after 100 s", isGood: true)])
    #expect(!report.isInDoubt)
    // The next one is a new one.
    report.suspect()
    #expect(notes(&report, "x", 200..<203).count == 1)
  }

  /// A client that lost its connection while others have theirs is no outage.
  @Test func aFalseAlarm() {
    var report = OutageReport(cluster: "k")
    report.suspect()
    #expect(notes(&report, nil, 0..<3).isEmpty && !report.isInDoubt)
  }

  /// What the cluster answered before a complaint says nothing about it.
  @Test func aComplaintDuringATry() {
    var report = OutageReport(cluster: "k")
    report.suspect()
    #expect(report.beginTrying() == true)
    report.suspect()
    #expect(report.tried(outage: nil, at: 0, clock: Self.clock) == nil && report.isInDoubt)
    #expect(notes(&report, "x", 1..<2).count == 1)
    #expect(report.beginTrying() == true)
    report.suspect()
    #expect(report.tried(outage: nil, at: 2, clock: Self.clock)?.isGood == true && report.isInDoubt)
    #expect(notes(&report, nil, 3..<5).isEmpty && !report.isInDoubt)
  }

  /// 57 lines a second that differ in their numbers come to two a minute, and none is forgotten.
  @Test func theSameLineComesOnceInAWhile() {
    var sieve = LineSieve()
    var (shown, told) = (0, 0)
    for step in 0..<(57 * 95) {
      let seconds = Double(step) / 57
      if sieve.take("FAIL: kafka-\(step % 3):9092: Disconnected", level: 3, at: seconds) != nil { shown += 1 }
      for line in sieve.due(at: seconds) {
        shown += 1
        let count = line.text.split(separator: "(").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
        #expect(line.level == 3 && line.text.hasSuffix("more like this in 30 s)"))
        told += count
      }
    }
    #expect(shown == 4)
    for line in sieve.due(at: 1_000) { told += Int(line.text.split(separator: "(")[1].prefix { $0.isNumber }) ?? 0 }
    #expect(told + 1 == 57 * 95)
  }

  @Test func whatIsNewIsShownAtOnce() {
    var sieve = LineSieve()
    #expect(sieve.take("a 1", level: 3, at: 0) == "a 1" && sieve.take("b 1", level: 3, at: 0) == "b 1")
    #expect(sieve.take("a 2", level: 3, at: 1) == nil && sieve.take("a 2", level: 4, at: 1) == "a 2")
    // What was said once leaves no trace, and what is said again after the pause is new.
    #expect(sieve.due(at: 30).map(\.text) == ["a 2 (1 more like this in 30 s)"])
    #expect(sieve.take("b 2", level: 3, at: 31) == "b 2")
  }

  @Test func aFloodOfDifferentLinesIsBounded() {
    var sieve = LineSieve()
    let words = (0..<10_000).map { String($0).map { String(UnicodeScalar(($0.asciiValue ?? 0) + 49)) }.joined() }
    #expect(words.compactMap { sieve.take($0, level: 3, at: 0) }.count == LineSieve.capacity)
    #expect(sieve.due(at: 30).map(\.text) == ["9900 other lines in 30 s"])
  }
}
