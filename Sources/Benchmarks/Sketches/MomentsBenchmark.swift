import Sketches

/// Count, mean, variance and range of a stream: by blocks, beside NumPy's and beside the update that every textbook has.
struct MomentsBenchmark: Benchmark {
  let name = "moments"

  func run(into table: inout Table) throws {
    let values = Samples.normal(100_000, seed: 5)
    let ours = Contender("Sketches") {
      var moments = RunningMoments()
      moments.update(values.span)
      keep(moments.moments)
    }
    let peer = table.python(
      packages: ["numpy"], data: ["x": values],
      functions: "def moments(): return x.mean() + x.var() + x.min() + x.max()")
    let figure = Figure("moments", .nanoseconds(per: "value"), targets: [.value(0.5)])
    try table.compare(figure, items: values.count, ours: ours, peer: peer.calling("moments"))
    try table.compare(
      figure, items: values.count, ours: ours,
      peer: .contender(
        Contender("Welford, value by value") {
          var moments = Moments()
          for value in values { moments.update(value) }
          keep(moments)
        }))
  }
}
