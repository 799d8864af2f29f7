import Bytes
import Sketches
import TestSupport
import Testing

@testable import Drift

@Suite("Performance")
struct PerformanceTests {
  private static let length: Int64 = 100_000

  /// Panes of a hundred rows with this error rate, from pane `first` on.
  private static func panes(
    _ rates: [Double], first: Int64 = 0, version: Int = 1, _ generator: inout SplitMix64
  ) -> [JudgedPane] {
    rates.enumerated().map { offset, rate in
      let errors = (0..<100).map { _ in
        Double.random(in: 0..<1, using: &generator) < rate ? 1.0 : 0.0
      }
      let start = (first + Int64(offset)) * length
      return JudgedPane(version: version, start: start, end: start + length, loss: Moments(errors))
    }
  }

  private static func monitor(_ configuration: PerformanceConfiguration? = nil)
    -> PerformanceMonitor
  {
    PerformanceMonitor(
      measure: .error,
      configuration: configuration ?? PerformanceConfiguration(windowLength: 10 * length))
  }

  private static func moments(_ rate: Double, _ rows: Int) -> Moments {
    let errors = Int((rate * Double(rows)).rounded())
    return Moments((0..<rows).map { $0 < errors ? 1 : 0 })
  }

  @Test("The figures are the stated sums over versions")
  func arithmetic() throws {
    var monitor = Self.monitor()
    let first = JudgedPane(version: 1, start: 0, end: 10, loss: Self.moments(0.2, 100))
    let second = JudgedPane(version: 2, start: 10, end: 20, loss: Self.moments(0.4, 300))
    let pushed = [
      monitor.push(first, validation: Self.moments(0.1, 500)), monitor.push(second, validation: Self.moments(0.3, 200)),
    ]
    #expect(pushed == [true, true])
    let evidence = try #require(monitor.evidence().first)
    #expect(evidence.basis == .validation && evidence.versions == [1, 2] && evidence.rows == 400)
    #expect((evidence.excess - 0.1).magnitude < 1e-12 && (evidence.tolerance - 0.025).magnitude < 1e-12)
    #expect(evidence.referenceRows == 700 && evidence.from == 0 && evidence.to == 20 && evidence.correlation == 1)
    #expect((Elementary.exp(evidence.logThreshold) / 400_000 - 1).magnitude < 1e-12)
    #expect(monitor.evidence().count == 1, "a history of two panes is none")
  }

  /// Alarms of `seeds` streams at a risk that never changes, looked at after every pane; the monitor begins anew after
  /// each alarm.
  private static func alarms(
    seeds: ClosedRange<UInt64>, rows: Int, _ configuration: PerformanceConfiguration, validation: Int, lifetime: Int
  ) -> Int {
    var alarms = 0
    for seed in seeds {
      var generator = SplitMix64(seed: seed)
      var monitor = monitor(configuration)
      var own = Moments()
      for row in stride(from: 0, to: rows, by: 50) {
        func losses(_ count: Int) -> Moments {
          Moments((0..<count).map { _ in generator.uniform() < 0.1 ? 1 : 0 })
        }
        if row % lifetime == 0 { own = losses(validation) }
        let pane = JudgedPane(
          version: row / lifetime, start: Int64(row) * length, end: Int64(row + 50) * length, loss: losses(50))
        _ = monitor.push(pane, validation: own)
        if monitor.evidence().contains(where: \.fires) {
          alarms += 1
          monitor.forget(before: pane.end)
        }
      }
    }
    return alarms
  }

  @Test("Looked at after every pane, false alarms are as rare as promised, even where nothing is tolerated")
  func runLength() {
    var configuration = PerformanceConfiguration(
      windowLength: 500 * Self.length, relativeTolerance: 0, absoluteFloor: 1e-9, averageRunLength: 2_000,
      statistics: 2, minimumRows: 0)
    let strict = Self.alarms(seeds: 1...20, rows: 20_000, configuration, validation: 125, lifetime: 500)
    // 400,000 rows: 200 alarms are promised at most.
    #expect(1...200 ~= strict)
    configuration.relativeTolerance = 0.1
    configuration.absoluteFloor = 0.01
    configuration.averageRunLength = 20_000
    let tolerant = Self.alarms(seeds: 21...40, rows: 20_000, configuration, validation: 125, lifetime: 500)
    #expect(tolerant <= 20)
  }

