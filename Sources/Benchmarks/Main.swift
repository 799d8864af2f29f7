import Foundation

/// Measures Leeway beside its peers: `leeway-bench SUITE|BENCHMARK... [--repetitions N] [--json FILE]`.
@main struct Main {
  static func main() throws {
    do { try run() } catch let fault as BenchmarkFault {
      FileHandle.standardError.write(Data("leeway-bench: \(fault.description)\n".utf8))
      exit(2)
    }
  }

  private static func run() throws {
    // A peer that dies must be an error of its row, not the end of the run.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.prefix(2) == ["log", "role"] { return try LogRole.run(Array(arguments.dropFirst(2))) }
    if arguments.first == "detector" { return try detectorBenchmark(Array(arguments.dropFirst())) }
    if arguments.first == "gate" { return try gateBenchmark(Array(arguments.dropFirst())) }
    if arguments.first == "publish" { return try publishBenchmark(Array(arguments.dropFirst())) }
    if arguments.first == "warm" { return try warmStartBenchmark(Array(arguments.dropFirst())) }
    guard let command = Command(arguments) else { return usage() }
    let started = Date()
    let folder = FileManager.default.temporaryDirectory.appending(path: "leeway-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var table = Table(repetitions: command.repetitions, folder: folder)
    for benchmark in command.benchmarks { table.run(benchmark) }
    print(table.text)
    if let path = command.json { try table.json(started: started).write(to: URL(fileURLWithPath: path)) }
  }

  private static func usage() {
    print("usage: leeway-bench all|SUITE|BENCHMARK... [--repetitions N] [--json FILE]")
    for suite in Suites.all {
      print("  \(suite.name): \(suite.benchmarks.map(\.name).joined(separator: ", "))")
    }
    print("       leeway-bench detector quiet|long|power|cost|all [--seeds N] [--json FILE] ...")
    print("       leeway-bench publish [--rows N] [--features N] [--repetitions N] [--leeway PROGRAM] [--json FILE]")
    print("       leeway-bench warm [--data DIRECTORY] [--json FILE]")
    print("       leeway-bench gate false|power|all [--seeds N] [--data DIRECTORY] [--json FILE] ...")
  }
}

/// What the command line asks for.
private struct Command {
  var benchmarks: [any Benchmark] = []
  var repetitions = 5
  var json: String?

  /// Nil for an unknown name, an option without its value, or nothing to run.
  init?(_ arguments: [String]) {
    var words: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--json":
        guard let path = rest.popFirst() else { return nil }
        json = path
      case "--repetitions":
        guard let count = rest.popFirst().flatMap(Int.init), count > 0 else { return nil }
        repetitions = count
      default: words.append(argument)
      }
    }
    guard !words.isEmpty, let chosen = Suites.chosen(by: words) else { return nil }
    benchmarks = chosen
  }
}
