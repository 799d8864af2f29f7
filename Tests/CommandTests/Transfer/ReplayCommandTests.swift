import EventLog
import Events
import Foundation
import Log
import TestSupport
import Testing

@testable import leeway

@Suite("Replay, as a command")
struct ReplayCommandTests {
  @Test("A range goes to another topic, another log or from a file, with its times or moved ones")
  func copies() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 200)
    let all = try Depot.contents(of: depot.log())
    let topic = try depot.leeway("replay", "predictions", "--topic", "predictions=copy", "--rate", "1000")
    #expect(topic.status == 0 && topic.output == "100 records of predictions replayed to copy\n", "\(topic)")
    #expect(try Depot.contents(of: depot.log(), ["copy"]) == Array(all[0..<2]))

    let log = try depot.leeway("replay", "labels", "predictions", "--into", "b.db", "--speed", "100000", "--json")
    #expect(log.status == 0 && log.output.contains(#""records":200,"before":0,"complete":true"#), "\(log)")
    #expect(try Depot.contents(of: depot.log("b.db")) == all)
    let again = try depot.leeway("replay", "labels", "predictions", "--into", "b.db", "--json")
    #expect(again.output.contains(#""records":0,"#), "\(again)")

    #expect(try depot.leeway("export", "labels", "predictions", "--out", "a.lwr").status == 0)
    let file = try depot.leeway("replay", "--recording", "a.lwr", "--into", "c.db", "--shift", "-1h", "--event-times")
    #expect(file.status == 0 && file.errors.contains("records have no event time") == false, "\(file)")
    for (moved, record) in zip(try Depot.contents(of: depot.log("c.db")).joined(), all.joined()) {
      #expect(moved.timestamp == record.timestamp - 3_600_000)
      #expect(moved.key == record.key && moved.headers == record.headers)
      #expect(moved.value.map { Array($0) } == record.value.flatMap { EventTime.moved($0, by: -3_600_000) })
    }
    // Other times are another copy; the same once more says why it copies nothing.
    let moved = ["replay", "labels", "--into", "e.db", "--shift"]
    for shift in ["1h", "2h"] {
      let done = try Run.process(Run.leeway, moved + [shift], in: depot.folder.path)
      #expect(done.output == "100 records of labels replayed to labels\n", "\(done)")
    }
    let same = try Run.process(Run.leeway, moved + ["2h"], in: depot.folder.path)
    #expect(same.status == 0 && same.output.contains("--again"), "\(same)")

    let start = wallClockMilliseconds()
    #expect(try depot.leeway("replay", "--recording", "a.lwr", "--into", "d.db", "--now").status == 0)
    for (moved, record) in zip(try Depot.contents(of: depot.log("d.db")).joined(), all.joined()) {
      #expect(moved.timestamp >= start && moved.value == record.value)
    }
  }

  @Test("A signal ends a replay in good order, and the same command goes on")
  func stopped() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 300)
    let command = ["replay", "predictions", "labels", "--into", "b.db", "--rate"]
    let child = try Child(command + ["20"], in: depot.folder.path)
    try wait(for: "the first records", within: 30) {
      (try? Depot.contents(of: depot.log("b.db")).joined().isEmpty) == false
    }
    child.terminate()
    let ended = try child.end(within: 30)
    #expect(ended.status == 1 && ended.errors.contains("the same command goes on from there"), "\(ended)")
    let before = try Depot.contents(of: depot.log("b.db")).joined().count
    #expect((1..<300).contains(before))
    let rest = try Child(command + ["100000"], in: depot.folder.path).end(within: 30)
    #expect(rest.status == 0, "\(rest)")
    #expect(try Depot.contents(of: depot.log("b.db")) == Depot.contents(of: depot.log()))
  }

  @Test("Of a replay that is begun again while it runs one goes on, without a record lost or twice")
  func takenOver() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 300)
    let command = ["replay", "predictions", "labels", "--into", "b.db", "--rate"]
    let first = try Child(command + ["30"], in: depot.folder.path)
    try wait(for: "the first records", within: 30) {
      (try? Depot.contents(of: depot.log("b.db")).joined().isEmpty) == false
    }
    let both = try [Child(command + ["100000"], in: depot.folder.path), first].map { try $0.end(within: 60) }
    #expect(both.map(\.status).sorted() == [0, 1], "\(both)")
    #expect(both.filter { $0.errors.contains("another process has taken this copy over") }.count == 1, "\(both)")
    #expect(try Depot.contents(of: depot.log("b.db")) == Depot.contents(of: depot.log()))
  }

  @Test("Import and replay that are killed anywhere go on without a record lost or twice")
  func killed() throws {
    let depot = try Depot()
    try Depot.fill(try depot.log(), 30_000, appends: 1_000)
    let all = try Depot.contents(of: depot.log())
    #expect(try depot.leeway("export", "labels", "predictions", "--out", "a.lwr").status == 0)
    for name in ["b.db", "c.db"] { try depot.log(name).close() }
    for command in [["import", "a.lwr", "--log", "b.db"], ["replay", "labels", "predictions", "--into", "c.db"]] {
      var kills = 0
      for round in 0..<40 {
        let child = try Child(command, in: depot.folder.path)
        Thread.sleep(forTimeInterval: 0.03 + 0.02 * Double(round))
        if child.kill() { kills += 1 } else { break }
      }
      let last = try Child(command, in: depot.folder.path).end(within: 60)
      #expect(last.status == 0, "\(last)")
      #expect(try Depot.contents(of: depot.log(command[0] == "import" ? "b.db" : "c.db")) == all, "\(kills) kills")
    }
  }
}
