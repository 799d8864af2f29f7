import Drift
import Foundation

func logarithm(_ value: Double) -> Double { log(value) }

/// How soon each detector finds each change, and whether it cried wolf before.
func powerTable(_ options: DetectorOptions) -> BenchmarkTable {
  var table = BenchmarkTable(
    "Change after 20,000 quiet events, panes of \(options.pane) events; delays in events",
    ["change", "rows", "detector", "found", "median", "p90", "false before"])
  for var scenario in powerScenarios() where options.admits(scenario) {
    scenario.pane = options.pane
    let fixed = scenario
    let runs = parallel(options.seeds ?? 100) { index in
      PowerRun(
        fixed, seed: options.firstSeed + 900_000 + index,
        withRivals: options.rivals && (fixed.columns == 1 || index < PowerRun.wideRivalSeeds))
    }
    for name in runs[0].outcomes.map(\.detector) {
      table.add(row(scenario, runs.compactMap { run in run.outcomes.first { $0.detector == name } }))
    }
  }
  return table
}

private func powerScenarios() -> [Scenario] {
  func of(_ kind: StreamKind, _ change: StreamChange, _ name: String, _ rows: Int = 10_000) -> Scenario {
    Scenario(name: name, kind: kind, rows: rows, change: change)
  }
  var season = of(.season, .mean(1), "season +1 sd, clock known")
  season.clock = true
  var wide = of(.normal, .mean(1), "one of 50 columns +1 sd")
  wide.columns = 50
  var errors = of(.binary, .rate(0.2), "error rate .10 to .20")
  errors.isLoss = true
  var fewErrors = of(.binary, .rate(0.2), "error rate .10 to .20", 2_000)
  fewErrors.isLoss = true
  var shuffled = of(.normal, .mean(1), "mean +1 sd, rows shuffled")
  shuffled.isShuffled = true
  return [
    of(.normal, .mean(1), "mean +1 sd"), of(.normal, .mean(0.3), "mean +0.3 sd"),
    of(.normal, .deviation(2), "deviation x 2"), of(.categories, .evenCategories, "five categories to .2 each"),
    errors, fewErrors, wide, season, of(.ar1, .mean(1), "AR(1) .9, +1 sd"),
    of(.normal, .twoModes, "two modes, same mean and sd"), of(.zeros, .fewerZeros, "90 to 80 % zeros"),
    of(.categories, .newCategory, "new category, 5 %"), of(.normal, .missing(0.05), "5 % missing"),
    of(.constant, .other, "constant to another"), shuffled,
  ]
}

/// What one detector made of one stream.
struct PowerOutcome: Sendable {
  let detector: String
  /// Events from the change to the first alarm after it; nil where there was none.
  var delay: Int?
  var falseAlarms = 0

  /// - Parameter event: 1 for the first event that has changed; less before.
  mutating func note(_ event: Int) {
    if event > 0 { delay = delay ?? event } else { falseAlarms += 1 }
  }
}

struct PowerRun: Sendable {
  static let quiet = 20_000
  static let most = 20_000
  /// Seeds on which rivals watch many columns.
  static let wideRivalSeeds = 10
  let outcomes: [PowerOutcome]

  init(_ scenario: Scenario, seed: Int, withRivals: Bool) {
    var trial = Trial(scenario, seed: seed)
    // The change falls anywhere in a pane.
    let change = Self.quiet + seed % scenario.pane
    let makers = withRivals ? rivals(of: scenario.kind) : []
    var others = makers.map { maker in trial.referenceValues.map(maker.make) }
    var own = PowerOutcome(detector: "leeway")
    var theirs = makers.map { PowerOutcome(detector: $0.name) }
    for event in 1 - change...Self.most {
      if event == 1 { trial.streams[0].change = scenario.change }
      if let reading = trial.step(), reading.raised {
        own.note(event)
        trial.detector.rearm()
      }
      for index in others.indices where theirs[index].delay == nil {
        var alarms = false
        for column in others[index].indices where others[index][column].alarms(after: trial.newest[column]) {
          alarms = true
        }
        if alarms { theirs[index].note(event) }
      }
      if own.delay != nil, theirs.allSatisfy({ $0.delay != nil }) { break }
    }
    outcomes = [own] + theirs
  }
}

private func row(_ scenario: Scenario, _ outcomes: [PowerOutcome]) -> [String] {
  let delays = outcomes.compactMap(\.delay).sorted()
  func quantile(_ share: Double) -> String {
    delays.isEmpty ? "-" : "\(delays[min(Int(Double(delays.count) * share), delays.count - 1)])"
  }
  return [
    scenario.name, "\(scenario.rows)", outcomes[0].detector, "\(delays.count)/\(outcomes.count)", quantile(0.5),
    quantile(0.9), "\(outcomes.count { $0.falseAlarms > 0 })",
  ]
}
