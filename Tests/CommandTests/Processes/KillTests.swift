import Events
import Foundation
import LeewayClient
import Log
import TestSupport
import Testing

@testable import leeway

/// The engine killed at any moment, as a machine's out-of-memory killer does it.
@Suite("Processes: killed", .serialized)
struct KillTests {
  private static let kills = 25
  private static let groups = ["leeway.join", "leeway.monitor", "leeway.train"]

  @Test("Killed at 25 random moments, a run ends with the same records as an undisturbed one")
  func killed() throws {
    var random = SplitMix64(seed: 20)
    let undisturbed = try Station(SmallSteps.configuration())
    // Near enough to now that no record is too old to be kept.
    let start = Milliseconds(Date().timeIntervalSince1970 / 3_600) * 3_600_000 - 24 * 3_600_000
    try undisturbed.trainFirst(on: Concept.rows(-800..<0, rule: 0, start: start, step: 1_000, using: &random))
    let stream = try stream(from: start, scoredBy: undisturbed.champion(), using: &random)
    let disturbed = try undisturbed.copy()

    try undisturbed.append(stream.predictions, to: .predictions)
    try undisturbed.append(stream.labels, to: .labels)
    try undisturbed.leeway("run", "--until-idle", "--quiet", within: 300)
    try disturb(disturbed, with: stream, using: &random)
    try disturbed.leeway("run", "--until-idle", "--quiet", within: 300)
    #expect(try progress(disturbed) == progress(undisturbed))
    try compare(disturbed, undisturbed)
  }

  /// Hands the stream to the engine piece by piece, and kills it somewhere in each: so that kills are spread over all of
  /// the way and find somebody alive, however busy the machine is.
  private func disturb(_ station: Station, with stream: Stream, using random: inout SplitMix64) throws {
    var (whileTraining, withWorkLeft) = (0, 0)
    for number in 0..<Self.kills {
      let before = try progress(station)
      let (predictions, labels) = stream.piece(number, of: Self.kills)
      try station.append(predictions, to: .predictions)
      try station.append(labels, to: .labels)
      let records = Double(predictions.count + labels.count)
      let child = try station.start("run", "--quiet")
      let goal = before + Int64(records * Double.random(in: 0.05..<0.8, using: &random))
      let pause = Double.random(in: 0...0.02, using: &random)
      // Training is short: some kills look out for it.
      let seeksTraining = try number % 3 == 0 && !isTraining(station)
      if try !seeksTraining || !waitForTraining(child, before + Int64(records * 0.8), in: station) {
        try waitFor(child, goal, in: station)
        Thread.sleep(forTimeInterval: pause)
      }
      #expect(child.kill(), "kill \(number) found nobody alive: \(child.errors)")
      let after = try progress(station)
      #expect(after > before, "kill \(number) hit a process that had not worked")
      if Double(after - before) < records * 0.9 { withWorkLeft += 1 }
      if try isTraining(station) { whileTraining += 1 }
    }
    #expect(withWorkLeft >= 5 && whileTraining > 0, "\(withWorkLeft) with work left, \(whileTraining) while training")
  }

