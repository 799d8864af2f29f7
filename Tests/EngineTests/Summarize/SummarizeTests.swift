import Events
import Foundation
import Log
import Models
import Simulation
import Sketches
import TestSupport
import Testing

@testable import Engine

/// Panes against a count over all rows of the input, made with plain loops.
struct SummarizeTests {
  static let end: Milliseconds = 10_000
  static let intake = IntakeConfiguration(pane: 10, lateness: 15, labelHorizon: 40, futureSlack: 0)

  struct Row {
    let prediction: Prediction
    let label: Label?
  }

  static func rows(seed: UInt64) -> [Row] {
    var random = SplitMix64(seed: seed)
    func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &random)] }
    return (0..<60).map { number in
      let time = Milliseconds(number) + .random(in: -12...0, using: &random)
      var features: [Feature] = []
      let x: FeatureValue = pick([
        .number(pick([-1, 0, 0.5, 2])), .number(.random(in: -3...3, using: &random)), .missing, .category("text"),
        .number(1e200),
      ])
      if pick([true, true, false]) { features.append(Feature(name: "x", value: x)) }
      let levels = ["red", "green", "rare", "blue", "pink"]
      features.append(Feature(name: "c", value: pick([.category(pick(levels)), .number(3), .missing])))
      if pick([true, false]) { features.reverse() }
      features.append(Feature(name: "stranger", value: .number(1)))
      let p = Double.random(in: 0...1, using: &random)
      let prediction = Prediction(
        id: "p\(number)", model: "m", version: pick([1, 2]), time: time, features: features,
        score: pick([.number(p), .probabilities([1 - p, p])]))
      let label = Label.plain("p\(number)", at: time + .random(in: 0...30, using: &random), pick([0, 1]))
      return Row(prediction: prediction, label: pick([label, label, label, nil]))
    }
  }

  static func harness(_ rows: [Row]) -> StageHarness<JoinStage> {
    let predictions = rows.map(\.prediction)
    let labels = rows.compactMap(\.label).sorted { ($0.time, $0.prediction) < ($1.time, $1.prediction) }
    let directory = Directory(["m/1": References.facts(published: 1), "m/2": References.facts(published: 2)])
    let stage = JoinStage(
      partition: 0,
      configuration: EngineConfiguration(
        inputPartitions: 1, intake: intake, models: [ModelConfiguration(name: "m", task: .binary)]),
      versions: directory, firstFreeNumber: 0)
    let watermark = Watermark(
      partition: 0, time: end,
      offsets: [
        TopicOffset(topic: "predictions", offset: Int64(predictions.count)),
        TopicOffset(topic: "labels", offset: Int64(labels.count)),
      ])
    return StageHarness(
      stage,
      inputs: [
        .predictions: stored(predictions) { _ in end }, .labels: stored(labels) { _ in end },
        .watermarks: stored([watermark]) { $0.time },
      ])
  }

  static func near(_ left: Double, _ right: Double) -> Bool { abs(left - right) <= 1e-9 * max(1, abs(right)) }

  /// Count, mean, squared deviations and ends of plain numbers against a record of them.
  static func fits(_ record: MomentsRecord?, _ values: [Double]) -> Bool {
    guard let record else { return values.isEmpty }
    let mean = values.reduce(0, +) / Double(values.count)
    let m2 = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return record.count == values.count && near(record.mean, mean) && near(record.m2, m2)
      && near(record.min, values.min() ?? .nan) && near(record.max, values.max() ?? .nan)
  }

  static func histogram(_ values: [Double], _ edges: [Double]) -> [Int] {
    var bins = [Int](repeating: 0, count: edges.count + 1)
    for value in values { bins[edges.filter { $0 < value }.count] += 1 }
    return bins
  }

  static func probability(_ score: Score?) -> Double {
    switch score {
    case .number(let number): number
    case .probabilities(let values): values[1]
    default: .nan
    }
  }

  private func check(_ pane: PaneSummary, _ rows: [Prediction]) {
    #expect(pane.rows == rows.count && pane.end == pane.start + 10 && pane.tick == pane.start + 30)
    let x = rows.map { row in row.features.first { $0.name == "x" }?.value ?? .missing }
    let numbers = x.compactMap { if case .number(let number) = $0, number < 1e100 { number } else { nil } }
    let column = pane.columns[0]
    #expect(column.name == "x" && column.count == numbers.count && column.missing == x.filter { $0 == .missing }.count)
    #expect(column.invalid == rows.count - column.count - column.missing)
    #expect(column.bins == Self.histogram(numbers, References.edges) && Self.fits(column.moments, numbers))
    let levels = rows.compactMap { row -> String? in
      switch row.features.first(where: { $0.name == "c" })?.value {
      case .category(let level): level
      case .number: "3"
      default: nil
      }
    }
    func count(_ level: String) -> Int { levels.filter { $0 == level }.count }
    let categories = pane.columns[1]
    let unseen = ["blue", "pink", "3"].filter { count($0) > 0 }
    #expect(categories.missing == rows.count - levels.count && categories.moments == nil)
    #expect(categories.bins == [count("red"), count("green"), count("rare"), unseen.map(count).reduce(0, +)])
    #expect(
      Dictionary(uniqueKeysWithValues: categories.unseen.map { ($0.level, $0.count) })
        == Dictionary(uniqueKeysWithValues: unseen.map { ($0, count($0)) }))
    let scores = rows.map { Self.probability($0.score) }
    #expect(pane.prediction?.bins == Self.histogram(scores, [0.25, 0.5, 0.75]))
    #expect(Self.fits(pane.prediction?.moments, scores))
  }

  private func check(_ pane: JudgedSummary, _ rows: [Row]) {
    let labelled = rows.compactMap { row in row.label.map { (Self.probability(row.prediction.score), $0.value) } }
      .map { ($0, $1 == .number(1) ? 1.0 : 0.0) }
    let losses = labelled.map { p, y in -log(min(max(y == 1 ? p : 1 - p, 0.01), 0.99)) }
    #expect(pane.rows == labelled.count && pane.expired == rows.count - labelled.count)
    #expect(Self.fits(pane.loss, losses))
    #expect(Self.fits(pane.error, labelled.map { p, y in (p >= 0.5 ? 1.0 : 0.0) == y ? 0 : 1 }))
    #expect(Self.fits(pane.label, labelled.map(\.1)))
  }

  @Test(arguments: 0..<25 as Range<UInt64>) func agreesWithACountOverEverything(seed: UInt64) throws {
    let rows = Self.rows(seed: seed)
    var harness = Self.harness(rows)
    try harness.poll(.predictions)
    try harness.poll(.labels)
    try harness.poll(.watermarks)
    let late = Set(try harness.read(.deadletters, as: DeadLetter.self).map { rows[Int($0.offset)].prediction.id })
    let records = try harness.read(.summaries, as: SummaryRecord.self)
    func place(_ prediction: Prediction) -> [Milliseconds] {
      [Milliseconds((Double(prediction.time) / 10).rounded(.down)) * 10, Milliseconds(prediction.version ?? 0)]
    }
    let inTime = rows.filter { !late.contains($0.prediction.id) }
    let expected = Dictionary(grouping: inTime) { place($0.prediction) }
    var panes: [[Milliseconds]] = []
    var judged: [[Milliseconds]] = []
    var told = ModelCounts(model: "m")
    var introduced: Set<Int> = []
    for record in records {
      switch record {
      case .pane(let pane):
        panes.append([pane.start, Milliseconds(pane.version)])
        check(pane, (expected[panes[panes.count - 1]] ?? []).map(\.prediction))
        #expect((pane.facts != nil) == introduced.insert(pane.version).inserted, "facts come once, first")
      case .judged(let pane):
        judged.append([pane.start, Milliseconds(pane.version)])
        check(pane, expected[judged[judged.count - 1]] ?? [])
      case .progress(let progress):
        for counts in progress.counts { told.add(counts) }
      }
    }
    let all = expected.keys.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    #expect(panes == all && judged == all, "each pane once, in order")
    #expect(told.late == late.count && told.predictions == inTime.count)
    #expect(told.examples == inTime.filter { $0.label != nil }.count)
  }

  @Test func lateEventsAreCountedNotLost() throws {
    // At 34 the pane from 0 to 10 closes: its end and the lateness have passed the tick of 30.
    let predictions = [(0, "a"), (29, "b"), (9, "in time"), (34, "c"), (9, "late"), (10, "kept"), (-7, "late too")]
      .map { time, id in
        Prediction(id: id, model: "m", version: 1, time: Milliseconds(time), features: [], score: .number(0.5))
      }
    var harness = Self.harness(predictions.map { Row(prediction: $0, label: nil) })
    try harness.poll(.predictions)
    try harness.poll(.watermarks)
    let letters = try harness.read(.deadletters, as: DeadLetter.self)
    #expect(letters.map(\.code) == ["late", "late"] && letters.map(\.offset) == [4, 6])
    var counts = ModelCounts(model: "m")
    for case .progress(let progress) in try harness.read(.summaries, as: SummaryRecord.self) {
      for told in progress.counts { counts.add(told) }
    }
    #expect(counts.late == 2 && counts.predictions == 5 && counts.expired == 5)
  }

  /// Its square would be infinite, and no snapshot with such a pane could be read again.
  @Test func aLabelBeyondAllMeasureIsNotCounted() {
    var pane = Summarize.Judged()
    pane.add(VersionLayout.Judgement(loss: 1, error: 1, label: 3), losses: nil)
    pane.add(VersionLayout.Judgement(loss: 1, error: 1, label: 1e300), losses: nil)
    #expect(pane.rows == 2 && pane.loss.count == 2 && pane.label == Moments([3]) && pane.label.isValid)
  }
}
