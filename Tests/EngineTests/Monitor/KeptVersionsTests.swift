import Bytes
import Events
import TestSupport
import Testing

@testable import Engine

/// Which versions of a model Monitor goes on watching.
@Suite("Kept versions")
struct KeptVersionsTests {
  /// A monitor that has seen a pane of each version, one tick after another, and what it refused of them.
  private struct Watch {
    var monitor = ModelMonitor(configuration: MonitorStageTests.configuration().models[0])
    private var source = SourceSummaries(0)
    private(set) var tick: Milliseconds = 0
    private(set) var refused: [Int] = []

    var numbers: [Int] { monitor.versions.map(\.number) }

    /// The facts of a version come with its first pane alone.
    mutating func see(_ version: Int) {
      tick += SourceSummaries.pane
      let seen = source.records.count
      source.tick(tick, rows: 10, version: version, loss: nil)
      let verdict = monitor.observe(
        Array(source.records[seen...]), tick: tick, numbers: ExampleNumbers(sources: 1))
      if !verdict.refused.isEmpty { refused.append(version) }
    }
  }

  private static let orders: [(seen: [Int], kept: [Int])] = [
    ([1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 3, 4, 5, 6, 7, 8, 9]),
    // Version 1 came back by a rollback.
    ([1, 2, 3, 4, 5, 6, 7, 8, 1, 9], [1, 3, 4, 5, 6, 7, 8, 9]),
    ([1, 2, 3, 4, 5, 6, 7, 8, 2, 1, 9], [1, 2, 4, 5, 6, 7, 8, 9]),
    // The newcomer has the lowest number of all.
    ([2, 3, 4, 5, 6, 7, 8, 9, 1], [1, 3, 4, 5, 6, 7, 8, 9]),
    ([9, 8, 7, 6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 5, 6, 7, 8]),
  ]

  @Test("With a ninth version the one goes whose rows ended first, whatever its number", arguments: orders)
  func ninth(seen: [Int], kept: [Int]) {
    var watch = Watch()
    for version in seen { watch.see(version) }
    #expect(watch.numbers == kept && watch.refused.isEmpty)
  }

  @Test("Any order of versions keeps those whose rows ended last, by number", arguments: 0..<20 as Range<UInt64>)
  func anyOrder(seed: UInt64) {
    var chance = SplitMix64(seed: seed)
    var watch = Watch()
    var ends: [Int: Milliseconds] = [:]
    var introduced: Set<Int> = []
    var refused: [Int] = []
    for _ in 0..<60 {
      let version = 1 + chance.below(14)
      watch.see(version)
      // One that was dropped does not come back without its facts.
      if introduced.insert(version).inserted || ends[version] != nil {
        ends[version] = watch.tick
      } else {
        refused.append(version)
      }
      if ends.count > ModelMonitor.keptVersions, let first = ends.min(by: { $0.value < $1.value }) {
        ends[first.key] = nil
      }
      #expect(watch.numbers == ends.keys.sorted())
    }
    #expect(watch.refused == refused && watch.numbers.count == ModelMonitor.keptVersions)
  }

  @Test("A snapshot with versions out of order, or one twice, is refused")
  func disorder() throws {
    let configuration = MonitorStageTests.configuration()
    var watch = Watch()
    for version in 1...3 { watch.see(version) }
    func restored(_ change: (inout [VersionMonitor]) -> Void) throws -> [Int] {
      var stage = MonitorStage(partition: 0, configuration: configuration)
      stage.models = [watch.monitor]
      change(&stage.models[0].versions)
      var writer = ByteWriter()
      stage.encodeState(into: &writer)
      var reader = ByteReader(writer.bytes)
      var fresh = MonitorStage(partition: 0, configuration: configuration)
      try fresh.restoreState(from: &reader)
      return fresh.models[0].versions.map(\.number)
    }
    #expect(try restored { _ in } == [1, 2, 3])
    #expect(throws: ByteError.self) { try restored { $0.swapAt(0, 1) } }
    #expect(throws: ByteError.self) { try restored { $0.swapAt(1, 2) } }
    #expect(throws: ByteError.self) { try restored { $0[1] = $0[2] } }
  }
}
