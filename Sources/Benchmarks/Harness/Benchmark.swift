/// A measurement that adds rows to the table of one run of `leeway-bench`.
///
/// To add one:
///
/// 1. Write a type in the folder of what it measures, such as `Sketches/MomentsBenchmark.swift`.
/// 2. In `run(into:)` prepare the data, make two `Contender`s and hand them to `Table.compare`. A peer in Python is a
///    `PythonPeer`, one that is another program a `PeerProcess`, one in Swift a `Contender` over a closure.
/// 3. Add the type to a suite in `Suites.swift`.
///
/// ```swift
/// struct SquareRootBenchmark: Benchmark {
///   let name = "roots"
///
///   func run(into table: inout Table) throws {
///     let values = Samples.lognormal(1_000_000, seed: 1)
///     let peer = table.python(packages: ["numpy"], data: ["x": values], functions: "def roots(): numpy.sqrt(x)")
///     try table.compare(
///       Figure("square root", .nanoseconds(per: "value"), targets: [.ratio(1), .value(2)]), items: values.count,
///       ours: Contender("Swift") { keep(values.reduce(0) { $0 + $1.squareRoot() }) },
///       peer: peer.calling("roots"))
///   }
/// }
/// ```
///
/// A peer that is not installed leaves its row without a ratio and says what is missing; the run goes on. So does a
/// benchmark that throws.
protocol Benchmark {
  /// One word, by which the command line names it.
  var name: String { get }

  func run(into table: inout Table) throws
}

/// Benchmarks that belong together and are run by one name.
struct Suite {
  let name: String
  let benchmarks: [any Benchmark]
}

/// Keeps the optimiser from leaving out the work that made a result.
@inline(never)
func keep(_ result: some Any) {
  withExtendedLifetime(result) {}
}
