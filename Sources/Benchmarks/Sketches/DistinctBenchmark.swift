import Sketches

/// HyperLogLog of 2^12 registers beside DataSketches' C++ library.
struct DistinctBenchmark: Benchmark {
  let name = "distinct"

  func run(into table: inout Table) throws {
    let count = 2_000_000
    let numbers = Samples.uniform(count, seed: 1).map { ($0 * 0x1p50).rounded() }
    let integers = numbers.map { Int64($0) }
    let texts = numbers.prefix(500_000).map { "item-\(Int64($0) % 100_000)" }
    let library = LibraryPeer(table, numbers: numbers, texts: texts)
    let unit = Figure.Unit.nanoseconds(per: "value")
    try table.compare(
      Figure("distinct count of numbers", unit, targets: [.ratio(1)]), items: count,
      ours: Contender("Leeway") { keep(Self.estimate { $0.update(numbers.span) }) },
      peer: library.calling("numbers once"))
    try table.compare(
      Figure("distinct count of numbers, panes of 1,000", unit, targets: [.ratio(1)]), items: count,
      ours: Contender("Leeway") { Self.inPanes(numbers, of: 1_000) }, peer: library.calling("numbers in panes"))
    try table.compare(
      Figure("distinct count of integers", unit, targets: [.ratio(1)]), items: count,
      ours: Contender("Leeway") { keep(Self.estimate { $0.update(integers.span) }) },
      peer: library.calling("integers once"))
    try table.compare(
      Figure("distinct count of texts", unit, targets: [.ratio(1)]), items: texts.count,
      ours: Contender("Leeway") { keep(Self.estimate { $0.update(texts.span) }) }, peer: library.calling("texts once"))
  }

  private static func estimate(_ update: (inout DistinctSketch) -> Void) -> Double {
    var sketch = DistinctSketch()
    update(&sketch)
    return sketch.estimate
  }

  private static func inPanes(_ numbers: [Double], of size: Int) {
    for start in stride(from: 0, to: numbers.count, by: size) {
      keep(estimate { $0.update(numbers.span.extracting(start..<start + size)) })
    }
  }
}
