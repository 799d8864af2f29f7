import Control
import Foundation
import Models

/// Losses of two models of one family, learned on different parts of a stream, on rows behind both.
struct RealPairs: Sendable {
  /// Which parts the models learned.
  enum Parts: String, Sendable {
    /// As the gate meets them: before every thousand rows the champion is what had been learned 3,000 rows earlier, the
    /// challenger what has been learned now.
    case rolling
    /// The first 40 % and the second to third fifth, neither ever renewed, judged over the last 40 %: whole seasons of
    /// the stream become regimes.
    case frozen
  }

  private var champion: [Double] = []
  private var challenger: [Double] = []
  /// Losses of both under labels 0 and 1.
  private var possible: [[(champion: Double, challenger: Double)]] = []
  private let loss: LossFunction

  init(_ rows: [(Models.Row, Target)], schema: Schema, _ parts: Parts) {
    loss = LossFunction(.clippedLogLoss, task: schema.task)
    let count = rows.count
    switch parts {
    case .frozen:
      var models = [Model(schema: schema), Model(schema: schema)]
      models[0].learn(rows[..<(count * 2 / 5)])
      models[1].learn(rows[(count / 5)..<(count * 3 / 5)])
      judge(models[0], models[1], rows[(count * 3 / 5)...])
    case .rolling:
      let (step, age) = (1_000, 3)
      var models = [Model(schema: schema)]
      for start in stride(from: 0, to: count - step, by: step) {
        if models.count > age + 2 {
          judge(models[models.count - 1 - age], models[models.count - 1], rows[start..<start + step])
        }
        var next = models[models.count - 1]
        next.learn(rows[start..<start + step])
        models.append(next)
      }
    }
  }

  private mutating func judge(_ older: Model, _ newer: Model, _ rows: ArraySlice<(Models.Row, Target)>) {
    let inputs = rows.map(\.0)
    for (row, (old, new)) in zip(rows, zip(older.predict(inputs), newer.predict(inputs))) {
      guard let own = loss(old, row.1), let other = loss(new, row.1) else { continue }
      champion.append(own)
      challenger.append(other)
      possible.append(
        [0, 1].map { (champion: loss(old, .number($0)) ?? own, challenger: loss(new, .number($0)) ?? other) })
    }
  }

  /// All rows, the challenger's losses shifted to the mean that is asked for.
  func shifted(_ gain: Double) -> [LossPair] {
    let count = Double(champion.count)
    let shift = champion.reduce(0, +) / count * (1 - gain) - challenger.reduce(0, +) / count
    return champion.indices.map { row in
      LossPair(
        champion: champion[row], challenger: challenger[row] + shift,
        possible: possible[row].map { (champion: $0.champion, challenger: $0.challenger + shift) })
    }
  }
}

extension PairStream {
  private struct Source {
    let name: String
    let blocks: [Int]
    var dropped: Set<String> = []
    var categorical: Set<String> = []
    var parts: [RealPairs.Parts] = [.rolling, .frozen]
  }

  /// Block lengths per stream. Frozen models in blocks of 200 rows are the shape in which the gate fails: a few regimes
  /// carry all the harm.
  private static let sources = [
    Source(name: "elec2", blocks: [1, 50, 200], dropped: ["date"], categorical: ["day"]),
    Source(name: "hyperplane", blocks: [1, 50]), Source(name: "bank_marketing", blocks: [50, 200]),
  ]

  static func real(folder: String) throws -> [PairStream] {
    try sources.flatMap { source -> [PairStream] in
      let table = try LabelledTable(folder: folder, name: source.name)
      let (schema, rows) = try table.rows(dropped: source.dropped, categorical: source.categorical)
      return source.parts.flatMap { parts -> [PairStream] in
        let pairs = RealPairs(rows, schema: schema, parts)
        return source.blocks.map { block in
          PairStream(
            "\(source.name), \(parts.rawValue), by \(block)", hasHistory: true, isPromised: block < 200
          ) { gain in
            let all = pairs.shifted(gain)
            return { rows, random in drawn(rows, of: all, block: block, &random) }
          }
        }
      }
    }
  }

  /// Rows drawn in blocks of `block`, around the end.
  private static func drawn(
    _ rows: Int, of all: [LossPair], block: Int, _ random: inout SplitMix64
  ) -> [LossPair] {
    var drawn: [LossPair] = []
    drawn.reserveCapacity(rows + block)
    while drawn.count < rows {
      let start = Int.random(in: all.indices, using: &random)
      for place in start..<start + block { drawn.append(all[place % all.count]) }
    }
    return Array(drawn.prefix(rows))
  }
}
