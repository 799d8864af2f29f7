import Bytes
import TestSupport
import Testing

@testable import Drift

/// What a tick can show, in few symbols: enough to walk every short sequence.
private enum Tick: CaseIterable, Sendable {
  case quiet, drift, performance, both, published, publishedWithOldEvidence, publishedAndFailing
}

@Suite("Trigger policy")
struct TriggerPolicyTests {
  private static func evidence(from: Int64, margin: Double = 9) -> PerformanceEvidence {
    PerformanceEvidence(
      measure: .error, basis: .history, from: from, to: from &+ 1, restsOnRowsFrom: from, versions: [1], rows: 1_000,
      referenceRows: 1_000, mean: 0.9, reference: 0, tolerance: 0.01, logEvidence: 10 + margin, logThreshold: 10,
      correlation: 1, onset: from, sufficient: true)
  }

  private static func alarm(at time: Int64, version: Int = 1) -> DriftAlarm {
    DriftAlarm(
      version: version, time: time, onset: time, judgedFrom: time, logEvidence: 15, logThreshold: 13.8,
      columns: [DriftAlarm.Contribution(column: "x", share: 1)])
  }

  private static func report(from: Int64, drifted: Bool = true) -> DriftReport {
    let finding = DriftFinding(
      column: "x", statistic: .psi, value: 1, threshold: 0.2, critical: 0.1, referenceRows: 1_000,
      currentRows: 1_000,
      verdict: drifted ? .drift : .clear)
    let column = ColumnDrift(
      column: "x", findings: [finding], referenceMissing: 0, currentMissing: 0,
      referenceUnseen: nil,
      currentUnseen: nil, unseenLevels: [], shifts: [])
    return DriftReport(
      version: 1, from: from, to: from &+ 1, rows: 1_000, columns: [column], prediction: nil)
  }

  /// Walks ticks ten apart and gives the decisions, with the version in service at each tick.
  private static func walk(
    _ ticks: [Tick], _ configuration: TriggerConfiguration, throughBytes: Bool = false
  ) throws -> [(decision: TriggerDecision?, version: Int, publishedAt: Int64)] {
    var policy = TriggerPolicy(configuration: configuration)
    var version = 1
    var publishedAt: Int64 = 0
    return try ticks.enumerated().map { index, tick in
      let time = Int64(index + 1) * 10
      if [.published, .publishedWithOldEvidence, .publishedAndFailing].contains(tick) {
        version += 1
        publishedAt = time - 1
      }
      let recent = max(publishedAt, time - 5)
      let observation = Observation(
        time: time, version: version, publishedAt: publishedAt,
        drift: [.drift, .both].contains(tick) ? report(from: recent) : nil,
        alarm: [.drift, .both].contains(tick) ? alarm(at: recent, version: version) : nil,
        performance: tick == .publishedWithOldEvidence
          ? [evidence(from: publishedAt - 1)]
          : [.performance, .both, .publishedAndFailing].contains(tick)
            ? [evidence(from: recent)] : [],
        labels: index)
      if throughBytes {
        var writer = ByteWriter()
        policy.encode(into: &writer)
        var reader = ByteReader(writer.bytes)
        policy = try TriggerPolicy(configuration: configuration, from: &reader)
        try reader.expectEnd()
      }
      return (policy.observe(observation), version, publishedAt)
    }
  }

