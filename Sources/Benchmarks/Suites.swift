/// What `leeway-bench` can run, in the order of its table. A new benchmark joins one of the suites, or brings its own.
enum Suites {
  static var all: [Suite] {
    [
      Suite(
        name: "sketches",
        benchmarks: [
          HistogramBenchmark(), MomentsBenchmark(), QuantileBenchmark(), DistinctBenchmark(), FrequentBenchmark(),
          WindowBenchmark(),
        ]),
      Suite(name: "events", benchmarks: [ScanBenchmark(), PanesBenchmark(), StageBenchmark()]),
      Suite(name: "drift", benchmarks: [JointBenchmark()]),
      Suite(name: "learn", benchmarks: [LearnBenchmark()]),
      Suite(name: "log", benchmarks: [LogBenchmark(), RecordingBenchmark(), KafkaBenchmark(), RecoveryBenchmark()]),
    ]
  }

  /// The benchmarks that the words name: suites, single benchmarks, or `all`. Nil for a word that names nothing.
  static func chosen(by words: [String]) -> [any Benchmark]? {
    var chosen: [any Benchmark] = []
    for word in words {
      let found = all.flatMap { suite in
        word == "all" || word == suite.name ? suite.benchmarks : suite.benchmarks.filter { $0.name == word }
      }
      if found.isEmpty { return nil }
      chosen += found
    }
    return chosen
  }
}
