import Sketches
import TestSupport

@testable import Drift

extension SplitMix64 {
  /// Standard normal at each time, with correlation `memory` between neighbours.
  mutating func autoregressive(_ last: inout Double, _ memory: Double) -> Double {
    last = memory * last + (1 - memory * memory).squareRoot() * normal()
    return last
  }
}

/// Streams of one column, by how they come about.
enum TestShape: String, CaseIterable, Sendable {
  case normal, zeros, binary, categories, constant, missing, integers, memory

  var kind: ColumnKind { self == .categories ? .category : .numeric }
}

struct TestStream {
  let shape: TestShape
  var chance: SplitMix64
  var last = 0.0
  /// Added to numbers.
  var shift = 0.0
  /// Levels that are drawn evenly once it is set.
  var evenly = false

  init(_ shape: TestShape, seed: UInt64) {
    self.shape = shape
    chance = SplitMix64(seed: seed)
  }

  mutating func next() -> ColumnValue {
    switch shape {
    case .normal: return .number(chance.normal() + shift)
    case .zeros: return .number(chance.uniform() < 0.9 ? 0 : 1 + chance.uniform() + shift)
    case .binary: return .number(chance.uniform() < 0.1 + shift ? 1 : 0)
    case .categories:
      let u = chance.uniform()
      if evenly { return .category("v\(Int(u * 5))") }
      return .category("v\([0.4, 0.7, 0.85, 0.95, 1].firstIndex { u < $0 } ?? 4)")
    case .constant: return .number(5 + shift)
    case .missing: return chance.uniform() < 0.2 ? .missing : .number(chance.normal() + shift)
    case .integers: return .number((3 * (chance.normal() + shift)).rounded(.down))
    case .memory: return .number(chance.autoregressive(&last, 0.9) + shift)
    }
  }
}

/// Streams, the reference of their first rows, and a detector for what follows.
struct TestRun {
  var streams: [TestStream]
  let reference: Reference
  var detector: ModelDetector
  var events = 0

  init(_ shapes: [TestShape], rows: Int, seed: UInt64, isOrdered: Bool = true, runLength: Double = 100_000) {
    var streams = shapes.enumerated().map { TestStream($1, seed: seed &* 1_000 &+ UInt64($0)) }
    var builder = ReferenceBuilder(
      columns: shapes.enumerated().map { ColumnSchema(name: "\($1.rawValue)\($0)", kind: $1.kind) },
      isOrdered: isOrdered)
    for _ in 0..<rows { builder.add(streams.indices.map { streams[$0].next() }) }
    self.streams = streams
    reference = builder.finish()
    detector = ModelDetector(
      reference: reference, configuration: DetectorConfiguration(averageRunLength: runLength))
  }

  mutating func pane(_ rows: Int) -> PaneCounts {
    var sketches = reference.emptySketches
    for _ in 0..<rows { for column in sketches.indices { sketches[column].add(streams[column].next()) } }
    return PaneCounts(sketches)
  }

  /// Takes panes of 16 events until an alarm is raised or `events` have been seen.
  ///
  /// - Returns: the reading that raised it, and events since the call.
  mutating func run(events most: Int, pane rows: Int = 16) -> (reading: DetectorReading, events: Int)? {
    var seen = 0
    while seen < most {
      let pane = pane(rows)
      detector.observe(pane, start: Int64(events))
      seen += rows
      events += rows
      let reading = detector.tick()
      if reading.raised { return (reading, seen) }
    }
    return nil
  }
}

extension DetectorReading {
  var leading: ColumnEvidence? { columns.first }
}