  /// Waits for a run to be started, no longer than until the process has come this far.
  /// - Returns: whether there is one.
  private func waitForTraining(_ child: Child, _ last: Int64, in station: Station) throws -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while child.isRunning, ContinuousClock.now < end {
      if try isTraining(station) { return true }
      if try progress(station) >= last { return false }
      Thread.sleep(forTimeInterval: 0.002)
    }
    return false
  }

  /// Waits until the process has brought the log's offsets that far.
  private func waitFor(_ child: Child, _ goal: Int64, in station: Station) throws {
    let log = try station.log
    defer { log.close() }
    let reader = try log.makeReader()
    defer { reader.close() }
    // However slow the machine is: what makes no progress for so long hangs.
    var (last, end) = (Int64.min, ContinuousClock.now)
    while child.isRunning {
      let now = try Self.progress(reader)
      if now >= goal { return }
      if now > last { (last, end) = (now, .now + .seconds(120)) }
      try #require(ContinuousClock.now < end, "no progress from \(now) to \(goal)")
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  private func progress(_ station: Station) throws -> Int64 {
    let log = try station.log
    defer { log.close() }
    let reader = try log.makeReader()
    defer { reader.close() }
    return try Self.progress(reader)
  }

  /// Records that the engine's stages have committed.
  private static func progress(_ reader: any LogReader) throws -> Int64 {
    try groups.reduce(0) { try $0 + reader.committed(group: $1).values.reduce(0, +) }
  }

  /// Record by record, writer by writer: in a partition that several workers' partitions write to, only the order of
  /// each one's own records is a function of the input.
  private func compare(_ left: Station, _ right: Station) throws {
    for topic in [Topic.examples, .summaries, .drift, .triggers, .models, .deadletters] {
      let (found, wanted) = (try left.records(of: topic), try right.records(of: topic))
      #expect(wanted.values.contains { !$0.isEmpty }, "\(topic) is empty: the comparison shows nothing")
      for (place, records) in wanted.sorted(by: { $0.key < $1.key }) {
        let (own, other) = (byWriter(records), byWriter(found[place] ?? []))
        #expect(own.keys.sorted() == other.keys.sorted() && records.count == found[place]?.count, "\(place)")
        for (writer, records) in own.sorted(by: { $0.key < $1.key }) {
          compare(other[writer] ?? [], records, "\(place), written by \(writer)")
        }
      }
    }
    let models = try left.values(of: .models).map { try ModelRecord.decode($0) }
    #expect(Set(models.map(\.version)).count >= 3, "versions: \(models.map(\.version))")
    let rules = Set(try left.values(of: .triggers).map { try Trigger.decode($0).rule })
    #expect(rules.isSuperset(of: ["manual", "performance", "drift"]), "\(rules)")
    try checkRuns(left)
    try checkArtifacts(left, models)
  }

  private func compare(_ found: [Record], _ wanted: [Record], _ place: String) {
    #expect(found.count == wanted.count, "\(place)")
    guard let index = zip(found, wanted).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else {
      return
    }
    func text(_ record: Record) -> String {
      String(
        decoding: RecordLine.text(StoredRecord(offset: Int64(index), record: record), TopicPartition("", 0), nil),
        as: UTF8.self)
    }
    Issue.record("\(place): \(text(found[index])), wanted: \(text(wanted[index]))")
  }

  private func byWriter(_ records: [StoredRecord]) -> [String: [Record]] {
    Dictionary(grouping: records.map(\.record)) { record in
      String(decoding: record.headers.first { $0.name == "ce_source" }?.value ?? [], as: UTF8.self)
    }
  }

  /// Whether a run has begun and is not reported.
  private func isTraining(_ station: Station) throws -> Bool {
    try station.values(of: .runs).map { try RunRecord.decode($0) }.reduce(0) { open, record in
      if case .started = record { open + 1 } else { open - 1 }
    } > 0
  }

  /// A run is started once and reported once, however often it was begun.
  private func checkRuns(_ station: Station) throws {
    var started: [String: Int] = [:]
    var finished: [String: Int] = [:]
    for value in try station.values(of: .runs) {
      switch try RunRecord.decode(value) {
      case .started(let run): started[run.run, default: 0] += 1
      case .finished(let report): finished[report.run, default: 0] += 1
      case .requested: break
      }
    }
    #expect(started.count >= 3 && started.values.allSatisfy { $0 == 1 }, "\(started)")
    #expect(finished == started)
  }

  /// The bytes of every version are there, with the checksum that its record states.
  private func checkArtifacts(_ station: Station, _ models: [ModelRecord]) throws {
    let log = try station.log
    defer { log.close() }
    for checksum in Set(models.compactMap(\.artifact)) {
      guard case .verified = try PublishedArtifact.fetch(checksum: checksum, from: log, names: TopicNames()) else {
        Issue.record("artifact \(checksum) is not whole")
        continue
      }
    }
  }

  /// Events to append, in order of time.
  private struct Stream {
    var predictions: [Station.Event] = []
    var labels: [Station.Event] = []

    /// One of so many stretches of equal time.
    func piece(_ number: Int, of count: Int) -> (predictions: [Station.Event], labels: [Station.Event]) {
      let first = predictions.first?.time ?? 0
      let length = ((labels.last?.time ?? 0) - first) / Milliseconds(count) + 1
      let stretch = first + Milliseconds(number) * length..<first + Milliseconds(number + 1) * length
      return (predictions.filter { stretch.contains($0.time) }, labels.filter { stretch.contains($0.time) })
    }
  }

  /// Predictions and their labels: the rule changes twice, and a column moves away. Among them are late, doubled and
  /// missing labels, and predictions that nobody can read.
  private func stream(
    from start: Milliseconds, scoredBy scorer: LocalScorer, using random: inout SplitMix64
  ) throws -> Stream {
    let rows =
      Concept.rows(0..<1_500, rule: 0, start: start, step: 1_000, using: &random)
      + Concept.rows(1_500..<3_000, rule: 1, start: start, step: 1_000, using: &random)
      + Concept.rows(3_000..<4_500, rule: 2, shift: 2, start: start, step: 1_000, using: &random)
    var stream = Stream()
    for row in rows {
      let scored = scorer.score(row.features)
      let prediction = Prediction(
        id: row.id, model: Station.model, version: scored.version, time: row.time, features: row.features,
        score: scored.score)
      let isReadable = Int.random(in: 0..<100, using: &random) > 0
      let bytes = prediction.encoded()
      stream.predictions.append((row.id, row.time, isReadable ? bytes : bytes.dropLast(5)))
      if Int.random(in: 0..<50, using: &random) == 0 { continue }
      let time = row.time + Milliseconds.random(in: 1...300, using: &random) * 1_000
      let label = Label(prediction: row.id, model: Station.model, time: time, value: .number(Double(row.label)))
      stream.labels.append((row.id, time, label.encoded()))
      if Int.random(in: 0..<40, using: &random) == 0 { stream.labels.append((row.id, time, label.encoded())) }
    }
    stream.labels.sort { ($0.time, $0.id) < ($1.time, $1.id) }
    return stream
  }
}
