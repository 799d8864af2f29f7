import Sketches

/// Quantile sketches of Leeway and of Apache DataSketches, both at k = 200 and fed a million doubles at once: time per
/// value, then the largest error over 99 ranks that 99 % of the sketches stay below.
struct QuantileBenchmark: Benchmark {
  let name = "quantiles"

  private struct Stream {
    let name: String
    let values: [Double]
    let target: Double
  }

  private static func streams(_ count: Int) -> [Stream] {
    [
      Stream(name: "normal", values: Samples.normal(count, seed: 1), target: 0.25),
      Stream(name: "lognormal", values: Samples.lognormal(count, seed: 2), target: 0.25),
      Stream(name: "rounded", values: Samples.rounded(count, seed: 3), target: 0.25),
      Stream(name: "sorted", values: (0..<count).map { Double($0) }, target: 0.5),
      Stream(name: "tails", values: Samples.heavyTails(count, seed: 4), target: 0.5),
      Stream(name: "modes", values: Samples.farModes(count, seed: 5), target: 0.5),
    ]
  }

  func run(into table: inout Table) throws {
    let streams = Self.streams(1_000_000)
    let functions = streams.map { "def update_\($0.name)(): datasketches.kll_doubles_sketch(200).update(\($0.name))\n" }
    let peer = table.python(
      packages: ["datasketches", "numpy"],
      data: Dictionary(uniqueKeysWithValues: streams.map { ($0.name, $0.values) }),
      functions: functions.joined() + Self.error)
    for stream in streams {
      let figure = Figure("KLL update, \(stream.name)", .nanoseconds(per: "value"), targets: [.ratio(stream.target)])
      try table.compare(
        figure, items: stream.values.count,
        ours: Contender("Leeway") {
          var sketch = QuantileSketch<Double>(seed: 1)
          sketch.update(stream.values.span)
          keep(sketch)
        }, peer: peer.calling("update_\(stream.name)"))
    }
    for (digits, repetitions) in [(3, 2_000), (4, 1_000), (5, 300), (6, 100), (7, 30)] {
      try compareErrors(digits: digits, repetitions: repetitions, peer, into: &table)
    }
  }

  /// Rank errors depend on the order of the values alone, so uniform ones stand for all.
  private static let error = """
    def errors(count, repetitions):
        generator = numpy.random.default_rng(count)
        ranks = numpy.arange(1, 100) / 100
        squares = 0
        for _ in range(repetitions):
            values = generator.random(count)
            sketch = datasketches.kll_doubles_sketch(200)
            sketch.update(values)
            true = numpy.searchsorted(numpy.sort(values), ranks, side="right") / count
            squares += sum((sketch.get_rank(x, True) - t) ** 2 for x, t in zip(ranks, true))
        return 100 * (squares / repetitions / 99) ** 0.5

    def errors_3(): return errors(1000, 2000)
    def errors_4(): return errors(10000, 1000)
    def errors_5(): return errors(100000, 300)
    def errors_6(): return errors(1000000, 100)
    def errors_7(): return errors(10000000, 30)
    """

  private func compareErrors(
    digits: Int, repetitions: Int, _ peer: PythonPeer, into table: inout Table
  ) throws {
    var count = 1
    for _ in 0..<digits { count *= 10 }
    let figure = Figure("KLL rank error (rms), 1e\(digits) values", .percent, targets: [.ratio(1)])
    let ours = Self.error(count: count, repetitions: repetitions)
    let theirs: Row.PeerFigure =
      switch peer {
      case .missing(let name, let reason): .missing(name: name, reason: reason)
      case .running(let process):
        .measured(name: process.name, version: process.version, value: try process.perform("errors_\(digits)").value)
      }
    table.add(Row(figure: figure, ours: ours, peer: theirs))
  }

  /// Root of the mean squared difference between estimated and true rank, in percent.
  private static func error(count: Int, repetitions: Int) -> Double {
    var squares = 0.0
    var random = SplitMix64(seed: UInt64(count))
    var values = [Double](repeating: 0, count: count)
    for _ in 0..<repetitions {
      var below = [Int](repeating: 0, count: 101)
      for index in values.indices {
        values[index] = random.unit()
        below[Int(values[index] * 100) + 1] += 1
      }
      var sketch = QuantileSketch<Double>(seed: random.next())
      sketch.update(values.span)
      sketch.seal()
      var seen = 0
      for percent in 1...99 {
        seen += below[percent]
        let rank = sketch.rank(of: (Double(percent) / 100).nextDown) ?? .infinity
        let difference = rank - Double(seen) / Double(count)
        squares += difference * difference
      }
    }
    return 100 * (squares / Double(99 * repetitions)).squareRoot()
  }
}