  @Test("A rise is found on both bases, an equal rate on none", arguments: 1...10 as ClosedRange<UInt64>)
  func rise(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var monitor = Self.monitor()
    for pane in Self.panes(.init(repeating: 0.1, count: 60), &generator) {
      let accepted = monitor.push(pane, validation: Self.moments(0.1, 5_000))
      #expect(accepted && monitor.evidence().allSatisfy { !$0.fires })
    }
    for pane in Self.panes(.init(repeating: 0.3, count: 10), first: 60, version: 2, &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.1, 5_000))
    }
    let evidence = monitor.evidence()
    #expect(evidence.map(\.basis) == [.validation, .history] && evidence.allSatisfy { $0.fires })
    #expect(evidence.allSatisfy { (50 * Self.length...63 * Self.length).contains($0.onset ?? 0) })
    #expect(evidence.allSatisfy { $0.from == $0.onset && $0.excess > $0.tolerance })
  }

  @Test("A version that is wrong from its first day has no history to hide in")
  func firstDay() throws {
    var generator = SplitMix64(seed: 5)
    var monitor = Self.monitor()
    for pane in Self.panes(.init(repeating: 0.3, count: 14), &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.1, 1_000))
    }
    let evidence = try #require(monitor.evidence().first)
    #expect(evidence.basis == .validation && evidence.fires)
  }

  @Test("A version that was validated in the midst of a change does not hide it")
  func history() {
    var generator = SplitMix64(seed: 11)
    var monitor = Self.monitor()
    for pane in Self.panes(.init(repeating: 0.1, count: 50), &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.1, 200))
    }
    for pane in Self.panes(.init(repeating: 0.25, count: 10), first: 50, version: 2, &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.25, 200))
    }
    let fires = Dictionary(uniqueKeysWithValues: monitor.evidence().map { ($0.basis, $0.fires) })
    #expect(fires == [.validation: false, .history: true])
    monitor.forget(before: 50 * Self.length)
    #expect(monitor.evidence().map(\.basis) == [.validation])
    #expect(monitor.evidence().allSatisfy { !$0.fires && $0.restsOnRowsFrom == 50 * Self.length })
  }

  @Test("Forgetting is beginning anew with the panes that are left")
  func forgetting() {
    var generator = SplitMix64(seed: 12)
    let panes = Self.panes(.init(repeating: 0.2, count: 40), &generator)
    var monitor = Self.monitor()
    for pane in panes { _ = monitor.push(pane, validation: Self.moments(0.2, 300)) }
    monitor.forget(before: 25 * Self.length)
    var anew = Self.monitor()
    anew.carried = monitor.carried
    anew.forgotten = monitor.forgotten
    #expect(anew.carried != nil, "how much rows depend on each other stays known")
    for pane in panes[25...] { _ = anew.push(pane, validation: Self.moments(0.2, 300)) }
    #expect(monitor == anew)
    // Labels of what was forgotten may come later.
    let late = Self.panes([1, 1], first: 40, &generator)
    monitor.forget(before: 42 * Self.length)
    let before = monitor
    for pane in late { #expect(Self.accepts(pane, &monitor)) }
    #expect(monitor == before && monitor.evidence().isEmpty)
  }

  private static func accepts(_ pane: JudgedPane, _ monitor: inout PerformanceMonitor) -> Bool {
    monitor.push(pane, validation: nil)
  }

  @Test("Once the loss has come down again the evidence fades")
  func fading() {
    var generator = SplitMix64(seed: 15)
    var monitor = Self.monitor()
    let rates = [Double](repeating: 0.1, count: 50) + .init(repeating: 0.9, count: 3) + .init(repeating: 0.1, count: 12)
    var fired: [Int] = []
    for (index, pane) in Self.panes(rates, &generator).enumerated() {
      _ = monitor.push(pane, validation: nil)
      if monitor.evidence().contains(where: { $0.fires }) { fired.append(index) }
    }
    #expect(fired.first == 50 && (fired.last ?? 0) < 60)
  }

  @Test("Only a rise fires, and never on few rows")
  func sides() {
    for (rate, fires) in [(0.05, false), (0.4, true)] {
      var generator = SplitMix64(seed: 4)
      var configuration = PerformanceConfiguration(windowLength: 10 * Self.length)
      let panes = Self.panes(.init(repeating: 0.2, count: 50) + .init(repeating: rate, count: 10), &generator)
      for minimum in [300, 6_001] {
        configuration.minimumRows = minimum
        var monitor = Self.monitor(configuration)
        for pane in panes { _ = monitor.push(pane, validation: nil) }
        #expect(monitor.evidence().map(\.basis) == [.history])
        #expect(monitor.evidence().map(\.fires) == [fires && minimum == 300])
      }
    }
  }

  @Test("A constant loss gives no evidence and no trouble; a perfect model that fails is found at once")
  func degenerate() {
    var monitor = Self.monitor()
    var generator = SplitMix64(seed: 1)
    for pane in Self.panes(.init(repeating: 0, count: 30), &generator) {
      _ = monitor.push(pane, validation: Self.moments(0, 100))
      #expect(monitor.evidence().allSatisfy { !$0.fires && $0.logEvidence.isFinite })
    }
    for pane in Self.panes([0.5], first: 30, &generator) { _ = monitor.push(pane, validation: Self.moments(0, 100)) }
    #expect(monitor.evidence().allSatisfy { $0.fires })
    #expect(Self.monitor().evidence().isEmpty)
  }

  @Test("Panes that rise and fall together are less evidence")
  func correlation() {
    var generator = SplitMix64(seed: 8)
    let waves = (0..<60).map { $0 / 6 % 2 == 0 ? 0.05 : 0.35 }
    var monitor = Self.monitor()
    for pane in Self.panes(waves, &generator) { _ = monitor.push(pane, validation: Self.moments(0.2, 500)) }
    #expect(monitor.evidence().allSatisfy { $0.correlation > 5 })
    let evidence = monitor.evidence().map(\.logEvidence)
    for pane in Self.panes(.init(repeating: 0.25, count: 3), first: 60, &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.2, 500))
    }
    #expect(zip(evidence, monitor.evidence()).allSatisfy { $1.logEvidence < $0 + 3 })
  }

  @Test("In whatever order the labels of a pane come, the evidence is the same")
  func labelOrder() {
    var generator = SplitMix64(seed: 14)
    let losses = (0..<60).map { pane in
      (0..<100).map { _ in generator.uniform() < (pane < 50 ? 0.1 : 0.3) ? 1.0 : generator.uniform() * 0.2 }
    }
    func evidence(_ arrange: ([Double]) -> [[Double]]) -> [Double] {
      var monitor = PerformanceMonitor(
        measure: .logLoss, configuration: PerformanceConfiguration(windowLength: 10 * Self.length))
      for (index, rows) in losses.enumerated() {
        // Parts arrive one after another; the pane is pushed when it is complete.
        let moments = arrange(rows).reduce(into: Moments()) { $0.merge(Moments($1)) }
        let start = Int64(index) * Self.length
        _ = monitor.push(
          JudgedPane(version: 1, start: start, end: start + Self.length, loss: moments),
          validation: Self.moments(0.2, 500))
      }
      return monitor.evidence().map(\.logEvidence)
    }
    let inOrder = evidence { [$0] }
    let lossesLast = evidence { rows in [rows.filter { $0 < 1 }, rows.filter { $0 == 1 }] }
    let shuffled = evidence { rows in rows.sorted(by: >).map { [$0] } }
    #expect(inOrder.count == 2 && inOrder.allSatisfy { $0 > 5 })
    for other in [lossesLast, shuffled] {
      #expect(zip(inOrder, other).allSatisfy { ($0 - $1).magnitude < 1e-6 })
    }
  }

  @Test("Old panes leave, late ones are refused, empty ones are ignored")
  func bounds() {
    var generator = SplitMix64(seed: 2)
    var monitor = Self.monitor()
    for pane in Self.panes(.init(repeating: 0.1, count: 300), &generator) {
      _ = monitor.push(pane, validation: nil)
    }
    #expect(monitor.panes.count == 110)
    let late = monitor.push(
      JudgedPane(version: 1, start: 0, end: 1, loss: Moments([1])), validation: nil)
    let empty = monitor.push(
      JudgedPane(version: 1, start: .max - 1, end: .max, loss: Moments()), validation: nil)
    #expect(!late && empty && monitor.panes.count == 110)
  }

  @Test("Bytes: round trip and hostile")
  func coding() throws {
    var generator = SplitMix64(seed: 3)
    var monitor = Self.monitor()
    for (index, pane) in Self.panes(.init(repeating: 0.3, count: 14), first: -5, &generator)
      .enumerated()
    {
      let own = JudgedPane(version: index / 4, start: pane.start, end: pane.end, loss: pane.loss)
      _ = monitor.push(own, validation: Self.moments(0.2, 50))
    }
    var writer = ByteWriter()
    monitor.encode(into: &writer)
    func decode(_ reader: inout ByteReader) throws(ByteError) -> PerformanceMonitor {
      try PerformanceMonitor(measure: .error, configuration: monitor.configuration, from: &reader)
    }
    var reader = ByteReader(writer.bytes)
    #expect(try decode(&reader) == monitor)
    try reader.expectEnd()
    expectHarmless(writer.bytes, decode: decode) { $0.evidence().count <= 2 }
  }
}
