import Engine
import Events
import Models

/// Test-then-train over a table's rows.
struct LearnRun {
  private static let batch = 1_000

  private let rows: [Row]
  /// `nil` where the file has no label: such a row is predicted and never learned.
  private let targets: [Target?]
  private let model: Model
  private let labelDelay: Int
  private let publishEvery: Int

  struct Result {
    let model: Model
    let outputs: [Output]
    let targets: [Target?]
    /// Over the rows after the first tenth.
    let evaluation: Evaluation
    let learned: Int
    let seconds: Double
  }

  init(table: DemoTable, model: Model, labelDelay: Int, publishEvery: Int, place: String) throws {
    let schema = model.schema
    rows = table.rows.map { schema.row(of: $0.features) }
    do throws(ModelError) {
      targets = try table.rows.map { row throws(ModelError) in
        try row.label.map { label throws(ModelError) in try schema.task.target(label.modelValue) }
      }
    } catch {
      throw CommandError(error.message, at: place)
    }
    self.model = model
    self.labelDelay = labelDelay
    self.publishEvery = publishEvery
  }

  func result() -> Result {
    var model = self.model
    let start = SteadyClock.seconds
    let outputs = labelDelay == 0 && publishEvery == 1 ? together(&model) : apart(&model)
    let seconds = SteadyClock.seconds - start
    var evaluation = Evaluation(task: model.schema.task)
    for index in rows.count / 10..<rows.count {
      if let target = targets[index] { evaluation.add(outputs[index], target) }
    }
    return Result(
      model: model, outputs: outputs, targets: targets, evaluation: evaluation,
      learned: model.rowsLearned - self.model.rowsLearned, seconds: seconds)
  }

  /// Every label is there before the next row.
  private func together(_ model: inout Model) -> [Output] {
    var outputs: [Output] = []
    outputs.reserveCapacity(rows.count)
    for start in stride(from: 0, to: rows.count, by: Self.batch) {
      let range = start..<min(start + Self.batch, rows.count)
      let batch = zip(rows[range], targets[range]).map { ($0, $1 ?? .number(.nan)) }
      outputs += model.predictThenLearn(batch)
    }
    return outputs
  }

  /// Rows are served by a version that is renewed with every `publishEvery` labels; those that come once every row has
  /// been served are learned at the end.
  private func apart(_ model: inout Model) -> [Output] {
    var outputs: [Output] = []
    outputs.reserveCapacity(rows.count)
    var waiting = Waiting(rows: min(publishEvery + labelDelay, rows.count))
    var learned = 0
    while outputs.count < rows.count {
      // The next version comes once these rows, too, have been served.
      let next = outputs.count..<min(learned + publishEvery + labelDelay, rows.count)
      if isScoredAfresh {
        outputs += model.predict(Array(rows[next]))
      } else {
        for (index, served) in zip(next, model.serve(Array(rows[next]))) {
          outputs.append(served.output)
          waiting.put(served, of: index)
        }
      }
      guard next.upperBound - labelDelay >= learned + publishEvery else { break }
      learn(learned..<learned + publishEvery, &waiting, &model)
      learned += publishEvery
    }
    learn(learned..<rows.count, &waiting, &model)
    return outputs
  }

  /// What the model's parts said of the rows whose labels are not there yet: a ring.
  private struct Waiting {
    private var places: [Served?]

    init(rows: Int) { places = [Served?](repeating: nil, count: rows) }

    mutating func put(_ served: Served, of row: Int) { places[row % places.count] = served }

    mutating func take(of row: Int) -> Served? { places[row % places.count].take() }
  }

  /// Labels that come one by one weigh the model's parts by what these said when they served; a block that is as long as
  /// the family's is fairer to them when it is scored afresh.
  private var isScoredAfresh: Bool { publishEvery >= model.family.blockLength }

  private func learn(_ range: Range<Int>, _ waiting: inout Waiting, _ model: inout Model) {
    if isScoredAfresh {
      model.learn(range.compactMap { index in targets[index].map { (rows[index], $0) } })
    } else {
      for index in range {
        guard let served = waiting.take(of: index), let target = targets[index] else { continue }
        model.learn(rows[index], target, served: served)
      }
    }
  }
}

extension LearnRun.Result {
  /// Row, label and score; of several classes, the probability of each.
  func csv() -> [UInt8] {
    var lines: [UInt8] = []
    let scores =
      if case .multiclass(let classes) = model.schema.task { classes.map { Self.quoted("score_\($0)") } } else {
        ["score"]
      }
    lines += Array("row,label,\(scores.joined(separator: ","))\n".utf8)
    for (index, output) in outputs.enumerated() {
      let label =
        switch targets[index] {
        case .number(let number)?: Value.text(of: number)
        case .category(let name)?: Self.quoted(name)
        case nil: ""
        }
      let score =
        switch output {
        case .number(let number): "\(number)"
        case .probabilities(let all): all.map { "\($0)" }.joined(separator: ",")
        }
      lines += Array("\(index),\(label),\(score)\n".utf8)
    }
    return lines
  }

  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
