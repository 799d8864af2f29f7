import Drift
import Sketches

/// Alarms of one stream in which nothing changes.
struct QuietRun: Sendable {
  var alarms = 0
  var dependence = 1.0

  init(_ scenario: Scenario, seed: Int, events: Int) {
    var trial = Trial(scenario, seed: seed)
    let watched = trial.reference.derived.map(\.column) + trial.reference.columns
    dependence = (watched.first ?? trial.reference.lossColumn)?.dependence ?? 1
    for _ in 0..<events {
      guard let reading = trial.step(), reading.raised else { continue }
      alarms += 1
      trial.detector.rearm()
    }
  }
}

/// The streams of the promise: nothing changes in them.
private func quietScenarios() -> [Scenario] {
  var all: [Scenario] = []
  for rows in [1_000, 10_000, 100_000] {
    for kind in [
      StreamKind.normal, .lognormal, .zeros, .ar1, .categories, .binary, .missing, .integers, .zipf, .hundredLevels,
    ] {
      all.append(Scenario(name: kind.rawValue, kind: kind, rows: rows))
    }
    if rows > 1_000 {
      all.append(Scenario(name: "season, clock unknown", kind: .season, rows: rows))
      all.append(Scenario(name: "season, clock known", kind: .season, rows: rows, clock: true))
    }
    all.append(Scenario(name: "ar1, reference shuffled", kind: .ar1, rows: rows, isShuffled: true))
  }
  return all + [1_000, 10_000, 100_000].map { Scenario(name: "50 columns", kind: .normal, rows: $0, columns: 50) }
}

/// How many seeds alarm where nothing changes; at most one in ten may.
func quietTable(_ options: DetectorOptions) -> BenchmarkTable {
  let events = options.events ?? 100_000
  var table = BenchmarkTable(
    "No change, \(events) events a seed, panes of \(options.pane) events, promised run length 100,000",
    ["stream", "rows", "seeds", "alarmed", "alarms", "median tau"])
  for var scenario in quietScenarios() where options.admits(scenario) {
    scenario.pane = options.pane
    let fixed = scenario
    let runs = parallel(options.seeds ?? 200) {
      QuietRun(fixed, seed: options.firstSeed + $0, events: events)
    }
    table.add(row(scenario, runs))
  }
  return table
}

/// Alarms in ten million events; one in 100,000 is promised at most.
func longTable(_ options: DetectorOptions) -> BenchmarkTable {
  let events = options.events ?? 10_000_000
  var table = BenchmarkTable(
    "No change, \(events) events a seed, at most \(events / 100_000) alarms a seed promised",
    ["stream", "rows", "seeds", "alarmed", "alarms", "median tau"])
  for kind in [StreamKind.normal, .lognormal, .zeros, .ar1, .categories, .binary] {
    for rows in [1_000, 10_000] {
      let scenario = Scenario(name: kind.rawValue, kind: kind, rows: rows, pane: options.pane)
      guard options.admits(scenario) else { continue }
      let runs = parallel(options.seeds ?? 6) {
        QuietRun(scenario, seed: options.firstSeed + 500_000 + $0, events: events)
      }
      table.add(row(scenario, runs))
    }
  }
  return table
}

private func row(_ scenario: Scenario, _ runs: [QuietRun]) -> [String] {
  let dependences = runs.map(\.dependence).sorted()
  return [
    scenario.name, "\(scenario.rows)", "\(runs.count)", "\(runs.count { $0.alarms > 0 })",
    "\(runs.reduce(0) { $0 + $1.alarms })", rounded(dependences[dependences.count / 2]),
  ]
}

func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
