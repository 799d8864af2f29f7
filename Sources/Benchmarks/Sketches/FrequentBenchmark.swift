import Sketches

/// Frequent items of 2^10 slots beside DataSketches' C++ library: few levels, many levels, long names.
struct FrequentBenchmark: Benchmark {
  let name = "frequent"

  func run(into table: inout Table) throws {
    for (levels, prefix, title) in [
      (100, "level", "100 levels"), (100, "a level with a rather long name", "100 levels with long names"),
      (5_000, "level", "5,000 levels"),
    ] {
      // Cubed, so that a few levels are frequent and most are rare.
      let texts = Samples.uniform(500_000, seed: 2).map { "\(prefix)-\(Int(Double(levels) * $0 * $0 * $0))" }
      let library = LibraryPeer(table, texts: texts)
      try table.compare(
        Figure("frequent items, \(title)", .nanoseconds(per: "item"), targets: [.ratio(1)]), items: texts.count,
        ours: Contender("Leeway") { keep(Self.maximumError(texts)) }, peer: library.calling("frequent"))
    }
  }

  private static func maximumError(_ texts: [String]) -> Int {
    var sketch = FrequentItems()
    sketch.update(texts.span)
    return sketch.maximumError
  }
}
