import Control
import Events
import TestSupport
import Testing

struct RunScheduleTests {
  typealias Entry = RunSchedule.Entry

  static func entry(_ run: String, priority: Int = 0, time: Milliseconds = 0, fixed: Bool = false) -> Entry {
    Entry(run: run, model: "model-of-\(run)", priority: priority, time: time, isPreemptible: !fixed)
  }

  static func steps(_ schedule: inout RunSchedule) -> [RunSchedule.Step] {
    var steps: [RunSchedule.Step] = []
    while let step = schedule.next() { steps.append(step) }
    return steps
  }

  @Test func goesByPriorityThenTimeThenModel() {
    var schedule = RunSchedule(places: 1)
    let entries = [
      Self.entry("d", priority: 1, time: 9), Self.entry("b", time: 1), Self.entry("c", time: 2),
      Self.entry("a", time: 2), Self.entry("e", priority: -1, time: 0),
    ]
    #expect(schedule.see(entries) && !schedule.see(entries))
    var order: [RunSchedule.Step] = []
    while let step = schedule.next() {
      order.append(step)
      if case .start(let run) = step { schedule.end(run, .reported) }
    }
    #expect(order == ["d", "b", "a", "c", "e"].map { .start($0) })
    #expect(schedule.isIdle && !schedule.see(entries), "what is reported is not carried out again")
    #expect(!schedule.see([]) && schedule.see(entries), "what was open no longer is new again")
  }

  @Test func aHigherPriorityTakesThePlaceOfTheLowest() {
    var schedule = RunSchedule(places: 2)
    var open = [Self.entry("low", priority: 1, time: 1), Self.entry("lower", time: 0)]
    _ = schedule.see(open)
    #expect(Self.steps(&schedule) == [.start("low"), .start("lower")])
    open += [Self.entry("equal", time: -5), Self.entry("high", priority: 2, time: 7)]
    _ = schedule.see(open)
    #expect(Self.steps(&schedule) == [.stop("lower")], "one place for one run; equal priorities wait")
    schedule.end("lower", .stopped)
    #expect(Self.steps(&schedule) == [.start("high")])
    schedule.end("high", .reported)
    #expect(Self.steps(&schedule) == [.start("equal")])
    schedule.end("low", .reported)
    #expect(Self.steps(&schedule) == [.start("lower")])
  }

  @Test func whatCannotBePreemptedKeepsItsPlace() {
    var schedule = RunSchedule(places: 1)
    _ = schedule.see([Self.entry("program", fixed: true)])
    _ = schedule.next()
    _ = schedule.see([Self.entry("program", fixed: true), Self.entry("high", priority: 9)])
    #expect(schedule.next() == nil)
    schedule.end("program", .reported)
    #expect(schedule.next() == .start("high"))
  }

  @Test func whatIsOpenNoLongerStops() {
    var schedule = RunSchedule(places: 1)
    _ = schedule.see([Self.entry("a"), Self.entry("b")])
    #expect(Self.steps(&schedule) == [.start("a")])
    _ = schedule.see([Self.entry("c")])
    #expect(Self.steps(&schedule) == [.stop("a")] && schedule.standing(of: "b") == nil)
    schedule.end("a", .stopped)
    #expect(schedule.standing(of: "a") == nil && Self.steps(&schedule) == [.start("c")])
    schedule.end("c", .disowned)
    #expect(schedule.isIdle && schedule.see([Self.entry("c")]) && schedule.next() == .start("c"))
  }

  @Test func whatCannotBeginLetsOthersGoBeforeIt() {
    var schedule = RunSchedule(places: 1)
    let open = [Self.entry("a", priority: 1), Self.entry("b")]
    _ = schedule.see(open)
    #expect(Self.steps(&schedule) == [.start("a")])
    schedule.end("a", .unready)
    #expect(Self.steps(&schedule) == [.start("b")] && schedule.standing(of: "a") == .held && schedule.isOpen("a"))
    schedule.end("b", .reported)
    #expect(Self.steps(&schedule).isEmpty && !schedule.isIdle)
    schedule.retry()
    #expect(Self.steps(&schedule) == [.start("a")])
    schedule.end("a", .unready)
    #expect(!schedule.see([]) && schedule.standing(of: "a") == nil && !schedule.isOpen("a") && schedule.isIdle)
  }

  enum Move: Hashable {
    case see(Set<Int>)
    case retry
    case end(Int, RunSchedule.End)
  }

  /// Their priorities are their numbers.
  private static let entries = (0..<3).map { entry("\($0)", priority: $0, fixed: $0 == 1) }
  private static let moves: [Move] =
    [[], [0], [0, 1], [0, 2], [1, 2], [0, 1, 2]].map { .see($0) }
    + [.retry]
    + (0..<3).flatMap { run in [.reported, .stopped, .disowned, .unready].map { Move.end(run, $0) } }

  /// A schedule after every move that has been made of it, and what is wrong with it.
  private struct History {
    var schedule: RunSchedule
    var open: Set<Int> = []
    var moves: [Move] = []
    var fault: String?

    mutating func make(_ move: Move) {
      moves.append(move)
      switch move {
      case .see(let runs):
        open = runs
        _ = schedule.see(runs.sorted().map { entries[$0] })
      case .retry: schedule.retry()
      case .end(let run, let end):
        let held = [.working, .leaving].contains(schedule.standing(of: "\(run)"))
        schedule.end("\(run)", end)
        let isKept = schedule.standing(of: "\(run)") == .waiting
        if held, end == .stopped, isKept != open.contains(run) { fault = "a stopped run" }
      }
      let steps = RunScheduleTests.steps(&schedule)
      if Set(steps).count != steps.count { fault = "a step is said twice" }
      look()
    }

    private mutating func look() {
      let standing = (0..<3).map { schedule.standing(of: "\($0)") }
      let leaving = standing.count { $0 == .leaving }
      let held = standing.count { $0 == .working } + leaving
      let waiting = (0..<3).filter { standing[$0] == .waiting }.sorted(by: >)
      if held > schedule.places { fault = "\(held) at work" }
      if held < schedule.places, !waiting.isEmpty { fault = "an idle place" }
      if (0..<3).contains(where: { standing[$0] == .working && !open.contains($0) }) { fault = "work on nothing" }
      if waiting.count > leaving, standing[0] == .working, waiting[leaving] > 0 { fault = "the lowest has a place" }
    }
  }

  /// Every sequence of four moves over three runs and one or two places: what is promised holds after each.
  @Test(arguments: [1, 2]) func everyShortHistory(places: Int) {
    var layer = [History(schedule: RunSchedule(places: places))]
    for _ in 0..<4 {
      layer = layer.flatMap { history in
        Self.moves.map { move in
          var next = history
          next.make(move)
          return next
        }
      }
      for history in layer {
        guard let fault = history.fault else { continue }
        Issue.record("\(fault) after \(history.moves)")
        return
      }
    }
  }
}
