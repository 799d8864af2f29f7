import Foundation
import Models

/// `warm [--data DIRECTORY] [--json FILE]`: what a warm start spares of gradient work, counted in rows learned.
///
/// Of each stream the last tenth of the rows is held out, and nobody learns of it. A champion has learned the first 81 %;
/// the 9 % behind those are new: a tenth of all that there is to learn from. The challenger is the champion, learning on;
/// its mean loss over the held-out rows is taken after every tenth of the new rows. Training from scratch learns all
/// 90 %, in order, three times with seeds of its own. The challenger has reached it where its loss is at most that of the
/// worst of the three, and stays so to the last new row: it is then as good as training from scratch is with one seed or
/// another. Beside it stands what a model says that began anew and learned nothing but the new rows: on a stream that
/// drifts it can be better than both, since it has nothing to forget.
///
/// Losses are log loss, or absolute error for a regression. `--data`, or the variable `LEEWAY_DATA`, names the directory.
func warmStartBenchmark(_ arguments: [String]) throws {
  var options = ["--data": SharedStream.folder]
  var rest = arguments[...]
  while let name = rest.popFirst() {
    guard ["--data", "--json"].contains(name), let value = rest.popFirst() else {
      throw BenchmarkFault(description: "\(name): --data DIRECTORY or --json FILE is expected")
    }
    options[name] = value
  }
  guard let folder = options["--data"] ?? nil else {
    throw BenchmarkFault(description: "--data or LEEWAY_DATA must name a directory with the streams")
  }
  var table = BenchmarkTable(
    "Held-out loss of training from scratch, and the rows after which a warm start has reached it",
    ["stream", "rows from scratch", "loss, worst of 3", "best of 3", "champion", "warm", "anew", "rows", "of scratch"])
  var reached = 0
  for stream in SharedStream.all {
    let start = try WarmStart(stream, folder: folder)
    reached += start.isCheap ? 1 : 0
    table.add([stream.name] + start.cells)
  }
  print("\nreached with at most a tenth of the rows on \(reached) of \(SharedStream.all.count) streams")
  if let path = options["--json"] ?? nil {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(table).write(to: URL(fileURLWithPath: path))
  }
}

/// One stream's figures.
private struct WarmStart {
  private static let seeds: [UInt64] = [2, 3, 4]
  private static let looks = 10

  private let rowsFromScratch: Int
  private let scratch: [Double]
  private let champion: Double
  private let warm: Double
  private let anew: Double
  /// Rows that the challenger had learned when it reached the loss from scratch; nil where it did not.
  private let rows: Int?

  init(_ stream: SharedStream, folder: String) throws {
    let (schema, all) = try stream.rows(in: folder)
    let (known, learned) = (all.count * 81 / 100, all.count * 9 / 10)
    let heldOut = all[learned...]
    func loss(_ model: Model) -> Double {
      let loss = LossFunction(schema.task == .regression ? .absoluteError : .logLoss, task: schema.task)
      let losses = zip(model.predict(heldOut.map(\.0)), heldOut).compactMap { loss($0, $1.1) }
      return losses.reduce(0, +) / Double(losses.count)
    }
    scratch = Self.seeds.map { seed in
      var model = Model(schema: schema, seed: seed)
      model.learn(all[..<learned])
      return loss(model)
    }
    let bound = scratch.max() ?? .infinity
    var challenger = Model(schema: schema)
    challenger.learn(all[..<known])
    champion = loss(challenger)
    var rows: Int?
    for look in 1...Self.looks {
      let (from, to) = ((learned - known) * (look - 1) / Self.looks, (learned - known) * look / Self.looks)
      challenger.learn(all[(known + from)..<(known + to)])
      rows = loss(challenger) <= bound ? rows ?? to : nil
    }
    self.rows = rows
    warm = loss(challenger)
    var beginner = Model(schema: schema)
    beginner.learn(all[known..<learned])
    anew = loss(beginner)
    rowsFromScratch = learned
  }

  var isCheap: Bool { rows.map { 10 * $0 <= rowsFromScratch } ?? false }

  var cells: [String] {
    let losses = [scratch.max() ?? .nan, scratch.min() ?? .nan, champion, warm, anew].map {
      String(format: "%.5g", $0)
    }
    let share = rows.map { String(format: "%.1f %%", 100 * Double($0) / Double(rowsFromScratch)) }
    return ["\(rowsFromScratch)"] + losses + [rows.map { "\($0)" } ?? "never", share ?? "-"]
  }
}
