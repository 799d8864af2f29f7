import Bytes
import EventLog
import Events
import Foundation
import LeewayClient
import Log
import TestSupport
import Testing

@testable import leeway

/// Two engines on one cluster, one of them killed again and again: the other takes its partitions over.
@Suite(
  "Processes: taken over", .serialized, .enabled(if: Cluster.servers != nil, "LEEWAY_KAFKA names no broker"))
struct TakeoverTests {
  private static let kills = 2

  @Test("What two workers write, killed in turn, equals an undisturbed run on the embedded log")
  func takenOver() throws {
    var random = SplitMix64(seed: 21)
    let undisturbed = try Station(SmallSteps.configuration())
    let start = Milliseconds(Date().timeIntervalSince1970 / 3_600) * 3_600_000 - 24 * 3_600_000
    try undisturbed.importHistory(Concept.rows(-800..<0, rule: 0, start: start, step: 1_000, using: &random))
    let history = try Cluster.topics.map { ($0, try undisturbed.records(of: $0)) }
    try undisturbed.leeway("run", "--until-idle", "--quiet")
    let events = try self.events(start, undisturbed, using: &random)
    let cluster = try Cluster { SmallSteps.configuration(prefix: $0) }
    for (topic, records) in history { try cluster.append(records.mapValues { $0.map(\.record) }, to: topic) }

    try undisturbed.append(events.predictions, to: .predictions)
    try undisturbed.append(events.labels, to: .labels)
    try undisturbed.leeway("run", "--until-idle", "--quiet", within: 60)

    try disturb(cluster, with: events)
    for topic in [Topic.examples, .summaries, .drift, .triggers, .models, .deadletters] {
      let (found, wanted) = (try cluster.outputs(of: topic), try Cluster.outputs(undisturbed.records(of: topic)))
      #expect(wanted.isEmpty == (topic == .deadletters), "\(topic): the comparison shows nothing")
      #expect(found.keys.sorted() == wanted.keys.sorted(), "\(topic)")
      for (place, texts) in wanted.sorted(by: { $0.key < $1.key }) {
        let other = found[place] ?? []
        let same = zip(texts, other).prefix { $0 == $1 }.count
        #expect(
          other == texts,
          "\(place): \(other.count) of \(texts.count), at \(same): \(other.dropFirst(same).first ?? "-")")
      }
    }
  }

  private typealias Events = (predictions: [Station.Event], labels: [Station.Event])

  private func events(_ start: Milliseconds, _ station: Station, using random: inout SplitMix64) throws -> Events {
    let scorer = try station.champion()
    let rows =
      Concept.rows(0..<900, rule: 0, start: start, step: 1_000, using: &random)
      + Concept.rows(900..<2_400, rule: 1, shift: 2, start: start, step: 1_000, using: &random)
    let predictions: [Station.Event] = rows.map { row in
      let scored = scorer.score(row.features)
      let prediction = Prediction(
        id: row.id, model: Station.model, version: scored.version, time: row.time, features: row.features,
        score: scored.score)
      return (row.id, row.time, prediction.encoded())
    }
    let labels: [Station.Event] = rows.map { row in
      let time = row.time + 60_000
      let label = Label(prediction: row.id, model: Station.model, time: time, value: .number(Double(row.label)))
      return (row.id, time, label.encoded())
    }
    return (predictions, labels)
  }

  /// Hands the events over piece by piece and kills one of the two in each, in the middle of it; the rest of the piece is
  /// the other's alone.
  private func disturb(_ cluster: Cluster, with events: Events) throws {
    let names = ["one", "two"]
    var workers = try names.map { try cluster.start($0) }
    try wait(for: "the first version", within: 30) { try !cluster.outputs(of: .models).isEmpty }
    let pieces = Self.kills + 1
    for piece in 0..<pieces {
      let halves = (0..<2).map { half in
        let (index, count) = (piece * 2 + half, pieces * 2)
        return (
          predictions: events.predictions[at: index, of: count], labels: events.labels[at: index, of: count]
        )
      }
      for (half, part) in halves.enumerated() {
        let before = try cluster.ends(of: .examples)
        try cluster.append(part.predictions, to: .predictions)
        try cluster.append(part.labels, to: .labels)
        try wait(for: "piece \(piece).\(half): examples in every partition", within: 30) {
          try cluster.ends(of: .examples).allSatisfy { $0.value > before[$0.key] ?? 0 }
        }
        guard half == 0, piece < Self.kills else { continue }
        let victim = piece % 2
        #expect(workers[victim].kill(), "\(names[victim]) had ended: \(workers[victim].errors.suffix(500))")
      }
      guard piece < Self.kills else { continue }
      #expect(workers[1 - piece % 2].isRunning, "\(workers[1 - piece % 2].errors.suffix(500))")
      workers[piece % 2] = try cluster.start(names[piece % 2])
    }
    for worker in workers { worker.terminate() }
    for worker in workers { #expect(try worker.end(within: 20).status == 0) }
    // Their places are kept for them until their sessions are over.
    Thread.sleep(forTimeInterval: Cluster.session + 1)
    let last = try Child(["run", "--until-idle", "--quiet", "--name", names[0]], in: cluster.folder.path)
      .end(within: 60)
    #expect(last.status == 0, "\(last.errors)")
  }
}

extension Array {
  /// One of so many pieces of about equal size.
  fileprivate subscript(at index: Int, of count: Int) -> [Element] {
    Array(self[self.count * index / count..<self.count * (index + 1) / count])
  }
}
