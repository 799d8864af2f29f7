import Control
import Events
import Foundation

/// `gate [false|power|all] [--seeds N] [--rows N] [--minimum N] [--data DIRECTORY] [--only NAME] [--json FILE]`: how often
/// the gate promotes what is worse, and after how many rows what is better.
///
/// `--data`, or the variable `LEEWAY_DATA`, names a directory with `elec2.csv.gz`, `hyperplane.csv.gz` and
/// `bank_marketing.csv.gz`, whose last column `label` is 0 or 1; without it real pairs are left out.
func gateBenchmark(_ arguments: [String]) throws {
  var options = GateOptions()
  try options.read(arguments)
  var streams = PairStream.synthetic
  if let folder = options.data ?? ProcessInfo.processInfo.environment["LEEWAY_DATA"] {
    streams += try PairStream.real(folder: folder)
  } else {
    print("no directory of data is named by --data or LEEWAY_DATA: real pairs are left out")
  }
  streams = streams.filter { stream in options.only.map { stream.name.contains($0) } ?? true }
  var tables: [BenchmarkTable] = []
  if options.part != "power" { tables.append(falsePromotions(streams, options)) }
  if options.part != "false" { tables.append(power(streams, options)) }
  if let path = options.json {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(tables).write(to: URL(fileURLWithPath: path))
  }
}

struct GateOptions {
  var part = "all"
  var seeds = 1_000
  var rows = 10_000
  /// Judged rows before anything is decided; nil for the gate's own numbers.
  var minimum: Int?
  var data: String?
  var only: String?
  var json: String?

  var gate: GateConfiguration {
    minimum.map { GateConfiguration(minimumRows: $0, minimumRowsKnown: $0) } ?? GateConfiguration()
  }

  mutating func read(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if !argument.hasPrefix("--") {
        guard ["false", "power", "all"].contains(argument) else {
          throw BenchmarkFault(description: "\(argument): false, power or all is expected")
        }
        part = argument
        continue
      }
      guard let value = rest.popFirst() else { throw BenchmarkFault(description: "\(argument) needs a value") }
      switch (argument, Int(value)) {
      case ("--seeds", let number?) where number > 0: seeds = number
      case ("--rows", let number?) where number > 0: rows = number
      case ("--minimum", let number?) where number > 0: minimum = number
      case ("--data", _): data = value
      case ("--only", _): only = value
      case ("--json", _): json = value
      default: throw BenchmarkFault(description: "\(argument) \(value): no such option or not a number above 0")
      }
    }
  }
}

/// Looked at after every 50 labels, from the rows that the gate asks for on.
private func falsePromotions(_ streams: [PairStream], _ options: GateOptions) -> BenchmarkTable {
  var table = BenchmarkTable(
    "Challengers that are worse, promoted of \(options.seeds), up to \(options.rows) rows, a look every 50 labels",
    ["stream", "worse by", "proven", "promoted", "allowed", "rejected", "median tau"])
  for stream in streams {
    for (gain, allowed) in [(-0.02, 0.05), (-0.05, 0.05), (-0.1, 0.02)] {
      let draw = stream.prepared(gain)
      let runs = parallel(options.seeds) { GateRun(stream, draw, seed: $0, options, goesOn: true) }
      let taus = runs.map(\.dependence).sorted()
      table.add([
        stream.name, "\(Int((-100 * gain).rounded())) %", "\(runs.count { $0.provenAt != nil })",
        "\(runs.count { $0.outcome == .promote })",
        stream.isPromised ? "\(Int(allowed * Double(options.seeds)))" : "none promised",
        "\(runs.count { $0.outcome == .reject })", rounded(taus[taus.count / 2]),
      ])
    }
  }
  return table
}

private func power(_ streams: [PairStream], _ options: GateOptions) -> BenchmarkTable {
  var table = BenchmarkTable(
    "Challengers that are better: share promoted within 2,000 rows, rows to promotion (of \(options.rows)), rejected",
    ["stream", "better by", "in 2,000", "median", "95 %", "rejected"])
  for stream in streams {
    for gain in [0.03, 0.1, 0.3] {
      let draw = stream.prepared(gain)
      let runs = parallel(options.seeds) { GateRun(stream, draw, seed: $0, options, goesOn: false) }
      let rows = runs.map { $0.outcome == .promote ? $0.decidedAt ?? .max : .max }.sorted()
      func row(_ share: Double) -> String {
        let rank = min(Int((share * Double(rows.count)).rounded(.up)), rows.count - 1)
        return rows[rank] == .max ? "-" : "\(rows[rank])"
      }
      table.add([
        stream.name, "\(Int((100 * gain).rounded())) %",
        "\(rounded(100 * Double(rows.count { $0 <= 2_000 }) / Double(rows.count))) %", row(0.5), row(0.95),
        "\(runs.count { $0.outcome == .reject })",
      ])
    }
  }
  return table
}
