import Foundation

/// `publish [--rows N] [--features N] [--repetitions N] [--leeway PROGRAM] [--json FILE]`: seconds from a trigger to the new
/// version in the hands of a subscriber.
///
/// The engine is `leeway run` on an embedded log, a process of its own as in production, the subscriber another: this one.
/// The stopwatch starts before the trigger is appended and stops when the subscriber has the model, its checksum verified
/// and its bytes decoded. A first version learns all rows; a next one learns as many that have come since version 1, scored
/// by both before they are learned, and is let through by the gate. `--leeway` is the program beside this one by default.
func publishBenchmark(_ arguments: [String]) throws {
  var options = PublishOptions()
  try options.read(arguments)
  var table = BenchmarkTable(
    "Trigger to version in the subscriber's hands, \(options.rows) rows of \(options.features) features, seconds",
    ["version", "best", "median", "worst", "target"])
  for isFirst in [true, false] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "leeway-publish-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let prepared = try PublishStation(folder.appending(path: "prepared"), options)
    try prepared.prepare(isFirst: isFirst)
    let seconds = try (0..<options.repetitions).map { number in
      try prepared.copy(to: folder.appending(path: "\(number)")).seconds(toVersion: isFirst ? 1 : 2)
    }.sorted()
    let figures = [seconds[0], seconds[seconds.count / 2], seconds[seconds.count - 1]]
    table.add([isFirst ? "first" : "next"] + figures.map { String(format: "%.3f", $0) } + ["1.0"])
  }
  if let path = options.json {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(table).write(to: URL(fileURLWithPath: path))
  }
}

struct PublishOptions {
  var rows = 100_000
  var features = 20
  var repetitions = 3
  var json: String?
  var leeway = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
    .deletingLastPathComponent().appending(path: "leeway").path

  mutating func read(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard let value = rest.popFirst() else { throw BenchmarkFault(description: "\(argument) needs a value") }
      switch (argument, Int(value)) {
      case ("--rows", let number?) where number >= 200: rows = number
      case ("--features", let number?) where number > 0: features = number
      case ("--repetitions", let number?) where number > 0: repetitions = number
      case ("--leeway", _): leeway = value
      case ("--json", _): json = value
      default: throw BenchmarkFault(description: "\(argument) \(value): no such option, or a number too small")
      }
    }
  }
}
