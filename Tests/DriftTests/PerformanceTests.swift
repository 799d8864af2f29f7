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
      measure: "error",
      configuration: configuration ?? PerformanceConfiguration(windowLength: 10 * length))
  }

  private static func moments(_ rate: Double, _ rows: Int) -> Moments {
    let errors = Int((rate * Double(rows)).rounded())
    return Moments((0..<rows).map { $0 < errors ? 1 : 0 })
  }

  @Test("Excess and standard error are the stated sums over versions")
  func arithmetic() throws {
    var monitor = Self.monitor()
    let first = JudgedPane(version: 1, start: 0, end: 10, loss: Self.moments(0.2, 100))
    let second = JudgedPane(version: 2, start: 10, end: 20, loss: Self.moments(0.4, 300))
    let validations = [Self.moments(0.1, 500), Self.moments(0.3, 200)]
    let pushed = [
      monitor.push(first, validation: validations[0]),
      monitor.push(second, validation: validations[1]),
    ]
    #expect(pushed == [true, true])
    let evidence = try #require(monitor.evidence().first)
    #expect(evidence.basis == .validation && evidence.versions == [1, 2] && evidence.rows == 400)
    #expect((evidence.excess - 0.1).magnitude < 1e-12)
    var all = first.loss
    for part in [second.loss] + validations { all.merge(part) }
    let shares: (Double, Double) = (0.25, 0.75)
    let noise = 1.0 / 400 + shares.0 * shares.0 / 500 + shares.1 * shares.1 / 200
    #expect((evidence.standardError - (all.sampleVariance * noise).squareRoot()).magnitude < 1e-12)
    #expect(
      evidence.referenceRows == 700 && evidence.from == 0 && evidence.to == 20
        && evidence.correlation == 1)
  }

  @Test(
    "A rise is found on both bases within ten panes, an equal rate never",
    arguments: 1...20 as ClosedRange<UInt64>)
  func rise(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var monitor = Self.monitor()
    for pane in Self.panes(.init(repeating: 0.1, count: 60), &generator) {
      let accepted = monitor.push(pane, validation: Self.moments(0.1, 1_000))
      #expect(accepted)
      #expect(monitor.evidence().allSatisfy { !$0.fires })
    }
    for pane in Self.panes(.init(repeating: 0.2, count: 10), first: 60, &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.1, 1_000))
    }
    #expect(monitor.evidence().map(\.fires) == [true, true])
  }

  @Test("A version that was validated in the midst of a change does not hide it")
  func history() {
    var generator = SplitMix64(seed: 11)
    var monitor = Self.monitor()
    for pane in Self.panes(.init(repeating: 0.1, count: 50), &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.1, 200))
    }
    for pane in Self.panes(.init(repeating: 0.2, count: 10), first: 50, version: 2, &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.2, 200))
    }
    let fires = Dictionary(uniqueKeysWithValues: monitor.evidence().map { ($0.basis, $0.fires) })
    #expect(fires == [.validation: false, .history: true])
    monitor.forget(before: 50 * Self.length)
    #expect(monitor.evidence().map(\.basis) == [.validation])
    #expect(monitor.evidence().allSatisfy { !$0.fires && $0.restsOnRowsFrom == 50 * Self.length })
  }

  @Test("Only a rise fires, and never on few rows")
  func sides() {
    for (rate, fires) in [(0.05, false), (0.4, true)] {
      var generator = SplitMix64(seed: 4)
      var configuration = PerformanceConfiguration(windowLength: 10 * Self.length)
      var monitor = Self.monitor(configuration)
      for pane in Self.panes(
        .init(repeating: 0.2, count: 50) + .init(repeating: rate, count: 10), &generator)
      {
        _ = monitor.push(pane, validation: nil)
      }
      #expect(monitor.evidence().map(\.basis) == [.history])
      #expect(monitor.evidence().map(\.fires) == [fires])
      configuration.minimumRows = 1_001
      var strict = Self.monitor(configuration)
      for pane in monitor.panes { _ = strict.push(pane, validation: nil) }
      #expect(strict.evidence().map(\.fires) == [false])
    }
  }

  @Test(
    "A constant loss gives no evidence and no trouble; a perfect model that fails is found at once")
  func degenerate() {
    var monitor = Self.monitor()
    var generator = SplitMix64(seed: 1)
    for pane in Self.panes(.init(repeating: 0, count: 30), &generator) {
      _ = monitor.push(pane, validation: Self.moments(0, 100))
      #expect(monitor.evidence().allSatisfy { $0.z == 0 && !$0.fires && $0.standardError == 0 })
    }
    for pane in Self.panes([0.5, 0.5], first: 30, &generator) {
      _ = monitor.push(pane, validation: Self.moments(0, 100))
    }
    #expect(monitor.evidence().contains { $0.fires })
    #expect(monitor.evidence().allSatisfy { $0.z.isFinite })
    #expect(Self.monitor().evidence().isEmpty)
  }

  @Test("Panes that rise and fall together widen the error")
  func correlation() {
    var generator = SplitMix64(seed: 8)
    let waves = (0..<60).map { $0 / 6 % 2 == 0 ? 0.05 : 0.35 }
    var monitor = Self.monitor()
    for pane in Self.panes(waves, &generator) {
      _ = monitor.push(pane, validation: Self.moments(0.2, 500))
    }
    #expect(monitor.evidence().allSatisfy { $0.correlation > 5 && !$0.fires })
  }

  @Test("Old panes leave, late ones are refused, empty ones are ignored")
  func bounds() {
    var generator = SplitMix64(seed: 2)
    var monitor = Self.monitor()
    for pane in Self.panes(.init(repeating: 0.1, count: 200), &generator) {
      _ = monitor.push(pane, validation: nil)
    }
    #expect(monitor.panes.count == 60)
    let late = monitor.push(
      JudgedPane(version: 1, start: 0, end: 1, loss: Moments([1])), validation: nil)
    let empty = monitor.push(
      JudgedPane(version: 1, start: .max - 1, end: .max, loss: Moments()), validation: nil)
    #expect(!late && empty && monitor.panes.count == 60)
  }

  @Test("Bytes: round trip and hostile")
  func coding() throws {
    var generator = SplitMix64(seed: 3)
    var monitor = Self.monitor()
    for (index, pane) in Self.panes(.init(repeating: 0.3, count: 12), first: -5, &generator)
      .enumerated()
    {
      let own = JudgedPane(version: index / 4, start: pane.start, end: pane.end, loss: pane.loss)
      _ = monitor.push(own, validation: Self.moments(0.2, 50))
    }
    var writer = ByteWriter()
    monitor.encode(into: &writer)
    func decode(_ reader: inout ByteReader) throws(ByteError) -> PerformanceMonitor {
      try PerformanceMonitor(measure: "error", configuration: monitor.configuration, from: &reader)
    }
    var reader = ByteReader(writer.bytes)
    #expect(try decode(&reader) == monitor)
    try reader.expectEnd()
    expectHarmless(writer.bytes, decode: decode) { $0.evidence().count <= 2 }
  }
}
