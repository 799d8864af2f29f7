/// Runs one of the benchmarks: `Benchmarks NAME [ARGUMENTS]`.
@main struct Main {
  private static let benchmarks: [String: @Sendable ([String]) throws -> Void] = [
    "log": logBenchmark
  ]

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let name = arguments.first, let benchmark = benchmarks[name] else {
      print("usage: Benchmarks \(benchmarks.keys.sorted().joined(separator: "|")) [ARGUMENTS]")
      return
    }
    try benchmark(Array(arguments.dropFirst()))
  }
}
