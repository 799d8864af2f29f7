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
    let rows: Int
    /// Over the rows after the first tenth.
    let evaluation: Evaluation
    let learned: Int
    /// Of predicting and learning alone.
    let seconds: Double
  }

  init(table: DemoTable, model: Model, labelDelay: Int, publishEvery: Int, place: String) throws {
    let schema = model.schema
    rows = table.rows.map { schema.row(of: $0.features) }
    do throws(ModelError) {
      targets = try table.rows.map { row throws(ModelError) in
        try row.label.map { label throws(ModelError) in try model.family.target(label.modelValue, of: schema.task) }
      }
    } catch {
      throw CommandError(error.message, at: place)
    }
    self.model = model
    self.labelDelay = labelDelay
    self.publishEvery = publishEvery
  }

  /// What becomes of a row's output.
  typealias Take = (_ row: Int, _ target: Target?, _ output: Output) throws -> Void

  /// - Parameter take: is handed every row's output, in order, and keeps none in memory unless it wants to.
  func result(_ take: @escaping Take = { _, _, _ in }) throws -> Result {
    var model = self.model
    var walk = Walk(Evaluation(task: model.schema.task), firstScored: rows.count / 10, targets, take)
    let start = SteadyClock.seconds
    if labelDelay == 0 && publishEvery == 1 { try together(&model, &walk) } else { try apart(&model, &walk) }
    let seconds = SteadyClock.seconds - start - walk.away
    return Result(
      model: model, rows: walk.count, evaluation: walk.evaluation, learned: model.rowsLearned - self.model.rowsLearned,
      seconds: seconds)
  }

  /// The way of the outputs out.
  private struct Walk {
    private(set) var evaluation: Evaluation
    private(set) var count = 0
    /// Seconds that this took.
    private(set) var away = 0.0
    private let firstScored: Int
    private let targets: [Target?]
    private let take: Take

    init(_ evaluation: Evaluation, firstScored: Int, _ targets: [Target?], _ take: @escaping Take) {
      self.evaluation = evaluation
      self.firstScored = firstScored
      self.targets = targets
      self.take = take
    }

    mutating func pass(_ outputs: [Output]) throws {
      let start = SteadyClock.seconds
      for output in outputs {
        let target = targets[count]
        if count >= firstScored, let target { evaluation.add(output, target) }
        try take(count, target, output)
        count += 1
      }
      away += SteadyClock.seconds - start
    }
  }

  /// Every label is there before the next row.
  private func together(_ model: inout Model, _ walk: inout Walk) throws {
    for start in stride(from: 0, to: rows.count, by: Self.batch) {
      let range = start..<min(start + Self.batch, rows.count)
      let batch = zip(rows[range], targets[range]).map { ($0, $1 ?? .number(.nan)) }
      try walk.pass(model.predictThenLearn(batch))
    }
  }

  /// Rows are served by a version that is renewed with every `publishEvery` labels; those that come once every row has
  /// been served are learned at the end.
  private func apart(_ model: inout Model, _ walk: inout Walk) throws {
    var waiting = Waiting(rows: min(publishEvery + labelDelay, rows.count))
    var learned = 0
    while walk.count < rows.count {
      // The next version comes once these rows, too, have been served.
      let next = walk.count..<min(learned + publishEvery + labelDelay, rows.count)
      if isScoredAfresh {
        try walk.pass(model.predict(Array(rows[next])))
      } else {
        let served = model.serve(Array(rows[next]))
        for (index, served) in zip(next, served) { waiting.put(served, of: index) }
        try walk.pass(served.map(\.output))
      }
      guard next.upperBound - labelDelay >= learned + publishEvery else { break }
      learn(learned..<learned + publishEvery, &waiting, &model)
      learned += publishEvery
    }
    learn(learned..<rows.count, &waiting, &model)
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
