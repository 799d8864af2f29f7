import Engine
import EventLog
import Events
import Foundation
import LeewayClient
import Log
import Models
import Synchronization
import TestSupport
import Testing

@testable import leeway

/// What a person decides on the command line, with an engine at work that does it.
@Suite("Promote, reject and roll back on the command line")
struct DecisionCommandTests {
  private static let configuration = "models: [{name: m}]\n"

  /// A log with versions 1 and 2.
  private static func station() throws -> Station {
    let station = try Station(configuration)
    var random = SplitMix64(seed: 1)
    for start in [0, 400] {
      let rows = Concept.rows(
        start..<start + 400, rule: 0, start: 1_700_000_000_000, step: 1_000, using: &random)
      try station.trainFirst(on: rows)
    }
    return station
  }

  private static func versions(_ station: Station) throws -> [ModelRecord] {
    try station.leeway("models", "list", "m", "--json").lines.map { try ModelRecord.decode(Array($0.utf8)) }
  }

  private static func models(_ arguments: String..., in station: Station) throws -> Finished {
    try Child(["models"] + arguments, in: station.folder.path).end(within: 90)
  }

  @Test("promoted and rolled back with who and why, by compare-and-set; and the versions come out the same again")
  func decide() throws {
    let station = try Self.station()
    let before = try Self.versions(station)
    let former = try #require(before.last { $0.status == .champion })
    let other = try #require(before.first { $0.status != .champion })
    let engine = try station.start("run")
    let promoted = try Self.models(
      "promote", "m", "\(other.version)", "--why", "as agreed", "--who", "ada", "--wait", "60", in: station)
    #expect(promoted.status == 0, "\(promoted.errors)")
    #expect(promoted.output.contains("m version \(other.version) is champion: as agreed"))
    #expect(promoted.output.contains("m version \(former.version) is retired"))
    let late = try Self.models(
      "promote", "m", "\(former.version)", "--why", "late", "--expect", "\(former.version)", "--wait", "60",
      in: station)
    #expect(late.status == 1 && late.errors.contains("version \(other.version) is the champion, not version"))
    let back = try Self.models("rollback", "m", "--why", "complaints", "--json", "--wait", "60", in: station)
    #expect(back.status == 0 && back.output.contains(#""outcome":"done""#), "\(back.errors)")
    let impossible = try Self.models("reject", "m", "champion", "--why", "x", "--json", "--wait", "60", in: station)
    #expect(impossible.status == 1 && impossible.output.contains(#""code":"impossible_change""#))
    engine.terminate()
    #expect(try engine.end(within: 30).status == 0)

    let after = try Self.versions(station)
    #expect(after.first { $0.version == former.version }?.status == .champion)
    #expect(after.first { $0.version == other.version }?.status == .rolledBack)
    #expect(try station.champion().version == former.version)
    let shown = try Self.models("show", "m", "champion", in: station)
    #expect(shown.output.contains("version         \(former.version)\n"))
    let trail = try Self.models("audit", "m", in: station).lines
    #expect(trail.contains { $0.contains("→ champion") && $0.contains("ada") && $0.contains("as agreed") })
    #expect(trail.contains { $0.contains("champion → rolled_back") && $0.contains("complaints") })
    let verified = try Self.models("audit", "--verify", in: station)
    #expect(verified.status == 0 && verified.output.contains("the chain holds"), "\(verified.output)")

    let same = try Self.models("reproduce", "m", "--all", in: station)
    #expect(same.status == 0 && same.lines.count == after.count, "\(same.output)")
    #expect(same.lines.allSatisfy { $0.contains(": the same from ") })
    // Another configuration makes something else, or nothing, and that is said.
    try station.folder.write("leeway.yaml", "models: [{name: m, drop: [noise]}]\n")
    let other1 = try Self.models("reproduce", "m", "1", in: station)
    #expect(other1.status == 1 && other1.output.contains("under another configuration"), "\(other1.output)")
  }

