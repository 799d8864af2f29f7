import Foundation
import Models

/// Rows learned a second, test-then-train in one thread, of elec2's rows in memory: what a family takes to encode,
/// predict, learn and mix. Beside each, Vowpal Wabbit's own C++ driver with one logistic model over the same rows, and
/// river's adaptive random forest.
///
/// Vowpal Wabbit is the Python package `vowpalwabbit`, whose driver reads a file: here its binary cache, so that no text
/// is parsed, with the rows twenty times over, so that starting counts for little. The forest has ten trees and learns
/// the first 2,000 rows only; it slows down as its trees grow.
///
/// `LEEWAY_DATA` names a directory with `elec2.csv.gz`; without it nothing is measured.
struct LearnBenchmark: Benchmark {
  let name = "learner"
  /// Of a call of the model, as `leeway learn` makes them.
  private static let batch = 1_000
  private static let copies = 20
  private static let forestRows = 2_000

  func run(into table: inout Table) throws {
    guard let folder = SharedStream.folder else { return }
    let (schema, rows) = try SharedStream.elec2.rows(in: folder)
    let driver = try vowpalWabbit(schema, rows, &table)
    let forest = try forest(schema, rows, &table)
    for (family, least) in [(Family.linear, 3_000_000.0), (.linearMixture, 1_200_000), (.mixture, 400_000)] {
      let ours = Contender("Models") {
        var model = Model(schema: schema, family: family)
        for start in stride(from: 0, to: rows.count, by: Self.batch) {
          keep(model.predictThenLearn(rows[start..<min(start + Self.batch, rows.count)]))
        }
      }
      try table.compare(
        Figure(family.name, .perSecond("row"), targets: [.value(least)]), items: rows.count, ours: ours, peer: driver)
      guard family == .mixture else { continue }
      try table.compare(
        Figure("\(family.name), beside a forest", .perSecond("row")), items: rows.count, ours: ours, peer: forest)
    }
  }

  private func vowpalWabbit(_ schema: Schema, _ rows: [(Models.Row, Target)], _ table: inout Table) throws -> Peer {
    let text = rows.map { row, target in
      let features = zip(schema.columns, row.values).map { column, value in
        switch value {
        case .number(let number): " \(column.name):\(number)"
        case .category(let level): " \(column.name)=\(level)"
        case .missing: ""
        }
      }
      return "\(target == .number(1) ? 1 : -1) |\(features.joined())\n"
    }.joined()
    let path = table.folder.appending(path: "elec2.vw").path
    try Data(String(repeating: text, count: Self.copies).utf8).write(to: URL(fileURLWithPath: path))
    let peer = table.python(
      packages: ["vowpalwabbit"],
      functions: """
        def driver():
            vowpalwabbit.Workspace("-d \(path) --cache_file \(path).cache --loss_function logistic --quiet").finish()
        """)
    return peer.calling("driver", scaledBy: 1 / Double(Self.copies))
  }

  private func forest(_ schema: Schema, _ rows: [(Models.Row, Target)], _ table: inout Table) throws -> Peer {
    var data = ["label": rows.prefix(Self.forestRows).map { $0.1 == .number(1) ? 1.0 : 0 }]
    for (index, column) in schema.columns.enumerated() {
      data["x_\(column.name)"] = rows.prefix(Self.forestRows).map { row, _ in
        switch row.values[index] {
        case .number(let number): number
        case .category(let level): Double(level) ?? .nan
        case .missing: .nan
        }
      }
    }
    let names = schema.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let peer = table.python(
      packages: ["river"], data: data,
      functions: """
        from river import forest
        names = [\(names)]
        rows = list(zip([dict(zip(names, x)) for x in zip(*[globals()["x_" + n].tolist() for n in names])],
                        [int(y) for y in label]))
        def grow():
            model = forest.ARFClassifier(n_models=10, seed=1)
            for x, y in rows:
                model.predict_proba_one(x)
                model.learn_one(x, y)
        """)
    return peer.calling("grow", scaledBy: Double(rows.count) / Double(Self.forestRows))
  }
}
