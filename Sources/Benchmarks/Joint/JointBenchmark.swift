import Drift
import Sketches

/// What the joint statistics cost, and what they find where every column keeps its own distribution.
struct JointBenchmark: Benchmark {
  let name = "joint"

  private static let seeds: ClosedRange<UInt64> = 1...20

  func run(into table: inout Table) throws {
    addCosts(into: &table)
    for change in JointStream.Change.allCases {
      let delays = Self.seeds.map { JointTrial(change, columns: 20, seed: $0).delay }
      let late = delays.count { $0.map { $0 > change.allowance } ?? true }
      table.add(
        Row(
          figure: Figure(
            "\(change.rawValue), 2 of 20 columns: not found within \(change.allowance) events", .percent,
            targets: [.value(10)]), ours: 100 * Double(late) / Double(delays.count), peer: .none))
    }
    let alarms = Self.seeds.count { JointTrial.alarmsWithoutChange(columns: 20, rows: 20_000, seed: $0) }
    table.add(
      Row(
        figure: Figure("quiet streams of 20,000 events with an alarm", .percent, targets: [.value(10)]),
        ours: 100 * Double(alarms) / Double(Self.seeds.count), peer: .none))
  }

  private func addCosts(into table: inout Table) {
    var stream = JointStream(seed: 7, columns: 20)
    let rows = (0..<65_536).map { _ in stream.row(correlation: 0.8, everywhere: true) }
    let reference = JointTrial.reference(rows.prefix(4_000))
    let columns = (0..<20).map { column in rows.map { $0[column] } }
    var patterns: [JointPattern] = []
    for derived in reference.derived {
      switch derived.derivation {
      case .joint(let projection): addCosts(projection, columns, into: &table)
      case .pattern(let pattern): patterns.append(pattern)
      case .season: break
      }
    }
    let first = patterns.prefix(1)
    let seconds = best(table.repetitions) {
      for pattern in first {
        var codes = [UInt8](repeating: 0, count: rows.count)
        for (bit, half) in pattern.halves.enumerated() {
          let values = columns[half.column]
          pattern.add(values.span, bit: bit, to: &codes)
        }
        keep(codes)
      }
    }
    let figure = Figure("joint pattern of 5 columns, by column", .nanoseconds(per: "row"), targets: [.value(60)])
    table.add(Row(figure: figure, ours: seconds * 1e9 / Double(rows.count), peer: .none))
  }

  private func addCosts(_ projection: JointProjection, _ columns: [[Double]], into table: inout Table) {
    let rows = columns[0].count
    let byColumn = best(table.repetitions) {
      var total = 0.0
      for start in stride(from: 0, to: rows, by: 256) {
        var sums = [JointProjection.Sums](repeating: .zero, count: 256)
        for (position, column) in projection.columns.enumerated() {
          let values = columns[column]
          projection.add(values.span.extracting(start..<start + 256), position: position, to: &sums)
        }
        for sum in sums { total += projection.value(of: sum) }
      }
      keep(total)
    }
    let figure = Figure(
      "joint projection of \(projection.columns.count) columns, by column", .nanoseconds(per: "row"),
      targets: [.value(60)])
    table.add(Row(figure: figure, ours: byColumn * 1e9 / Double(rows), peer: .none))
    let values = (0..<4_096).map { row in columns.map { ColumnValue.number($0[row]) } }
    let byRow = best(table.repetitions) { keep(values.reduce(0) { $0 + projection.value(of: $1) }) }
    table.add(
      Row(
        figure: Figure("joint projection of \(projection.columns.count) columns, by row", .nanoseconds(per: "row")),
        ours: byRow * 1e9 / Double(values.count), peer: .none))
  }

  private func best(_ repetitions: Int, _ body: () -> Void) -> Double {
    body()
    return (0..<repetitions).map { _ in Stopwatch.seconds(body) }.min() ?? 0
  }
}