  @Test("a version is made anew from what its bytes depend on, without its judges, and however long that takes")
  func reproduceAlone() throws {
    let station = try Station(Self.configuration)
    var random = SplitMix64(seed: 3)
    try station.trainFirst(on: Concept.rows(0..<400, rule: 0, start: 1_700_000_000_000, step: 1_000, using: &random))
    var record = try #require(try Self.versions(station).first)
    let runs = try station.values(of: .runs).compactMap { value -> RunStarted? in
      if case .started(let run) = try RunRecord.decode(value) { run } else { nil }
    }
    var run = try #require(runs.first)
    // The same once more as version 2, judged against versions whose bytes are gone.
    (run.run, run.version) = ("m/again/1", 2)
    run.champion = NamedVersion(version: 8, artifact: String(repeating: "8", count: 64))
    run.fallback = NamedVersion(version: 9, artifact: String(repeating: "9", count: 64))
    run.contest = String(repeating: "7", count: 64)
    (record.version, record.trigger, record.previous) = (2, run.run, nil)
    let log = try station.log
    defer { log.close() }
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    let key = Array("m".utf8)[...]
    for (topic, value) in [("runs", RunRecord.started(run).encoded()), ("models", record.encoded())] {
      let entry = Record(timestamp: run.time, key: key, value: value[...])
      try producer.append([AppendBatch(TopicPartition(topic, 0), [entry])])
    }
    let same = try Self.models("reproduce", "m", "2", in: station)
    #expect(same.status == 0 && same.output.contains("m version 2: the same from "), "\(same.output)")
    var configuration = try LeewayConfiguration.load(path: station.folder.file("leeway.yaml")).engineConfiguration
    configuration.models[0].training.maximumSeconds = 0
    let trainer = LogTrainer(log: log, configuration: configuration)
    #expect(throws: TrainingFailure.self) { _ = try trainer.train(runs[0]) }
    #expect(try trainer.remake(run).result.artifact == record.artifact)
  }

  @Test("a model stays of its family whatever the configuration says later, and that is told")
  func anotherFamily() throws {
    let station = try Self.station()
    let log = try station.log
    defer { log.close() }
    let runs = try station.values(of: .runs).compactMap { value -> RunStarted? in
      if case .started(let run) = try RunRecord.decode(value) { run } else { nil }
    }
    let run = try #require(runs.first { $0.parent == 1 })
    let made = try #require(try Self.versions(station).first { $0.version == run.version }?.artifact)
    var configuration = try LeewayConfiguration.load(path: station.folder.file("leeway.yaml")).engineConfiguration
    let told = Mutex<[String]>([])
    for family in [configuration.models[0].family, .linear] {
      configuration.models[0].family = family
      let trainer = LogTrainer(
        log: log, configuration: configuration, warn: { text in told.withLock { $0.append(text) } })
      #expect(try trainer.remake(run).result.artifact == made)
    }
    let texts = told.withLock(\.self)
    #expect(texts.count == 1, "\(texts)")
    let sentence = "model m goes on in the family mixture, in which version 1 was begun, not in linear"
    #expect(texts.contains { $0.contains(sentence) })
  }

  @Test("without an engine the request waits, and the command says so; what cannot be meant is refused at once")
  func nobodyAnswers() throws {
    let station = try Station(Self.configuration)
    var random = SplitMix64(seed: 2)
    try station.trainFirst(on: Concept.rows(0..<400, rule: 0, start: 1_700_000_000_000, step: 1_000, using: &random))
    let alone = try Self.models("promote", "m", "1", "--why", "x", "--wait", "0.2", in: station)
    #expect(alone.status == 1 && alone.errors.contains("no engine has answered within 0.2 s"), "\(alone.errors)")
    let written = try Self.models("reject", "m", "champion", "--why", "x", "--wait", "0", in: station)
    #expect(written.status == 0 && written.output.contains("written to runs/0 at offset"))
    let unknown = try Self.models("promote", "m", "9", "--why", "x", in: station)
    #expect(unknown.status == 1 && unknown.errors.contains("m has no version 9"))
    #expect(try Self.models("promote", "m", "challenger", "--why", "x", in: station).errors.contains("no challenger"))
    #expect(try Self.models("promote", "n", "1", "--why", "x", in: station).errors.contains("no model n"))
    for wrong in [["promote", "m", "1"], ["reject", "m", "1", "--why", " "], ["promote", "m", "zero", "--why", "x"]] {
      let arguments = ["models"] + wrong
      #expect(try Child(arguments, in: station.folder.path).end(within: 30).status == 2, "\(wrong)")
    }
    // They wait for an engine, and are decided when one comes.
    try station.leeway("run", "--until-idle", "--quiet")
    let letters = try station.values(of: .deadletters).map { try DeadLetter.decode($0).code }
    #expect(letters == ["impossible_change", "impossible_change"])
  }
}
