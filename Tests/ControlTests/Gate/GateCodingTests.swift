import Bytes
import Control
import Events
import Models
import TestSupport
import Testing

/// States of the gate go through bytes, and hostile bytes are refused or harmless.
struct GateCodingTests {
  static let configuration = GateConfiguration(
    measure: .ranking, protected: [Segment(name: "s", value: "1")],
    fairness: [FairnessRule(segment: "s", group: "1", other: "2", rate: .errorRate, limit: 0.2)])

  static func trial(rows: Int) -> ChallengerTrial {
    var trial = ChallengerTrial(configuration, task: .binary, knownDependence: 1.5)
    for (index, row) in scoredRows(rows, seed: 2, championSkill: 0.2, skill: 0.9).enumerated() {
      if index == rows / 2 { trial.beginShadow() }
      trial.add(
        champion: row.champion, challenger: row.challenger, target: row.target,
        segments: [Segment(name: "s", value: "\(index % 3)")])
    }
    return trial
  }

  static func bytes(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    body(&writer)
    return writer.bytes
  }

  static func decode(_ bytes: [UInt8]) throws -> ChallengerTrial {
    var reader = ByteReader(bytes)
    let trial = try ChallengerTrial(configuration, task: .binary, from: &reader)
    try reader.expectEnd()
    return trial
  }

  @Test(arguments: [0, 1, 30, 700]) func comparisonsGoThroughBytes(rows: Int) throws {
    var trial = Self.trial(rows: rows)
    let bytes = Self.bytes { trial.encode(into: &$0) }
    var restored = try Self.decode(bytes)
    #expect(restored == trial && Self.bytes { restored.encode(into: &$0) } == bytes)
    for row in scoredRows(50, seed: 3, championSkill: 0, skill: 1) {
      trial.add(champion: row.champion, challenger: row.challenger, target: row.target)
      restored.add(champion: row.champion, challenger: row.challenger, target: row.target)
    }
    let gate = PromotionGate(Self.configuration)
    #expect(restored == trial && gate.judge(restored) == gate.judge(trial))
  }

  @Test func anotherComparisonIsRefused() {
    let trial = Self.trial(rows: 50)
    let bytes = Self.bytes { trial.encode(into: &$0) }
    for (configuration, task) in [
      (GateConfiguration(), Task.binary), (Self.configuration, .regression),
      (GateConfiguration(measure: .ranking), .binary),
      (GateConfiguration(measure: .ranking, fairness: Self.configuration.fairness), .binary),
    ] {
      #expect(throws: ByteError.self) {
        var reader = ByteReader(bytes)
        _ = try ChallengerTrial(configuration, task: task, from: &reader)
      }
    }
  }

  /// What hostile bytes made is used as an honest state is.
  static func use(_ trial: ChallengerTrial) -> Bool {
    var trial = trial
    for row in scoredRows(8, seed: 1, championSkill: 0, skill: 1) {
      trial.add(champion: row.champion, challenger: row.challenger, target: row.target)
    }
    let record = PromotionGate(trial.configuration).judge(trial)
    return !record.reason.isEmpty && record.rows == trial.rows && record.promotion?.dependence.isFinite == true
  }

  @Test func hostileComparisonsAreHarmless() {
    let trial = Self.trial(rows: 20)
    expectHarmless(Self.bytes { trial.encode(into: &$0) }) { (reader) throws(ByteError) in
      try ChallengerTrial(Self.configuration, task: .binary, from: &reader)
    } check: {
      PromotionGate(Self.configuration).judge($0).promotion?.dependence.isFinite == true
    }
  }

  @Test func fuzzedComparisonsAreHarmless() {
    let corpus = [0, 5, 300].map { rows in Self.bytes { Self.trial(rows: rows).encode(into: &$0) } }
    let result = Fuzz.run("gate-trial", corpus, rounds: 300) { bytes in
      let trial = try Self.decode(bytes)
      #expect(Self.use(trial))
    }
    #expect(result.taken > 0, "no mutation reaches beyond the decoder")
  }

  @Test func canariesAndGuardsGoThroughBytes() throws {
    var canary = CanaryTrial(Self.configuration, task: .binary)
    var watch = CanaryGuard()
    for row in scoredRows(120, seed: 5, championSkill: 0.5, skill: 0.4) {
      canary.add(previous: row.champion, current: row.challenger, target: row.target)
      watch.addValidation(previous: row.champion, current: row.challenger)
      watch.add(previous: row.challenger, current: row.champion)
    }
    let canaryBytes = Self.bytes { canary.encode(into: &$0) }
    var reader = ByteReader(canaryBytes)
    let restored = try CanaryTrial(Self.configuration, task: .binary, from: &reader)
    #expect(restored == canary)
    try reader.expectEnd()
    expectHarmless(canaryBytes) { (reader) throws(ByteError) in
      try CanaryTrial(Self.configuration, task: .binary, from: &reader)
    } check: {
      CanaryVerdict.allCases.contains($0.verdict) && $0.record(fallback: 1).rollback.dependence >= 1
    }
    let watchBytes = Self.bytes { watch.encode(into: &$0) }
    reader = ByteReader(watchBytes)
    let restoredWatch = try CanaryGuard(from: &reader)
    #expect(restoredWatch == watch)
    try reader.expectEnd()
    expectHarmless(watchBytes) { (reader) throws(ByteError) in
      try CanaryGuard(from: &reader)
    } check: {
      // A row without a score always stops it; without rows, nothing else does.
      $0.unscored > 0 ? $0.fires : $0.rows > 0 || !$0.fires
    }
  }
}
