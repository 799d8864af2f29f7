import Foundation

/// `detector [quiet|power|long|cost|all] [--seeds N] [--events N] [--pane N] [--first-seed N]
/// [--only NAME] [--without-rivals] [--json FILE]`: what the detector promises and what it
/// finds, on seeded streams.
func detectorBenchmark(_ arguments: [String]) throws {
  var options = DetectorOptions()
  try options.read(arguments)
  var tables: [BenchmarkTable] = []
  if options.wants("quiet") { tables.append(quietTable(options)) }
  if options.wants("long") { tables.append(longTable(options)) }
  if options.wants("power") { tables.append(powerTable(options)) }
  if options.wants("cost") { tables += [costTable(options), shareTable(options)] }
  if let path = options.json {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(tables).write(to: URL(fileURLWithPath: path))
  }
}

struct BenchmarkFault: Error, CustomStringConvertible {
  let description: String
}

struct DetectorOptions {
  var part = "all"
  /// Nil for what the measurement asks for.
  var seeds: Int?
  var events: Int?
  var firstSeed = 20_261
  var pane = 16
  var json: String?
  /// Whether the other detectors are run beside ours.
  var rivals = true
  /// Only scenarios whose name contains this.
  var only: String?

  mutating func read(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--without-rivals" {
        rivals = false
        continue
      }
      if !argument.hasPrefix("--") {
        guard ["quiet", "long", "power", "cost", "all"].contains(argument) else {
          throw BenchmarkFault(description: "\(argument): quiet, long, power, cost or all is expected")
        }
        part = argument
        continue
      }
      guard let value = rest.popFirst() else { throw BenchmarkFault(description: "\(argument) needs a value") }
      switch (argument, Int(value)) {
      case ("--seeds", let number?) where number > 0: seeds = number
      case ("--events", let number?) where number > 0: events = number
      case ("--first-seed", let number?): firstSeed = number
      case ("--pane", let number?) where number > 0: pane = number
      case ("--json", _): json = value
      case ("--only", _): only = value
      default: throw BenchmarkFault(description: "\(argument) \(value): no such option or not a number above 0")
      }
    }
  }

  func wants(_ name: String) -> Bool { part == "all" || part == name }

  func admits(_ scenario: Scenario) -> Bool { only.map { scenario.name.contains($0) } ?? true }
}

/// Rows of figures, printed as they come and written as JSON at the end.
struct BenchmarkTable: Encodable {
  let title: String
  let headings: [String]
  var rows: [[String]] = []

  init(_ title: String, _ headings: [String]) {
    self.title = title
    self.headings = headings
    print("\n\(title)")
    show(headings)
  }

  mutating func add(_ row: [String]) {
    rows.append(row)
    show(row)
  }

  private func show(_ row: [String]) {
    let cells = row.enumerated().map { index, cell in
      let width = index == 0 ? 30 : max(headings[index].count, index == 2 ? 18 : 8) + 2
      let blanks = String(repeating: " ", count: max(width - cell.count, 1))
      return index == 0 ? cell + blanks : blanks + cell
    }
    print(cells.joined())
  }
}
