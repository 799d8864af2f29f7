import Drift
import Sketches

/// What one stream is watched with.
struct Scenario {
  var name: String
  var kind: StreamKind
  var rows: Int
  var columns = 1
  /// Whether the season's length is told to the detector.
  var clock = false
  /// Whether the stream is the loss of a model rather than a feature.
  var isLoss = false
  var isShuffled = false
  /// Of the first column.
  var change: StreamChange?
  var pane = 16
  var runLength = 100_000.0
}

/// A reference, its detector and the stream that goes on where the reference ended.
struct Trial {
  let scenario: Scenario
  var streams: [Stream]
  var detector: ModelDetector
  let reference: Reference
  private let binners: [Binner]
  private var pane: PaneCounts
  private var rowsInPane = 0
  private(set) var event = 0
  /// Of each column, the values of the last event and of the reference.
  private(set) var newest: [Double]
  private(set) var referenceValues: [[Double]]

  init(_ scenario: Scenario, seed: Int) {
    self.scenario = scenario
    streams = (0..<scenario.columns).map {
      Stream(scenario.kind, seed: RowHash.mix(UInt64(seed) &* 7_919 &+ UInt64($0)) ^ 0x51ee_7a11)
    }
    referenceValues = Self.draw(scenario, &streams)
    reference = Self.reference(scenario, streams, referenceValues, seed: seed)
    detector = ModelDetector(
      reference: reference, configuration: DetectorConfiguration(averageRunLength: scenario.runLength))
    let columns = scenario.isLoss ? [reference.lossColumn].compactMap { $0 } : reference.columns
    let derivations = reference.derived
    binners = columns.enumerated().map { index, column in
      Binner(column, derived: derivations.first { $0.derivation.replaces == .column(index) })
    }
    newest = [Double](repeating: 0, count: scenario.columns)
    pane = Self.emptyPane(reference)
    if scenario.isLoss { pane.prediction = reference.lossColumn?.countsWithMissing.map { _ in 0 } }
  }

  private static func draw(_ scenario: Scenario, _ streams: inout [Stream]) -> [[Double]] {
    streams.indices.map { index in (0..<scenario.rows).map { _ in streams[index].next() } }
  }

  private static func reference(_ scenario: Scenario, _ streams: [Stream], _ values: [[Double]], seed: Int)
    -> Reference
  {
    let kind: ColumnKind = scenario.kind.isCategory ? .category : .numeric
    var builder = ReferenceBuilder(
      columns: scenario.isLoss ? [] : streams.indices.map { ColumnSchema(name: "x\($0)", kind: kind) },
      isOrdered: !scenario.isShuffled,
      cycle: scenario.clock ? Int64(seasonEvents) * eventMilliseconds : nil)
    if scenario.isLoss {
      for loss in values[0] { builder.add(loss: loss) }
      return builder.finish()
    }
    var order = Array(0..<scenario.rows)
    if scenario.isShuffled {
      var chance = Chance(seed: UInt64(seed))
      for last in order.indices.dropFirst().reversed() {
        order.swapAt(last, Int(chance.uniform() * Double(last + 1)))
      }
    }
    let first = streams[0].event - scenario.rows
    for row in order {
      builder.add(
        streams.indices.map { streams[$0].value(values[$0][row]) },
        time: scenario.isShuffled ? nil : Int64(first + row) * eventMilliseconds)
    }
    return builder.finish()
  }

  private static func emptyPane(_ reference: Reference) -> PaneCounts {
    PaneCounts(
      columns: reference.columns.map { $0.countsWithMissing.map { _ in 0 } },
      derived: reference.derived.map { $0.column.countsWithMissing.map { _ in 0 } })
  }

  /// Takes an event; at a pane's end returns how the model stands.
  mutating func step() -> DetectorReading? {
    for index in streams.indices {
      let time = streams[index].time
      let number = streams[index].next()
      newest[index] = number
      let bin = binners[index].bin(of: number, time: time, row: event)
      if scenario.isLoss {
        pane.prediction?[bin] += 1
      } else if binners[index].isDerived {
        pane.derived[index][bin] += 1
      } else {
        pane.columns[index][bin] += 1
      }
    }
    event += 1
    rowsInPane += 1
    guard rowsInPane == scenario.pane else { return nil }
    rowsInPane = 0
    let start = Int64(event - scenario.pane)
    if scenario.isLoss, let losses = pane.prediction {
      detector.observeLoss(losses, start: start)
      pane.prediction = losses.map { _ in 0 }
    } else {
      detector.observe(pane, start: start)
      for index in pane.columns.indices { for bin in pane.columns[index].indices { pane.columns[index][bin] = 0 } }
      for index in pane.derived.indices { for bin in pane.derived[index].indices { pane.derived[index][bin] = 0 } }
    }
    guard detector.statistic >= detector.configuration.threshold else { return nil }
    return detector.tick()
  }
}

/// Finds a value's bin as a sketch would.
private struct Binner {
  private let binning: Binning
  private let derivation: Derivation?
  /// Of the first categories, by number.
  private let binOfCategory: [Int]

  init(_ column: ColumnReference, derived: DerivedColumn?) {
    binning = derived?.column.binning ?? column.binning
    derivation = derived?.derivation
    if case .categories(let binning) = column.binning {
      binOfCategory = (0..<2_048).map { binning.bin(of: "c\($0)") }
    } else {
      binOfCategory = []
    }
  }

  var isDerived: Bool { derivation != nil }

  func bin(of number: Double, time: Int64, row: Int) -> Int {
    if number.isNaN { return binning.binCount }
    if !binOfCategory.isEmpty { return binOfCategory[Int(number)] }
    guard let derivation else {
      if case .numeric(let binning) = binning { return binning.bin(of: number) }
      return binning.binCount
    }
    let value = derivation.value(row: [.number(number)], time: time, hash: RowHash.mix(UInt64(row) ^ 0xda7a))
    if case .number(let rank) = value { return Int(rank) }
    return binning.binCount
  }
}