  @Test("Every sequence of five ticks keeps the promises", arguments: [15, 25, 1_000] as [Int64])
  func promises(cooldown: Int64) throws {
    let configuration = TriggerConfiguration(volume: nil, cooldown: cooldown, driftSpacing: 0)
    for ticks in everyArray(over: Tick.allCases, upTo: 5) {
      var alarm: (decision: TriggerDecision, version: Int)?
      var causes: Set<String> = []
      for (index, step) in try Self.walk(ticks, configuration).enumerated() {
        if let raised = alarm, step.version > raised.version { alarm = nil }
        guard let decision = step.decision else {
          let wants = [.performance, .both, .drift, .publishedAndFailing].contains(ticks[index])
          let held = alarm.map { Int64(index + 1) * 10 - $0.decision.time < cooldown } ?? false
          #expect(!wants || held, "an alarm is missing at \(index) of \(ticks)")
          continue
        }
        #expect(decision.rule == (ticks[index] == .drift ? .drift : .performance))
        if let raised = alarm {
          #expect(decision.time - raised.decision.time >= cooldown)
          #expect(
            decision.cause == raised.decision.cause
              && decision.attempt == raised.decision.attempt + 1)
          alarm = (decision, raised.version)
        } else {
          #expect(decision.attempt == 1 && causes.insert(decision.cause).inserted)
          alarm = (decision, step.version)
        }
      }
    }
  }

  @Test("Old evidence never alarms against a new version that an alarm brought")
  func oldEvidence() throws {
    let configuration = TriggerConfiguration(volume: nil)
    let rules = try Self.walk([.drift, .publishedWithOldEvidence, .performance], configuration).map(
      \.decision?.rule)
    #expect(rules == [.drift, nil, .performance])
  }

  @Test("State survives its bytes at every step")
  func throughBytes() throws {
    let configuration = TriggerConfiguration(
      volume: 2, schedule: 40, freshness: 30, cooldown: 20, driftSpacing: 15)
    for ticks in everyArray(over: Tick.allCases, upTo: 4) {
      let plain = try Self.walk(ticks, configuration).map(\.decision)
      let stored = try Self.walk(ticks, configuration, throughBytes: true).map(\.decision)
      #expect(plain == stored)
    }
  }

  @Test(
    "Drift keeps its distance from the last alarm, even against a new version; performance does not"
  )
  func spacing() throws {
    let configuration = TriggerConfiguration(volume: nil, driftSpacing: 25)
    func rules(_ ticks: [Tick]) throws -> [TriggerRule?] {
      try Self.walk(ticks, configuration).map(\.decision?.rule)
    }
    #expect(try rules([.drift, .published, .drift, .drift]) == [.drift, nil, nil, .drift])
    #expect(try rules([.drift, .published, .performance]) == [.drift, nil, .performance])
  }

  @Test("Rule drift by what there is: the alarm, its version and time, the report, and what is required")
  func driftTable() {
    let large = Self.report(from: 50)
    let small = Self.report(from: 50, drifted: false)
    let alarm = Self.alarm(at: 50)
    let table: [(DriftAlarm?, DriftReport?, trigger: Set<DriftRequirement>)] = [
      (nil, nil, []), (nil, small, []), (nil, large, []),
      (alarm, nil, [.evidence]), (alarm, small, [.evidence]), (alarm, large, [.size, .evidence]),
      (Self.alarm(at: 50, version: 0), large, []), (Self.alarm(at: 50, version: 2), large, []),
    ]
    for requirement in DriftRequirement.allCases {
      for (alarm, report, triggers) in table {
        for on in [true, false] {
          let configuration = TriggerConfiguration(onDrift: on, driftRequires: requirement, volume: nil)
          var policy = TriggerPolicy(configuration: configuration)
          let observation = Observation(
            time: 60, version: 1, publishedAt: 0, drift: report, alarm: alarm, harm: .benign, labels: 0)
          let decision = policy.observe(observation)
          #expect((decision != nil) == (on && triggers.contains(requirement)))
          guard let decision, let alarm else { continue }
          #expect(decision.rule == .drift && decision.harm == .benign)
          #expect(decision.evidence == .drift(alarm, report?.drifted == true ? report?.strongest : nil))
        }
      }
    }
  }

  @Test("An alarm is raised once per change: not again while its version serves, nor for the successor's old evidence")
  func oncePerChange() {
    var policy = TriggerPolicy(configuration: TriggerConfiguration(volume: nil, cooldown: 1_000, driftSpacing: 0))
    func observe(_ time: Int64, version: Int, published: Int64, _ alarm: DriftAlarm?) -> TriggerRule? {
      policy.observe(
        Observation(
          time: time, version: version, publishedAt: published, drift: Self.report(from: time - 5), alarm: alarm,
          labels: 0))?.rule
    }
    let alarm = Self.alarm(at: 20)
    #expect(observe(20, version: 1, published: 0, alarm) == .drift)
    #expect(observe(30, version: 1, published: 0, alarm) == nil)
    // The successor begins clean: neither its predecessor's alarm nor one from before the switch counts.
    #expect(observe(50, version: 2, published: 40, alarm) == nil)
    #expect(observe(60, version: 2, published: 40, Self.alarm(at: 39, version: 2)) == nil)
    #expect(observe(70, version: 2, published: 40, Self.alarm(at: 66, version: 2)) == .drift)
  }

  @Test("Performance is harmful whatever else is known; other rules say what is known")
  func harm() {
    for harm in HarmVerdict.allCases {
      for (performance, labels, rule, expected) in [
        ([Self.evidence(from: 5)], 0, TriggerRule.performance, HarmVerdict.harmful), ([], 10, .volume, harm),
      ] {
        var policy = TriggerPolicy(configuration: TriggerConfiguration(volume: 10))
        let decision = policy.observe(
          Observation(time: 9, version: 1, publishedAt: 0, performance: performance, harm: harm, labels: labels))
        #expect(decision?.rule == rule && decision?.harm == expected)
      }
    }
  }

  @Test("Of several kinds of evidence the one furthest beyond its threshold is named")
  func furthest() {
    var policy = TriggerPolicy(configuration: TriggerConfiguration())
    let decision = policy.observe(
      Observation(
        time: 9, version: 1, publishedAt: 0,
        performance: [3, 7, -1, 5].map { Self.evidence(from: 5, margin: $0) }, labels: 0))
    #expect(decision?.evidence == .performance(Self.evidence(from: 5, margin: 7)))
  }

  private static func tick(
    _ time: Int64, version: Int = 1, publishedAt: Int64 = 0, labels: Int = 0, alarm: Bool = false
  ) -> Observation {
    Observation(
      time: time, version: version, publishedAt: publishedAt,
      drift: report(from: time, drifted: false), performance: alarm ? [evidence(from: time)] : [],
      labels: labels)
  }

  @Test("The strongest rule wins and the counts of the others start anew")
  func strongest() {
    let configuration = TriggerConfiguration(volume: 100, schedule: 50, freshness: 60)
    var policy = TriggerPolicy(configuration: configuration)
    let decisions = [
      policy.observe(Self.tick(0)),
      policy.observe(Self.tick(70, labels: 200, alarm: true)),
      policy.observe(Self.tick(71, labels: 250)),
      policy.observe(Self.tick(119, labels: 299)),
      policy.observe(Self.tick(120, labels: 301)),
      policy.observe(Self.tick(130, labels: 401)),
      policy.observe(Self.tick(191, publishedAt: 130, labels: 600)),
    ]
    #expect(
      decisions.map { $0?.rule } == [nil, .performance, nil, nil, .schedule, .volume, .freshness])
    #expect(decisions[4]?.evidence == .schedule(elapsed: 50))
    #expect(decisions[5]?.evidence == .volume(labels: 100))
    #expect(decisions[6]?.evidence == .freshness(age: 61))
    #expect(Set(decisions.compactMap { $0?.cause }).count == 4)
    let priorities = TriggerRule.allCases.map(\.priority)
    #expect(priorities == priorities.sorted(by: >) && Set(priorities).count == 5)
  }

  @Test("Volume counts every label since the last trigger, those of the first tick among them")
  func volume() {
    var policy = TriggerPolicy(configuration: TriggerConfiguration(volume: 10))
    let labels = [9, 10, 19, 20, 50, 59]
    let rules = labels.enumerated().map { policy.observe(Self.tick(Int64($0), labels: $1))?.rule }
    #expect(rules == [nil, .volume, nil, .volume, .volume, nil])
  }

  @Test("Switched off, nothing triggers")
  func off() {
    let configuration = TriggerConfiguration(onDrift: false, onPerformance: false, volume: nil)
    var policy = TriggerPolicy(configuration: configuration)
    for time in 0..<20 as Range<Int64> {
      let observation = Observation(
        time: time * 1_000_000_000, version: 1, publishedAt: 0, drift: Self.report(from: time),
        alarm: Self.alarm(at: time),
        performance: [Self.evidence(from: time)], labels: Int(time) * 100_000)
      let decision = policy.observe(observation)
      #expect(decision == nil)
    }
  }

  @Test("Hostile bytes and the ends of time")
  func hostile() throws {
    let configuration = TriggerConfiguration(volume: 1, schedule: 1, freshness: 1)
    var policy = TriggerPolicy(configuration: configuration)
    _ = policy.observe(Self.tick(.min, labels: 1, alarm: true))
    _ = policy.observe(Self.tick(.max, version: 2, publishedAt: .min, labels: .max, alarm: true))
    _ = policy.observe(Self.tick(.min, version: 2, publishedAt: .max, labels: 0))
    var writer = ByteWriter()
    policy.encode(into: &writer)
    expectHarmless(writer.bytes) { reader throws(ByteError) in
      try TriggerPolicy(configuration: configuration, from: &reader)
    } check: { decoded in
      var decoded = decoded
      _ = decoded.observe(Self.tick(5, version: 3, labels: 7, alarm: true))
      return true
    }
  }
}
