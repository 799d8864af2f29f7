import Bytes
import EventLog
import Events
import Log
import TestSupport
import Testing

@testable import Engine

/// However often and wherever workers die, the topics end up as if they had not.
struct RecoveryTests {
  static func outcome(
    _ scenario: Scenario, _ settings: WorkerSettings, crashes: [Int] = [],
    whileDown: (TestLog) throws -> Void = { _ in }
  ) throws -> (outputs: [Topic: [[Record]]], steps: Int) {
    let log = try TestLog(scenario.configuration)
    let loop = Loop(log, settings)
    try loop.run(scenario.actions, crashes: crashes) { try whileDown(log) }
    return (try log.outputs().mapValues { $0.map(bySource) }, loop.steps)
  }

  /// Partitions of a stage write to the same place in whatever order they work: each one's own order is what counts.
  static func bySource(_ records: [Record]) -> [Record] {
    let sources = records.map { $0.header("ce_source") ?? "" }
    return records.indices.sorted { (sources[$0], $0) < (sources[$1], $1) }.map { records[$0] }
  }

  static func expectSame(_ one: [Topic: [[Record]]], _ other: [Topic: [[Record]]], _ comment: Comment) {
    for topic in Topic.allCases where one[topic] != other[topic] {
      for (partition, (left, right)) in zip(one[topic] ?? [], other[topic] ?? []).enumerated() where left != right {
        let place = zip(left, right).prefix { $0 == $1 }.count
        func show(_ records: [Record]) -> String {
          guard place < records.count else { return "nothing" }
          let headers = records[place].headers.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" }
          return String(decoding: (records[place].value ?? []).prefix(160), as: UTF8.self) + " \(headers)"
        }
        Issue.record("\(topic)/\(partition), record \(place): \(show(left)) — \(show(right)); \(comment)")
      }
    }
  }

  @Test(arguments: [Scenario(), small])
  func theScenarioHasEverything(scenario: Scenario) throws {
    let outputs = try Self.outcome(scenario, WorkerSettings()).outputs
    for topic in [Topic.examples, .summaries, .drift, .triggers, .runs, .models, .artifacts, .deadletters, .watermarks]
    {
      #expect(outputs[topic]?.contains { !$0.isEmpty } == true, "\(topic)")
    }
    let triggers = try outputs[.triggers]?.joined().map { try Trigger.decode(value: $0.value) } ?? []
    #expect(Set(triggers.map(\.rule)).isSuperset(of: ["manual", "drift"]))
    let models = try outputs[.models]?.joined().map { try ModelRecord.decode(value: $0.value) } ?? []
    #expect(models.contains { $0.version >= 2 && ($0.status == .champion || scenario.history < 60) })
    let examples = try outputs[.examples]?.joined().map { try ExampleRecord.decode(value: $0.value) } ?? []
    #expect(examples.contains { if case .expired = $0 { true } else { false } })
  }

  @Test(arguments: [
    WorkerSettings(pollRecords: 1, commitRecords: 1, snapshotCommits: 1, snapshotBytesPerRecord: .max),
    WorkerSettings(pollRecords: 3, commitRecords: 4, snapshotCommits: 2, snapshotBytesPerRecord: .max),
    WorkerSettings(pollRecords: 11, commitRecords: 30, snapshotCommits: 5, snapshotBytesPerRecord: .max),
    WorkerSettings(pollRecords: 500, commitRecords: 7, snapshotCommits: 1_000, snapshotBytesPerRecord: .max),
  ])
  func batchesNeverShow(settings: WorkerSettings) throws {
    let undisturbed = try Self.outcome(Self.small, WorkerSettings()).outputs
    Self.expectSame(undisturbed, try Self.outcome(Self.small, settings).outputs, "\(settings)")
  }

  static let small = Scenario(models: ["a"], history: 56, blocks: 2, rowsPerBlock: 26, seed: 1)

  /// Workers are dropped once, after every possible number of steps.
  @Test func everyCrashIsForgotten() throws {
    let settings = WorkerSettings(pollRecords: 40, commitRecords: 20, snapshotCommits: 3, snapshotBytesPerRecord: .max)
    let (undisturbed, steps) = try Self.outcome(Self.small, settings)
    for step in 0..<steps {
      let outputs = try Self.outcome(Self.small, settings, crashes: [step]).outputs
      Self.expectSame(undisturbed, outputs, "crash after \(step) of \(steps) steps")
    }
  }

  /// Workers are dropped again and again, whatever snapshots there are.
  @Test(arguments: [1, 2, 1_000], 0..<2 as Range<UInt64>)
  func crashesAreForgotten(snapshotCommits: Int, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let settings = WorkerSettings(
      pollRecords: 20, commitRecords: 10, snapshotCommits: snapshotCommits, snapshotBytesPerRecord: .max)
    let crashes = (0..<25).map { _ in Int.random(in: 0...20, using: &random) }
    let undisturbed = try Self.outcome(Scenario(), settings).outputs
    let outputs = try Self.outcome(Scenario(), settings, crashes: crashes).outputs
    Self.expectSame(undisturbed, outputs, "crashes after \(crashes) steps")
  }

  /// Snapshots are caches: without them, or with damaged ones, the state is made again from the inputs.
  @Test(arguments: SnapshotFault.allCases) func snapshotsMayBeLost(fault: SnapshotFault) throws {
    let settings = WorkerSettings(pollRecords: 20, commitRecords: 10, snapshotCommits: 1, snapshotBytesPerRecord: .max)
    let (undisturbed, steps) = try Self.outcome(Self.small, settings)
    for step in stride(from: 3, to: steps, by: 11) {
      let outputs = try Self.outcome(Self.small, settings, crashes: [step, 7], whileDown: fault.strike).outputs
      Self.expectSame(undisturbed, outputs, "\(fault) after \(step) of \(steps) steps")
    }
  }
}

enum SnapshotFault: CaseIterable {
  case deleted, overwritten, shortened, ofNoStage

  /// Spoils every snapshot that the log holds.
  func strike(_ log: TestLog) throws {
    var keys: [ByteSlice] = []
    var newest: [ByteSlice: Record] = [:]
    for record in try log.records(.checkpoints) {
      guard let key = record.key else { continue }
      if newest.updateValue(record, forKey: key) == nil { keys.append(key) }
    }
    let spoilt = keys.compactMap { newest[$0] }.map { record in
      var record = record
      switch self {
      case .deleted: record.value = nil
      case .overwritten: record.value = Array((record.value ?? []).map { $0 ^ 0x55 })[...]
      case .shortened: record.value = record.value?.dropLast()
      case .ofNoStage: record.headers = []
      }
      return record
    }
    try log.append(.checkpoints, 0, spoilt)
    if self == .deleted { try log.log.maintain(now: Scenario.start * 1_000) }
  }
}
